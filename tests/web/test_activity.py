"""Activity: what changed lists and by whom, of a domain or of all, filtered, in pages and as a file."""

import csv
import datetime as dt
import io

import pytest
from sqlalchemy import text

from console.models import Admin, Domain, RunKind, RunState, Source, db, now
from console.store import activity, recipients
from console.store.activity import Filters, Mark
from tests import factories, past
from tests.factories import manual_user
from tests.web import run_states
from tests.web.client import Browser
from tests.web.markup import Page

PATH = f"/domains/{factories.DOMAIN}/activity"
LISTS = f"{PATH}?kind=lists"


@pytest.fixture
def source(domain: Domain) -> Source:
    return factories.source(domain)


def rows(shown: Page) -> list[str]:
    return [row.text for row in shown.all("tr")[1:]]


def titles(shown: Page) -> list[str]:
    return [cell.text for cell in shown.all("th") if cell.attributes.get("scope") == "row"]


def days_ago(run_id: int, number: int) -> dt.date:
    """Let a run have ended so many days ago; that day."""
    values = {"days": number, "run": run_id}
    db.session.execute(text("update runs set ended_at = now() - make_interval(days => :days) where id = :run"), values)
    db.session.commit()
    return now().date() - dt.timedelta(days=number)


def test_without_anything_it_says_what_will_stand_here(client: Browser, domain: Domain) -> None:
    shown = client.page(LISTS)
    assert "Nothing is like that" in shown.text
    assert not any(".csv" in link for link in shown.links())


def test_each_act_and_run_has_its_counts_who_did_it_and_a_link(client: Browser, alice: Admin, source: Source) -> None:
    domain = source.domain
    recipients.add(domain, alice, factories.address("ada"))
    past.sync(source, 0.5, counts={"created": 1_200, "missing": 3}, by_schedule=True)
    shown = client.page(LISTS)
    assert rows(shown) == [
        "Added ada@brightfield.example alice@rollcall.example 1 created just now",
        "Sync of Active Dir. · HQ by schedule 1,200 created, 3 missing 29 min ago",
    ]
    assert {"/runs/1", "/runs/2"} <= set(shown.links())


def test_what_changed_nobody_is_not_there(client: Browser, source: Source) -> None:
    past.sync(source, counts={"read": 9, "unchanged": 9, "conflicts": 2})
    past.sync(source, state=RunState.DISCARDED, counts={"created": 5})
    past.sync(source, state=RunState.FAILED, error="The server refused the password.")
    run_states.previewed(source)
    run_states.tried(source)
    run_states.waiting(source)
    assert titles(client.page(LISTS)) == []


def test_it_is_filtered_by_kind_person_and_text(client: Browser, alice: Admin, bob: Admin, source: Source) -> None:
    domain = source.domain
    recipients.add(domain, alice, factories.address("ada"))
    recipients.add(domain, bob, factories.address("bea"))
    past.sync(source, counts={"updated": 1})
    by = {
        "kind=sync": ["Sync of Active Dir. · HQ"],
        "kind=manual&who=BOB": ["Added bea@brightfield.example"],
        "kind=lists&who=alice@": ["Added ada@brightfield.example"],
        "who=100%25": [],
        "kind=lists&q=hq": ["Sync of Active Dir. · HQ"],
        "q=BEA": ["Added bea@brightfield.example"],
        "q=_": [],
        "kind=lists": ["Added bea@brightfield.example", "Added ada@brightfield.example", "Sync of Active Dir. · HQ"],
    }
    assert {query: titles(client.page(f"{PATH}?{query}")) for query in by} == by
    assert "Nothing is like that" in client.page(f"{PATH}?q=nobody-at-all").text


def test_an_address_finds_what_changed_its_user(client: Browser, source: Source) -> None:
    run_states.done(source)
    factories.users(source.domain, manual_user("bob"))
    assert titles(client.page(f"{PATH}?q=A@brightfield.example")) == ["Sync of Active Dir. · HQ"]
    assert titles(client.page(f"{PATH}?q=nobody@brightfield.example")) == []


def test_days_are_taken_from_their_first_to_their_last_moment(client: Browser, source: Source) -> None:
    days = [days_ago(past.sync(source, counts={"created": number + 1}).id, number) for number in (1, 2, 3)]
    by = {f"kind=lists&since={days[1]}": 2, f"until={days[1]}": 2, f"since={days[1]}&until={days[1]}": 1}
    by |= {"kind=lists&until=9999-12-31": 3, "kind=lists&since=yesterday": 3}
    assert {query: len(titles(client.page(f"{PATH}?{query}"))) for query in by} == by


