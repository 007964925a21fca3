"""Mail arrives at a real Postfix, which asks the perimeter, and what passes goes on to the server behind."""

import signal
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from flask import Flask

from console import create_app
from console.core.person import Status
from console.core.recipient import Mode
from console.models import Domain, Rejection, db
from console.settings import Settings
from console.store import domains, recipients, rejections, roster
from tests import databases, factories
from tests.e2e import gateway
from tests.e2e.gateway import DOORS, INVALID, SENDER, WORDS
from tests.processes import Deployment, Perimeter, until
from tests.servers.inbox import Inbox
from tests.servers.postfix import Postfix, why_no_postfix
from tests.servers.postgres import Postgres
from tests.servers.valkey import Valkey

NAME, ALIAS = "example.test", "alias.test"
LATER = "4.3."
SECONDS = 15
"""Within which a change of the list holds at the latest; it takes two where the machine has nothing else to do."""

KNOWN = (
    "ada@example.test",
    "lovelace@example.test",
    "ada+shop@example.test",
    "ada@alias.test",
    "lovelace+x@alias.test",
    "ADA@Example.Test",
    "ada@example.test.",
    '"ada"@example.test',
    '"john doe"@example.test',
    "srs0=hash=tt=a.example=b@example.test",
)
UNKNOWN = (
    "nobody@example.test",
    "nobody@alias.test",
    "nobody+ada@example.test",
    "nobody@example.test.",
    '"no body"@example.test',
    "gone@example.test",
    "gone+tag@alias.test",
    "x" * 65 + "@example.test",
)


@dataclass
class Site:
    """The list, the perimeter, the mail server in front of it, and the one behind."""

    domain: Domain
    deployment: Deployment
    perimeter: Perimeter
    postfix: Postfix
    inbox: Inbox
    postgres: Postgres
    valkey: Valkey

    def asked(self, door: str, *addresses: str) -> dict[str, str]:
        """What the mail server says of each recipient, in one session."""
        return gateway.asked(self.postfix, door, *addresses)

    def restart_perimeter(self) -> None:
        self.perimeter = self.deployment.perimeter(self.perimeter.policy_port, self.perimeter.socketmap_port)


