"""The overview of a domain: its sources, its numbers now and over time, and the first steps of a new one."""

from typing import Any

import pytest
from sqlalchemy import event

from console.core.days import ONE_DAY
from console.core.person import Origin, Status
from console.core.recipient import Mode
from console.models import Domain, DomainDay, RunKind, Source, db, now
from console.store import domains
from console.store.overview import SHOWN_DAYS
from tests import factories, past
from tests.factories import manual_user
from tests.web import overviewed, run_states
from tests.web.client import Browser
from tests.web.overviewed import PATH, checked


@pytest.fixture
def used(domain: Domain) -> Domain:
    return overviewed.used(domain)


@pytest.fixture
def source(used: Domain) -> Source:
    return overviewed.synced(used)


def test_each_source_has_its_last_run_and_its_next(client: Browser, source: Source) -> None:
    run = past.sync(source, 0.5, counts={"read": 3})
    gone = factories.user("gone", source_id=source.id, status=Status.DISABLED)
    factories.users(source.domain, factories.user("bea", source_id=source.id), gone)
    idle = factories.source(source.domain, name="Branch", interval_minutes=None)
    shown = client.page(PATH)
    rows = [row.text for row in shown.all("tr") if "Active Dir." in row.text]
    assert rows[1] == "Active Dir. · Branch none never off 0"
    assert rows[0].startswith(f"Active Dir. · HQ succeeded Run {run.id}, ")
    assert rows[0].endswith("min ago just now in 1 h 1")
    assert {f"/sources/{source.id}", f"/sources/{idle.id}", f"/runs/{run.id}"} <= set(shown.links())


def test_numbers_of_the_list_are_those_of_now(client: Browser, used: Domain) -> None:
    tiles = [item.text for item in client.page(PATH).all("li") if item.attributes.get("class", "").startswith("tile")]
    assert tiles == ["Users 2", "Billable mailboxes 1", "Addresses accepted 3", "Perimeter Enforces"]


def test_charts_show_the_days_and_their_tables_those_on_which_something_changed(client: Browser, used: Domain) -> None:
    today = now().date()
    for ago, numbers in {91: 1, 4: 5, 3: 5, 2: 8, 1: 2}.items():
        db.session.add(
            DomainDay(
                domain_id=used.id,
                day=today - ago * ONE_DAY,
                origins={"manual": numbers},
                kinds={"mailbox": numbers},
                billable=numbers,
                accepted=numbers,
                rejected=7 if ago == 3 else 0,
            )
        )
    db.session.commit()
    shown = client.page(PATH)
    assert SHOWN_DAYS == 90

    def table(name: str) -> list[str]:
        return [row.text for row in shown.one(f"chart-{name}") if row.tag == "tr"]

    def day(ago: int) -> str:
        return f"{today - ago * ONE_DAY:%-d %b %Y}"

    assert table("origins") == ["Day By hand", f"{day(1)} 2", f"{day(2)} 8", f"{day(4)} 5"]
    assert table("kinds")[:2] == ["Day Mailboxes Resources", f"{day(0)} 1 1"]
    assert table("billable")[1:3] == [f"{day(0)} 1", f"{day(1)} 2"]
    assert table("accepted")[1] == f"{day(0)} 3"
    assert table("rejected") == ["Day Mails", f"{day(3)} 7"]
    picture = next(part for part in shown.one("chart-billable") if part.tag == "svg")
    assert picture.attributes["viewbox"] == "0 0 5 88"
    assert "8 at most, 5 at first, 1 now" in picture.text
    # Two days of 5, one of 8, one of 2, and today's 1; back along the ground.
    outline = next(
        part.attributes["d"] for part in shown.one("chart-billable") if part.attributes.get("class") == "part-1"
    )
    assert outline == "M0 33.0V33.0H2V0.0H3V66.0H4V77.0H5V88.0H0Z"


def test_without_days_the_charts_say_when_they_begin(client: Browser, used: Domain) -> None:
    shown = client.page(PATH)
    assert "The chart begins tomorrow" in shown.one("chart-origins").text
    assert "None was counted" in shown.one("chart-rejected").text


def test_a_new_domain_has_three_steps_and_five_ways_to_add_users(client: Browser, domain: Domain) -> None:
    shown = client.page(PATH)
    assert shown.one("wellbeing-title").text == "This domain is new: nobody is on its list yet."
    listed = shown.one("checklist")
    ways = {
        f"{PATH}/sources/new/active-dir",
        f"{PATH}/sources/new/office-365",
        f"{PATH}/users/new",
        f"{PATH}/users/import",
        f"{PATH}/discovery",
    }
    links = {part.attributes["href"] for part in listed if part.tag == "a"}
    assert links == ways | {f"{PATH}/ways", f"{PATH}/smtp", f"{PATH}/settings#perimeter"}
    assert listed.text.count("to do") == 3


def test_steps_are_ticked_and_the_list_goes_when_all_are_done(client: Browser, domain: Domain) -> None:
    factories.users(domain, manual_user("ada"))
    listed = client.page(PATH).one("checklist").text
    assert "Add users done" in listed
    assert listed.count("to do") == 2
    server = factories.delivery_server(domain)
    assert client.page(PATH).one("checklist").text.count("to do") == 2
    checked(domain, server, "unknown_refused")
    assert "Confirm inbound SMTP done" in client.page(PATH).one("checklist").text
    domains.set_perimeter(domain, Mode.MONITOR)
    assert client.page(PATH).find("checklist") is None


def test_the_steps_are_put_away_for_everybody(client: Browser, viewer: Browser, domain: Domain) -> None:
    assert client.act(f"{PATH}/checklist/dismiss").find("checklist") is None
    assert viewer.page(PATH).find("checklist") is None


def test_as_many_queries_for_many_sources_and_users_as_for_few(client: Browser, used: Domain) -> None:
    def asked() -> int:
        statements: list[str] = []

        def note(*told: Any) -> None:
            statements.append(told[2])

        event.listen(db.engine, "before_cursor_execute", note)
        client.page(PATH)
        event.remove(db.engine, "before_cursor_execute", note)
        assert not any(" from users" in " ".join(item.lower().split()) for item in statements)
        return len(statements)

    past.sync(factories.source(used))
    few = asked()
    for number in range(6):
        made = factories.source(used, name=f"Branch {number}")
        past.sync(made, counts={"conflicts": number})
        run_states.waiting(made)
    factories.users(
        used, *(factories.user(f"u{n}", origin=Origin.CSV, source_id=None, source_key=None) for n in range(20))
    )
    factories.run(used, RunKind.UNDO)
    assert asked() == few