def test_it_has_pages_that_keep_the_filters(client: Browser, source: Source) -> None:
    made = [past.sync(source, counts={"created": 1}).id for _ in range(51)]
    shown = client.page(f"{PATH}?kind=sync")
    assert len(titles(shown)) == 50
    [further] = [link for link in shown.links() if "after=" in link]
    assert further.startswith(f"{PATH}?kind=sync&after=")
    assert further.endswith(f"-{made[1] * 2}")
    assert len(titles(client.page(further))) == 1


def test_all_of_it_is_read_in_pieces(source: Source) -> None:
    made = [past.sync(source, counts={"created": 1}) for _ in range(5)]
    assert list(activity.every(Filters(lists=True), chunk=2)) == made[::-1]
    found = activity.at(Filters(lists=True), after=Mark.of(made[1]))
    assert (found.rows, found.before) == ([made[0]], Mark.of(made[0]))
    assert list(activity.at(Filters(lists=True), before=Mark.of(made[0]), limit=2).rows) == [made[2], made[1]]


def test_the_file_has_what_the_page_shows_on_all_pages(client: Browser, source: Source) -> None:
    past.sync(source, counts={"created": 2, "disabled": 1}, by_schedule=True)
    factories.users(source.domain, manual_user("ada"))
    db.session.execute(text("update runs set title = '=cmd' where kind = 'manual'"))
    db.session.commit()
    answer = client.get(f"{PATH}.csv?kind=lists")
    assert (answer.mimetype, answer.text[0]) == ("text/csv", "\ufeff")
    assert "brightfield.example-activity-" in answer.headers["Content-Disposition"]
    header, act, sync = csv.reader(io.StringIO(answer.text[1:]))
    assert header[:6] == ["run", "ended", "domain", "kind", "what", "by"]
    assert act[2:7] == ["brightfield.example", "manual", "'=cmd", "no account", "1"]
    assert sync[3:] == ["sync", "Sync of Active Dir. · HQ", "by schedule", "2", "0", "0", "0", "1", "0", "", "", ""]
    assert len(list(csv.reader(io.StringIO(client.get(f"{PATH}.csv?kind=sync").text)))) == 2


def test_all_domains_are_those_that_one_may_see(
    client: Browser, viewer: Browser, stranger: Browser, source: Source, mallory: Admin
) -> None:
    past.sync(source, counts={"created": 1})
    [other] = mallory.domains
    factories.users(other, manual_user("eve@mallory.example"))
    for browser in (client, viewer):
        assert len(titles(browser.page("/activity?kind=lists"))) == 2
        assert "mallory.example" in browser.get("/activity.csv").text
        assert len(titles(browser.page(LISTS))) == 1
    assert rows(stranger.page("/activity?kind=lists"))[0].startswith("for a test mallory.example")
    assert len(titles(stranger.page("/activity?kind=lists"))) == 1
    assert "brightfield" not in stranger.get("/activity.csv").text
    assert stranger.get(PATH).status_code == stranger.get(f"{PATH}.csv").status_code == 404


def test_whoever_may_see_no_domain_sees_nothing(stranger: Browser, source: Source, mallory: Admin) -> None:
    past.sync(source, counts={"created": 1})
    mallory.domains.clear()
    db.session.commit()
    assert titles(stranger.page("/activity")) == []
    assert "Nothing has happened yet" in stranger.page("/activity").text
    assert "Sync" not in stranger.get("/activity.csv").text


def test_the_acts_of_each_kind_are_told_in_words(client: Browser, domain: Domain) -> None:
    for kind, title in (
        (RunKind.IMPORT, "Import of users.csv"),
        (RunKind.GRACE, "Grace period over"),
        (RunKind.DISCOVERY, "Added x"),
        (RunKind.UNDO, "Take back run 1"),
    ):
        made = factories.run(domain, kind)
        values = {"title": title, "run": made.id}
        counts = "counts = '{\"created\": 1}'"
        db.session.execute(
            text(f"update runs set state = 'succeeded', title = :title, {counts}, ended_at = now() where id = :run"),
            values,
        )
        db.session.commit()
    assert [row.partition(" 1 created")[0] for row in rows(client.page(LISTS))] == [
        "Take back run 1 no account",
        "Added x arriving mail",
        "Grace period over by itself",
        "Import of users.csv no account",
    ]