@pytest.fixture(scope="module")
def site(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if why := why_no_postfix():
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("perimeter")
    with (
        Postgres.start(folder / "postgres") as postgres,
        Valkey.start(folder / "valkey") as valkey,
        databases.copy_of(databases.template(postgres, settings), postgres, settings) as copied,
        Inbox() as inbox,
    ):
        own = replace(copied, redis_url=valkey.url)
        app = create_app(own)
        with app.app_context(), Deployment(own, folder) as deployment:
            domain = _list(app)
            perimeter = deployment.perimeter()
            with gateway.in_front(perimeter, inbox, [NAME, ALIAS]) as postfix:
                yield Site(domain, deployment, perimeter, postfix, inbox, postgres, valkey)
            databases.close(app)


def _list(app: Flask) -> Domain:
    domain = factories.domain(NAME, [ALIAS])
    wanted = [
        factories.manual_user(f"ada@{NAME}", aliases=[f"lovelace@{NAME}"]),
        factories.manual_user(f'"john doe"@{NAME}'),
        factories.manual_user(f"weiß@{NAME}"),
        factories.manual_user(f"srs0=hash=tt=a.example=b@{NAME}"),
        factories.manual_user(f"gone@{NAME}", status=Status.DISABLED),
    ]
    factories.users(domain, *wanted)
    domains.set_perimeter(domain, Mode.ENFORCE)
    return domain


def verdicts(said: dict[str, str]) -> dict[str, str]:
    return {address: text[:3] for address, text in said.items()}


def reported(site: Site, address: str) -> Rejection:
    until(lambda: rejections.find(site.domain.id, address), "it is in the report")
    row = rejections.find(site.domain.id, address)
    assert row is not None
    return row


def fresh(row: Rejection) -> Rejection:
    """The row as it is in the database now."""
    db.session.refresh(row)
    db.session.commit()
    return row


@pytest.mark.parametrize("door", DOORS)
def test_a_known_recipient_passes_however_it_is_spelled(site: Site, door: str) -> None:
    assert verdicts(site.asked(door, *KNOWN)) == dict.fromkeys(KNOWN, "250")


@pytest.mark.parametrize("door", DOORS)
def test_letters_that_mail_servers_fold_are_the_same_recipient(site: Site, door: str) -> None:
    spelled = ("weiß@example.test", "WEISS@example.test", "weiss+tag@alias.test")
    assert verdicts(site.asked(door, *spelled)) == dict.fromkeys(spelled, "250")


@pytest.mark.parametrize("door", DOORS)
def test_an_unknown_recipient_is_refused_as_invalid(site: Site, door: str) -> None:
    for address, said in site.asked(door, *UNKNOWN).items():
        assert said.startswith("550 5.1.1 <"), (address, said)
        assert said.endswith(INVALID.format(words=WORDS[door])), (address, said)


@pytest.mark.parametrize("door", DOORS)
def test_a_message_passes_to_the_server_behind(site: Site, door: str) -> None:
    wanted = [f"ada+{door}@alias.test", f"lovelace+{door}@example.test"]
    with smtplib.SMTP("127.0.0.1", site.postfix.ports[door], timeout=20) as client:
        refused = client.sendmail(SENDER, [*wanted, "nobody@example.test"], "Subject: hello\r\n\r\nHello.\r\n")
    assert list(refused) == ["nobody@example.test"]
    until(lambda: set(wanted) <= set(site.inbox.recipients), "the message arrives behind")


@pytest.mark.parametrize("door", DOORS)
def test_what_is_no_domain_of_ours_is_left_to_the_mail_server(site: Site, door: str) -> None:
    said = site.asked(door, "ada@elsewhere.example", "ada@sub.example.test")
    assert {text[:9] for text in said.values()} == {"554 5.7.1"}


@pytest.mark.parametrize("door", DOORS)
def test_a_change_of_the_list_holds_at_once_or_within_seconds(site: Site, door: str) -> None:
    address = factories.address(f"new.{door}@{NAME}")
    assert site.asked(door, address)[address].startswith("550")
    recipients.add(site.domain, None, address)
    assert site.asked(door, address)[address].startswith("250")
    (user,) = roster.holding([address])
    recipients.disable(user, None)
    until(lambda: site.asked(door, address)[address].startswith("550"), "a disabled user is refused", SECONDS)


@pytest.mark.parametrize("door", DOORS)
def test_a_domain_that_monitors_or_is_off_lets_everything_through(site: Site, door: str) -> None:
    address = f"watched.{door}@example.test"
    try:
        domains.set_perimeter(site.domain, Mode.MONITOR)
        until(lambda: site.asked(door, address)[address].startswith("250"), "it is let through", SECONDS)
        # It may have been rejected once, before the mode came through: the report says what became of it last.
        until(lambda: fresh(reported(site, address)).would, "it is reported as one that would be rejected")
        domains.set_perimeter(site.domain, Mode.OFF)
        assert verdicts(site.asked(door, *UNKNOWN[:3])) == dict.fromkeys(UNKNOWN[:3], "250")
    finally:
        domains.set_perimeter(site.domain, Mode.ENFORCE)
        nobody = "nobody@example.test"
        until(lambda: site.asked(door, nobody)[nobody].startswith("550"), "it is back", SECONDS)


def test_the_report_says_who_wrote_to_whom(site: Site) -> None:
    address = "reported@alias.test"
    site.asked("policy", address, address)
    row = reported(site, address)
    assert (row.times, row.senders, row.client, row.would) == (2, [SENDER], "127.0.0.1", False)


def test_without_redis_everything_goes_on(site: Site) -> None:
    site.valkey.stop()
    try:
        address = factories.address(f"without.redis@{NAME}")
        recipients.add(site.domain, None, address)
        for door in DOORS:
            known = ("ada@example.test", str(address))
            assert verdicts(site.asked(door, *known, "nobody@example.test")) == {
                **dict.fromkeys(known, "250"),
                "nobody@example.test": "550",
            }
    finally:
        site.valkey.restart()


def test_while_postgresql_is_down_who_is_known_passes_and_nobody_is_rejected_or_let_in(site: Site) -> None:
    recipients.add(site.domain, None, factories.address(f"quiet@{NAME}"))
    until(lambda: "250" in site.asked("policy", "ada@example.test")["ada@example.test"], "it answers")
    db.session.rollback()
    db.engine.dispose()
    site.postgres.kill()
    try:
        for door in DOORS:
            said = site.asked(door, "ada@example.test", "ada+tag@alias.test", "nobody@example.test")
            assert [text[:3] for text in said.values()] == ["250", "250", "451"], said

    finally:
        site.postgres.restart()
    for door in DOORS:
        until(lambda: site.asked(door, "nobody@example.test")["nobody@example.test"][:3] == "550", "it is back", 10)  # noqa: B023 - called at once


@pytest.mark.parametrize("how", ["killed", "stopped"])
def test_while_the_perimeter_is_gone_all_mail_is_deferred(site: Site, how: str) -> None:
    addresses = ("ada@example.test", "nobody@example.test")
    if how == "killed":
        site.perimeter.kill()
    else:
        site.perimeter.stop()
    try:
        for door in DOORS:
            said = site.asked(door, *addresses)
            assert [text[:8] for text in said.values()] == [f"451 {LATER}"] * 2, said
    finally:
        site.restart_perimeter()
    for door in DOORS:
        assert verdicts(site.asked(door, *addresses)) == {"ada@example.test": "250", "nobody@example.test": "550"}


def test_what_was_asked_before_a_stop_is_in_the_report(site: Site) -> None:
    address = "last.words@example.test"
    site.asked("policy", address)
    site.perimeter.send(signal.SIGTERM)
    try:
        assert site.perimeter.wait(25) == 0
        assert rejections.find(site.domain.id, address) is not None
    finally:
        site.restart_perimeter()
