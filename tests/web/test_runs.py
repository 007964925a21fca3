"""A run's page in every state."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from console.core.person import Kind, Status
from console.core.plan import Action, Plan, Step
from console.models import Domain, Run, RunKind, Source, db
from console.store import acts, domains, roster, runs
from tests import factories
from tests.factories import manual_user
from tests.web.client import Browser, same
from tests.web.markup import Page
from tests.web.run_states import (
    applying,
    cancelled,
    discarded,
    done,
    failed,
    interrupted,
    newest,
    previewed,
    queued,
    running,
    tried,
    waiting,
)


@pytest.fixture
def source(domain: Domain) -> Source:
    return factories.source(domain)


SHOWN: list[tuple[Callable[[Source], Run], str, set[str]]] = [
    (queued, "queued Waiting for a worker.", {"cancel"}),
    (running, "running At work.", {"cancel"}),
    (waiting, "waits for you This would change the list, and waits for your approval.", {"approve", "discard"}),
    (applying, "applying Applying the changes.", set()),
    (done, "succeeded Done: 2 created.", {"again", "undo"}),
    (previewed, "succeeded This is what a sync would do. Nothing was changed.", {"again", "sync"}),
    (
        tried,
        "succeeded The connection works: 1,203 entries with a mail address found. Nothing was changed.",
        {"again", "preview"},
    ),
    (failed, "failed The server refused the password. Nobody on the list was changed.", {"again"}),
    (interrupted, f"interrupted {runs.INTERRUPTED}", {"again"}),
    (cancelled, "cancelled Cancelled. Nothing was changed.", {"again"}),
    (discarded, "discarded Discarded. Nothing was changed.", {"again"}),
]


def buttons(shown: Page) -> set[str]:
    """The last words of the addresses that the run's own buttons lead to."""
    forms = [element for element in shown.one("run-progress") if element.tag == "form"]
    return {form.attributes["action"].rpartition("/")[2] for form in forms}


@pytest.mark.parametrize(("make", "said", "offered"), SHOWN, ids=[make.__name__ for make, _, _ in SHOWN])
def test_the_page_tells_the_state_and_offers_what_can_be_done(
    client: Browser, source: Source, make: Callable[[Source], Run], said: str, offered: set[str]
) -> None:
    run = make(source)
    shown = client.page(f"/runs/{run.id}")
    assert said in shown.one("run-progress").text
    assert buttons(shown) == offered
    fragment = client.get(f"/runs/{run.id}/progress")
    assert same(fragment.text) == same(shown.outer("run-progress"))
    follows = [element for element in shown.elements if "hx-sse:connect" in element.attributes]
    assert bool(follows) == (make in (queued, running, applying))
    if shown.find("run-changes"):
        assert same(client.get(f"/runs/{run.id}/changes").text) == same(shown.outer("run-changes"))


def test_a_viewer_is_offered_nothing(viewer: Browser, source: Source) -> None:
    for make in (waiting, discarded, tried, failed):
        run = make(source)
        assert buttons(viewer.page(f"/runs/{run.id}")) == set()
        runs.discard(run.id)


def test_a_run_at_work_shows_how_far_it_is(client: Browser, source: Source) -> None:
    shown = client.page(f"/runs/{running(source).id}")
    (bar,) = shown.all("progress")
    assert (bar.attributes["value"], bar.attributes["max"]) == ("500", "1203")
    assert "Reading the directory 500 of about 1,203 entries" in shown.text
    assert "Nothing is changed until everything has been read." in shown.text


def test_a_waiting_run_shows_by_name_what_it_would_do(client: Browser, source: Source) -> None:
    shown = client.page(f"/runs/{waiting(source).id}")
    text = shown.text
    assert "It is the first run of this source: look at what it would do before it does it." in text
    assert "What it would do" in text
    assert "ada@brightfield.example CN=Ada,DC=x created Ada also a@brightfield.example" in text
    assert "office@brightfield.example created shared" in text
    assert "bob@elsewhere.example CN=Bob,OU=Old,DC=x It has no address in brightfield.example." in text
    assert not [link for link in shown.links() if link.startswith("/users/")]


def test_a_remark_on_what_is_no_address_is_shown_as_it_is(client: Browser, source: Source) -> None:
    text = client.page(f"/runs/{done(source).id}").text
    assert "Active Dir. · HQ Nobody is removed while Branch cannot be read." in text
    assert "@Active Dir." not in text


def test_the_numbers_add_up_and_lead_to_their_changes(client: Browser, source: Source) -> None:
    run = done(source)
    shown = client.page(f"/runs/{run.id}")
    tiles = [tile.text for tile in shown.all("li") if "tile" in tile.attributes.get("class", "").split()]
    assert tiles == ["Read 1,203", "Created 2", "Updated 0", "Missing 0", "Unchanged 1,200", "Skipped 1"]
    assert f"/runs/{run.id}?action=created" in shown.links()
    assert f"/domains/brightfield.example/users?origin=source:{source.id}" in shown.links()


def test_a_test_shows_what_it_found(client: Browser, source: Source) -> None:
    text = client.page(f"/runs/{tried(source).id}").text
    for said in ("Signed in as cn=reader", "Entries found 1,203", "ada@bücher.example", "The server offers no paging."):
        assert said in text
    assert "What it did" not in text


