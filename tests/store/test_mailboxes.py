"""What mailboxes are for, remembered from run to run."""

import datetime as dt

from sqlalchemy import update

from console.core.person import Kind
from console.models import Domain, MailboxKind, db, now
from console.store import mailboxes, sources
from tests import factories


def test_what_was_learned_is_kept_for_its_source_and_goes_with_it(domain: Domain) -> None:
    source, other = factories.source(domain), factories.source(domain, name="Branch")
    mailboxes.keep(source.id, {"a": Kind.SHARED, "b": Kind.MAILBOX})
    mailboxes.keep(source.id, {"b": Kind.RESOURCE})
    mailboxes.keep(source.id, {})
    mailboxes.keep(other.id, {"a": Kind.MAILBOX})
    assert mailboxes.kinds(source.id) == {"a": Kind.SHARED, "b": Kind.RESOURCE}
    assert mailboxes.kinds(other.id) == {"a": Kind.MAILBOX}
    sources.remove(source, None)
    assert mailboxes.kinds(source.id) == {}


def test_what_was_learned_long_ago_is_asked_anew(domain: Domain) -> None:
    source = factories.source(domain)
    mailboxes.keep(source.id, {"old": Kind.MAILBOX, "new": Kind.SHARED})
    then = now() - dt.timedelta(days=31)
    db.session.execute(update(MailboxKind).where(MailboxKind.key == "old").values(learned_at=then))
    db.session.commit()
    assert mailboxes.kinds(source.id) == {"new": Kind.SHARED}
    mailboxes.keep(source.id, {"old": Kind.SHARED})
    assert mailboxes.kinds(source.id)["old"] is Kind.SHARED


def test_many_are_kept_at_once(domain: Domain) -> None:
    source = factories.source(domain)
    found = {f"key-{number}": Kind.MAILBOX for number in range(12_000)}
    mailboxes.keep(source.id, found)
    assert mailboxes.kinds(source.id) == found
