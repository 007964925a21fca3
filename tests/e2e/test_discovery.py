"""Mail arrives for people who exist only behind: they come onto the list by themselves, and nobody else does."""

import datetime as dt
import json
import smtplib
from base64 import b64encode
from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest
from flask import current_app

from console import create_app, queue
from console.core.discovery import Ended, SightingState, Taking
from console.core.person import Kind, Origin
from console.models import now
from console.settings import Settings
from console.store import credentials, discovery, roster
from tests import databases, factories
from tests.e2e import discovering
from tests.e2e.discovering import ALIAS, NAME, WAIT, Site
from tests.e2e.gateway import DOORS, INVALID, SENDER, WORDS
from tests.processes import Deployment, until
from tests.servers.postfix import why_no_postfix
from tests.servers.postgres import Postgres
from tests.servers.smtp import Script
from tests.servers.valkey import Valkey

EVERYBODY = Script(known=None)


@pytest.fixture(scope="module")
def site(
    postgres: Postgres, valkey: Valkey, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    if why := why_no_postfix():
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("discovery")
    with databases.copy_of(databases.template(postgres, settings), postgres, settings) as own:
        app = create_app(own)
        with app.app_context(), Deployment(own, folder) as deployment:
            app.extensions["redis"].flushdb()
            with discovering.site(deployment, postgres, valkey) as site:
                yield site
            databases.close(app)


@pytest.fixture
def on(site: Site) -> Site:
    site.turn_on()
    return site


def turn_on_by_check(site: Site) -> None:
    """As an administrator does it: the domain's servers are checked first."""
    ends_at = now() + dt.timedelta(days=14)
    run = discovery.ask_for(site.domain, None, taking=Taking.ADD, needed=1, ends_at=ends_at)
    queue.start(current_app.extensions["redis"], run)
    until(lambda: site.switch().state != "testing", "the check has ended", 30)


def test_a_server_that_accepts_every_address_cannot_be_used(site: Site) -> None:
    with site.behind(EVERYBODY):
        turn_on_by_check(site)
    assert (site.switch().state, site.switch().ended_why) == ("off", Ended.EVERY_ADDRESS)
    assert site.retried("policy", f"anybody@{NAME}").startswith("550 5.1.1 ")
    assert site.noted() == {}


def test_after_a_good_check_it_is_on_until_its_end(site: Site) -> None:
    turn_on_by_check(site)
    assert (site.switch().state, site.switch().ended_why) == ("on", "")


@pytest.mark.parametrize("door", DOORS)
def test_a_message_to_a_person_who_exists_only_behind_is_delivered_and_the_person_is_on_the_list(
    on: Site, door: str
) -> None:
    local = f"ann.{door}"
    assert on.inbox.known is not None
    on.inbox.known.add(local)
    address = f"{local}+news@{ALIAS}"
    assert on.retried(door, address).startswith("250")
    with smtplib.SMTP("127.0.0.1", on.postfix.ports[door], timeout=20) as client:
        assert client.sendmail(SENDER, [address], "Subject: hello\r\n\r\nHello.\r\n") == {}
    until(lambda: address in on.inbox.recipients, "the message arrives behind")
    (user,) = roster.holding([factories.address(f"{local}@{NAME}")])
    assert (user.origin, user.kind, user.address) == (Origin.DISCOVERY, Kind.MAILBOX, f"{local}@{NAME}")


@pytest.mark.parametrize("door", DOORS)
def test_to_nobody_it_is_refused_as_soon_as_that_is_known_and_put_off_before(on: Site, door: str) -> None:
    address = f"nobody.{door}@{ALIAS}"
    with on.paused_worker():
        assert on.asked(door, address).startswith("450 4.1.1 " if door == "policy" else "451 4.3.0 ")
    said = on.retried(door, address)
    assert said == f"550 5.1.1 <{address}>: {INVALID.format(words=WORDS[door])}"
    assert f"nobody.{door}" not in on.on_list()


def test_a_server_that_begins_to_accept_every_address_ends_it_and_nobody_is_added(on: Site) -> None:
    before = on.on_list()
    with on.behind(EVERYBODY):
        for address, said in on.both(f"guess@{NAME}", f"other@{NAME}", f"ada@{ALIAS}"):
            assert said.startswith("250") is address.startswith("ada"), (address, said)
        until(lambda: on.switch().state == "off", "it is off")
        assert on.switch().ended_why == Ended.EVERY_ADDRESS
        assert on.retried("policy", f"guess@{NAME}").startswith("550 5.1.1 ")
    assert on.on_list() == before


def test_who_waits_for_a_review_gets_mail_and_is_not_on_the_list_yet(on: Site) -> None:
    assert on.inbox.known is not None
    on.inbox.known.add("reviewed")
    discovery.choose(on.domain.id, taking=Taking.REVIEW, needed=1, ends_at=now() + dt.timedelta(days=1))
    assert on.retried("policy", f"reviewed@{NAME}").startswith("250")
    assert on.noted()["reviewed"].state == SightingState.REVIEW
    assert "reviewed" not in on.on_list()


def test_through_the_door_for_haraka(on: Site) -> None:
    assert on.inbox.known is not None
    on.inbox.known.add("ann.haraka")
    basic = b64encode(f"haraka1:{credentials.create('haraka1')}".encode()).decode()
    web = on.deployment.web(PERIMETER_WAIT=WAIT)

    def told(local: str) -> dict[str, str]:
        body = json.dumps({"email": f"<{local}@{ALIAS}>", "ip": "192.0.2.7"}).encode()
        headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/json"}
        with urlopen(Request(f"{web.url}/api/recipients/check", body, headers), timeout=20) as answer:
            found: dict[str, str] = json.load(answer)
        return found

    def lasting(local: str) -> dict[str, str]:
        return until(lambda: found if (found := told(local))["code"] != "DENYSOFT" else {}, f"{local} is known", 30)

    assert lasting("ann.haraka") == told("ada") == {"code": "OK"}
    assert lasting("nobody.haraka") == {"code": "DENY", "message": "Invalid recipient"}
    assert "ann.haraka" in on.on_list()
    assert "nobody.haraka" not in on.on_list()
    with on.paused_worker():
        assert told("later.haraka") == {"code": "DENYSOFT", "message": "This cannot be checked now. Try again later."}