def test_a_failure_has_the_original_message_one_click_away(client: Browser, source: Source) -> None:
    shown = client.page(f"/runs/{failed(source).id}")
    (detail,) = [element for element in shown.one("run-progress") if element.tag == "details"]
    assert detail.text == "The original message data 52e, v4563 <b>"


def test_a_sync_that_changed_nothing_says_so(client: Browser, source: Source) -> None:
    run = done(source, Plan(unchanged=3, read=3, usable=3))
    shown = client.page(f"/runs/{run.id}")
    assert "Done: the list was right already, so nothing was changed." in shown.text
    assert "It changed nobody." in shown.text
    assert "undo" not in buttons(shown)


ADA = factories.user("ada", 7, aliases=["a"], first_name="Ada", last_name="Lovelace")
DIFFERENCES = [
    (
        replace(ADA, address=factories.address("augusta")),
        "address ada@brightfield.example → augusta@brightfield.example",
    ),
    (
        replace(ADA, address=factories.address("a"), aliases=(ADA.address,)),
        "address ada@brightfield.example → a@brightfield.example; alias ada@brightfield.example added",
    ),
    (
        replace(ADA, aliases=(factories.address("b"),)),
        "alias b@brightfield.example added; alias a@brightfield.example removed",
    ),
    (replace(ADA, last_name="King"), "name Ada Lovelace → Ada King"),
    (replace(ADA, first_name="", last_name=""), "name Ada Lovelace → none"),
    (replace(ADA, kind=Kind.PUBLIC_FOLDER), "kind mailbox → public folder"),
    (replace(ADA, group_id=2), "moved to the group Sales"),
    (replace(ADA, group_id=99), "moved to another group"),
    (replace(ADA, exempt=True), "exempt from sync"),
    (replace(ADA, source_key="new"), "made anew in the directory"),
]


def test_a_difference_is_told_in_words(client: Browser, source: Source) -> None:
    domains.add_group(source.domain, "Sales")
    plan = Plan(steps=tuple(Step(Action.UPDATE, ADA, after) for after, _ in DIFFERENCES))
    shown = client.page(f"/runs/{previewed(source, plan).id}")
    cells = [cell.text for cell in shown.all("td") if cell.attributes.get("data-label") == "What"]
    assert cells == [said for _, said in DIFFERENCES]


def test_a_leavers_way_is_told_with_the_reason(client: Browser, source: Source) -> None:
    gone = replace(ADA, status=Status.MISSING, reason="No longer in Active Dir. · HQ.", missing_since=factories.NOW)
    out = replace(gone, status=Status.DISABLED)
    plan = Plan(
        steps=(
            Step(Action.MISSING, ADA, gone, why=gone.reason),
            Step(Action.DISABLE, gone, out, why=gone.reason),
            Step(Action.RESTORE, out, ADA),
        )
    )
    shown = client.page(f"/runs/{previewed(source, plan).id}")
    rows = [row.text.partition("CN=")[0] for row in shown.one("run-changes") if row.tag == "tr"][1:]
    assert rows == [
        "ada@brightfield.example missing active → missing; No longer in Active Dir. · HQ.",
        "ada@brightfield.example disabled missing → disabled; No longer in Active Dir. · HQ.",
        "ada@brightfield.example restored disabled → active",
    ]


def test_a_conflict_tells_both_sides(client: Browser, source: Source) -> None:
    why = "office@brightfield.example is held by office@brightfield.example (added by hand)."
    lost = (factories.address("office"),)
    plan = Plan(
        steps=(
            Step(Action.CONFLICT, None, None, "CN=Office", why, lost, 1),
            Step(Action.CONFLICT, ADA, replace(ADA, aliases=()), "CN=Ada", why, lost, 1),
        ),
        read=2,
    )
    run = previewed(source, plan)
    shown = client.page(f"/runs/{run.id}?action=conflict")
    cells = [cell.text for cell in shown.all("td") if cell.attributes.get("data-label") == "What"]
    assert cells == [why, f"{why} The rest of the entry was used."]
    assert "What it would do: conflict" in shown.text
    assert "Conflicts 2" in shown.text


def test_a_persons_own_act_has_a_page_and_is_not_run_again(client: Browser, domain: Domain) -> None:
    factories.users(domain, manual_user("ada"))
    run = newest()
    shown = client.page(f"/runs/{run.id}")
    assert shown.all("h1")[0].text == f"Change {run.id}"
    assert "for a test" in shown.text
    assert buttons(shown) == {"undo"}
    assert client.submit(f"/runs/{run.id}/again").status_code == 404


def test_the_history_of_a_user_names_the_run_that_took_something_back(client: Browser, domain: Domain) -> None:
    (user_id,) = factories.users(domain, manual_user("ada"))
    ada = roster.by_ids([user_id])[user_id]
    plan = Plan(steps=(Step(Action.UPDATE, ada, replace(ada, first_name="Ada"), why="taken back"),))
    acts.act(domain.id, None, "Take back run 1", plan).kind = RunKind.UNDO.value
    db.session.commit()
    assert "name none → Ada Take back run 1" in client.page(f"/users/{user_id}").text
