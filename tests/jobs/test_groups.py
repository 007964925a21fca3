"""A group is deleted, and comes back with the undo, whether a page did it or a worker."""

import pytest

from console.core.errors import RefusedError, StaleError
from console.core.person import User
from console.models import Admin, Domain, Group, Run, RunKind, Source
from console.store import bulk, domains, groups, recipients, records, roster, runs
from tests import factories
from tests.factories import manual_user, person
from tests.jobs.fake import NEVER, Fake, now, sync, synced, work


@pytest.fixture
def sales(domain: Domain) -> Group:
    """A group of two users by hand and one of a source that puts its users there."""
    group = domains.add_group(domain, "Sales")
    factories.users(domain, manual_user("ada", group_id=group.id), manual_user("bob", group_id=group.id))
    synced(factories.source(domain, group_id=group.id), person("cyd"))
    return group


def names(domain: Domain) -> list[str]:
    return [group.name for group in domains.groups(domain.id)]


def listed(domain: Domain) -> list[User]:
    return sorted(roster.of_domain(domain.id), key=lambda user: user.id or 0)


def only(found: list[Source]) -> Source:
    [source] = found
    return source


def deleted(group: Group, admin: Admin | None = None) -> Run:
    return groups.delete(group, admin, seen=groups.look(group).seen)


def undo(run: Run) -> Run:
    return work(runs.start(RunKind.UNDO, run.domain_id, undoes=run), NEVER)


def sizes(domain: Domain) -> dict[str, int]:
    counted = domains.group_sizes(domain.id)
    return {group.name: counted.get(group.id, 0) for group in domains.groups(domain.id)}


@pytest.mark.parametrize("at_once", [500, 1])
def test_the_users_and_the_sources_go_to_default_and_all_of_it_comes_back(
    domain: Domain, sales: Group, alice: Admin, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", at_once)
    before, sales_id = listed(domain), sales.id
    run = deleted(sales, alice)
    assert run.is_open == (at_once == 1)
    if run.is_open:
        assert run.title == "Delete the group Sales"
        assert names(domain) == ["Default", "Sales"], "until a worker comes to it"
        run = work(run, NEVER)
    default = domains.default_group(domain.id)
    assert (run.state, run.title, run.counts["updated"]) == ("succeeded", "Deleted the group Sales", 3)
    assert sizes(domain) == {"Default": 3}
    assert only(groups.sources(domain.id)[default.id]).name == "HQ"
    undone = undo(run)
    assert (undone.state, undone.counts["updated"], undone.counts["skipped"]) == ("succeeded", 3, 0)
    assert listed(domain) == before
    assert sizes(domain) == {"Default": 0, "Sales": 3}
    assert only(groups.sources(domain.id)[sales_id]).name == "HQ"


def test_an_empty_group_comes_back_too(domain: Domain) -> None:
    run = deleted(domains.add_group(domain, "Empty"))
    assert names(domain) == ["Default"]
    undo(run)
    assert names(domain) == ["Default", "Empty"]


def test_what_was_changed_since_stays_and_a_name_that_is_taken_gets_a_number(domain: Domain, sales: Group) -> None:
    run = deleted(sales)
    domains.add_group(domain, "SALES")
    [ada] = [user for user in listed(domain) if user.address.startswith("ada@")]
    recipients.disable(ada, None)
    undone = undo(run)
    assert (undone.counts["updated"], undone.counts["skipped"]) == (2, 1)
    assert names(domain) == ["Default", "SALES", "Sales 2"]


def test_the_default_group_is_not_deleted(domain: Domain) -> None:
    default = domains.default_group(domain.id)
    with pytest.raises(RefusedError, match="cannot be deleted"):
        deleted(default)


def test_nothing_is_done_when_others_are_in_the_group_than_was_told(domain: Domain, sales: Group) -> None:
    seen = groups.look(sales).seen
    factories.users(domain, manual_user("dan", group_id=sales.id))
    with pytest.raises(StaleError):
        groups.delete(sales, None, seen=seen)
    assert sizes(domain) == {"Default": 0, "Sales": 4}


def test_a_run_that_waits_to_add_users_to_the_group_adds_them_to_default(domain: Domain) -> None:
    group = domains.add_group(domain, "Sales")
    source = factories.source(domain, group_id=group.id)
    waiting = sync(source, Fake([person("ada")]))
    assert waiting.state == "needs_approval"
    deleted(group)
    assert runs.approve(waiting.id)
    assert work(now(waiting), NEVER).state == "succeeded"
    assert sizes(domain) == {"Default": 1}
    assert [change.action for change in records.changes(waiting.id)] == ["created"]
