"""What a person makes of addresses that were discovered, one by one and in bulk, and what that costs."""

import pytest
from redis import Redis

from console import queue
from console.core.discovery import SightingState
from console.core.person import Kind, Origin
from console.models import Domain, Run, RunKind, Sighting, db
from console.store import runs
from console.store.sightings import PAGE
from tests import factories
from tests.factories import manual_user
from tests.jobs.fake import NEVER, work
from tests.web.client import Browser
from tests.web.profiles import undo
from tests.web.run_states import newest
from tests.web.sighted import PATH, billable, holder, kind, sighted, state, switched_on

ADDED, REVIEW, REFUSED = SightingState.ADDED, SightingState.REVIEW, SightingState.REFUSED
NOT_OURS, UNKNOWN = SightingState.NOT_OURS, SightingState.UNKNOWN
DECIDE = f"{PATH}/decide"
ALIAS = f"{PATH}/alias"

pytestmark = pytest.mark.usefixtures("on")


@pytest.fixture
def on(domain: Domain) -> None:
    switched_on(domain)


@pytest.fixture
def jane(domain: Domain) -> int:
    """A user added by hand, whose aliases some of the addresses are."""
    [made] = factories.users(domain, manual_user("jane", first_name="Jane"))
    return made


def taken_back(shown_undo: str, browser: Browser) -> Run:
    """Undo, as a worker does it."""
    browser.submit(shown_undo)
    return work(newest(), NEVER)


def ids(*rows: Sighting) -> list[str]:
    return [str(row.id) for row in rows]


def test_an_address_in_review_is_added_with_one_click(client: Browser, domain: Domain) -> None:
    ann = sighted(domain, "ann", REVIEW)
    shown = client.act(DECIDE, list="review", one=f"add-{ann.id}")
    assert (
        "ann@brightfield.example is a user now: its mail is accepted. 1 billable mailbox more: 1 in all." in shown.text
    )
    made = holder("ann")
    assert made is not None
    assert (made.origin, made.kind, state(ann)) == (Origin.DISCOVERY, Kind.MAILBOX, ADDED)
    assert db.session.get_one(Sighting, ann.id, populate_existing=True).user_id == made.id
    back = taken_back(undo(shown), client)
    assert (back.kind, holder("ann"), state(ann)) == (RunKind.UNDO, None, REVIEW)


def test_an_address_that_the_server_refused_goes_back_there(client: Browser, domain: Domain) -> None:
    ann = sighted(domain, "ann", REFUSED)
    shown = client.act(DECIDE, list="refused", one=f"add-{ann.id}")
    assert state(ann) is ADDED
    taken_back(undo(shown), client)
    assert (holder("ann"), state(ann)) == (None, REFUSED)


@pytest.mark.parametrize("what", ["resource", "shared", "list"])
def test_an_added_address_is_of_another_kind_and_costs_nothing_then(client: Browser, domain: Domain, what: str) -> None:
    room, desk = sighted(domain, "room", ADDED), sighted(domain, "desk", ADDED)
    assert billable(domain) == 2
    shown = client.act(DECIDE, list="added", act=what, sighting=ids(room, desk))  # type: ignore[arg-type]
    assert "2 addresses are" in shown.text
    assert "2 billable mailboxes fewer: 0 in all." in shown.text
    assert (kind("room"), kind("desk"), billable(domain)) == (Kind(what), Kind(what), 0)
    taken_back(undo(shown), client)
    assert (kind("room"), billable(domain), state(room)) == (Kind.MAILBOX, 2, ADDED)


def test_an_address_in_review_becomes_a_resource_that_costs_nothing(client: Browser, domain: Domain) -> None:
    room = sighted(domain, "room", REVIEW)
    shown = client.act(DECIDE, list="review", one=f"resource-{room.id}")
    assert "Billable mailboxes: 0, as before." in shown.text
    assert (kind("room"), state(room)) == (Kind.RESOURCE, ADDED)


def test_not_ours_deletes_the_users_and_comes_back_by_undo(client: Browser, domain: Domain) -> None:
    ann, bob = sighted(domain, "ann", ADDED), sighted(domain, "bob", ADDED)
    shown = client.act(DECIDE, list="added", act="not_ours", sighting=ids(ann, bob))  # type: ignore[arg-type]
    assert "2 addresses are not yours: their mail is rejected. 2 billable mailboxes fewer: 0 in all." in shown.text
    assert (holder("ann"), holder("bob"), state(ann)) == (None, None, NOT_OURS)
    taken_back(undo(shown), client)
    assert (kind("ann"), state(ann), state(bob)) == (Kind.MAILBOX, ADDED, ADDED)


def test_not_ours_of_what_is_no_user_changes_no_list(client: Browser, domain: Domain) -> None:
    ann = sighted(domain, "ann", REVIEW)
    before = newest().id if runs.get(1) else None
    shown = client.act(DECIDE, list="review", one=f"not_ours-{ann.id}")
    assert "is not yours" in shown.text
    assert (state(ann), "Undo" in shown.text) == (NOT_OURS, False)
    assert before is None


def test_an_alias_is_given_to_a_user_who_is_looked_for(client: Browser, domain: Domain, jane: int) -> None:
    ann, bob = sighted(domain, "ann", ADDED), sighted(domain, "bob", REVIEW)
    looked = client.act(DECIDE, list="added", act="alias", sighting=ids(ann))  # type: ignore[arg-type]
    assert looked.all("h1")[0].text == "Whose alias is ann@brightfield.example?"
    assert "1 billable mailbox fewer" in looked.text
    found = client.page(f"{ALIAS}?list=added&sighting={ann.id}&user=Jane")
    assert str(jane) in [field.value for field in found.all("input") if field.attributes.get("name") == "user"]
    shown = client.act(ALIAS, list="added", sighting=ids(ann), user=str(jane))  # type: ignore[arg-type]
    assert "ann@brightfield.example is an alias of jane@brightfield.example now." in shown.text
    assert "1 billable mailbox fewer: 1 in all." in shown.text
    assert (getattr(holder("ann"), "id", None), state(ann)) == (jane, ADDED)
    client.act(ALIAS, list="review", sighting=ids(bob), user=str(jane))  # type: ignore[arg-type]
    assert (getattr(holder("bob"), "id", None), state(bob), billable(domain)) == (jane, ADDED, 1)
    listed = client.page(f"{PATH}?list=added").text
    assert listed.count("an alias of jane@brightfield.example") == 2
    taken_back(undo(shown), client)
    assert (kind("ann"), getattr(holder("ann"), "id", None)) == (Kind.MAILBOX, ann.user_id)


def test_several_become_aliases_of_one_of_them(client: Browser, domain: Domain) -> None:
    rows = [sighted(domain, local, ADDED) for local in ("ann", "ann.b", "a.b")]
    looked = client.page(f"{ALIAS}?list=added&" + "&".join(f"sighting={row.id}" for row in rows))
    assert looked.all("h1")[0].text == "Whose aliases are these 3 addresses?"
    shown = client.act(ALIAS, list="added", sighting=ids(*rows), user=str(rows[0].user_id))  # type: ignore[arg-type]
    assert "2 billable mailboxes fewer: 1 in all." in shown.text
    assert {getattr(holder(local), "id", None) for local in ("ann", "ann.b", "a.b")} == {rows[0].user_id}


def test_an_alias_is_taken_back_with_not_ours(client: Browser, domain: Domain, jane: int) -> None:
    ann = sighted(domain, "ann", REVIEW)
    client.act(ALIAS, list="review", sighting=ids(ann), user=str(jane))  # type: ignore[arg-type]
    client.act(DECIDE, list="added", one=f"not_ours-{ann.id}")
    assert (holder("ann"), holder("jane") is not None, state(ann)) == (None, True, NOT_OURS)


def test_asking_again_wakes_a_worker(client: Browser, redis: Redis, domain: Domain) -> None:
    ann, bob = sighted(domain, "ann", REFUSED), sighted(domain, "bob", REFUSED)
    shown = client.act(DECIDE, list="refused", act="ask", sighting=ids(ann, bob))  # type: ignore[arg-type]
    assert "2 addresses are asked for again." in shown.text
    assert (state(ann), db.session.get_one(Sighting, ann.id).due_at is not None) == (SightingState.WAITING, True)
    assert [job.args for job in queue.queue(redis).jobs] == [(domain.id,)]


def test_nothing_is_asked_while_discovery_is_off(client: Browser, domain: Domain) -> None:
    ann = sighted(domain, "ann", REFUSED)
    client.submit(f"{PATH}/off")
    assert (
        "Address Discovery is off, so nothing is asked." in client.act(DECIDE, list="refused", one=f"ask-{ann.id}").text
    )
    assert state(ann) is REFUSED


@pytest.mark.parametrize("act", ["", "x", "ask", "delete", "add"])
def test_an_act_that_the_list_does_not_have_is_refused(client: Browser, domain: Domain, act: str) -> None:
    ann = sighted(domain, "ann", ADDED)
    shown = client.act(DECIDE, list="added", act=act, sighting=ids(ann))  # type: ignore[arg-type]
    assert "Choose what is to become of the addresses." in shown.text


@pytest.mark.parametrize("chosen", ["", "x", "0", "9" * 30, "-1"])
def test_without_a_selection_nothing_happens(client: Browser, domain: Domain, chosen: str) -> None:
    sighted(domain, "ann", ADDED)
    shown = client.act(DECIDE, list="added", act="not_ours", sighting=chosen)
    assert "Select the addresses first" in shown.text or "does not stand in this list any more" in shown.text
    assert holder("ann") is not None


def test_what_was_decided_meanwhile_is_said_and_nothing_is_changed(client: Browser, domain: Domain) -> None:
    ann, bob = sighted(domain, "ann", REVIEW), sighted(domain, "bob", REVIEW)
    client.act(DECIDE, list="review", one=f"not_ours-{ann.id}")
    shown = client.act(DECIDE, list="review", act="add", sighting=ids(ann, bob))  # type: ignore[arg-type]
    assert "ann@brightfield.example does not stand in this list any more, so nothing was changed." in shown.text
    assert (holder("ann"), holder("bob"), state(bob)) == (None, None, REVIEW)


def test_an_address_that_somebody_got_meanwhile_stays_theirs(client: Browser, domain: Domain, jane: int) -> None:
    ann = sighted(domain, "ann", REVIEW)
    factories.users(domain, manual_user("ann"))
    for act in ("add", "resource", "not_ours"):
        shown = client.act(DECIDE, list="review", one=f"{act}-{ann.id}")
        assert "ann@brightfield.example was not added by Address Discovery." in shown.text
    shown = client.act(ALIAS, list="review", sighting=ids(ann), user=str(jane))  # type: ignore[arg-type]
    assert "was not added by Address Discovery" in shown.text
    assert kind("ann") is Kind.MAILBOX


@pytest.mark.parametrize("user", ["", "0", "x", "other"])
def test_only_a_user_of_the_domain_gets_an_alias(client: Browser, domain: Domain, user: str) -> None:
    [other] = factories.users(factories.domain("other.example"), manual_user("eve@other.example"))
    ann = sighted(domain, "ann", REVIEW)
    shown = client.act(ALIAS, list="review", sighting=ids(ann), user=str(other) if user == "other" else user)  # type: ignore[arg-type]
    assert "Choose the user who is to get the mail." in shown.text
    assert holder("ann") is None


def test_a_disabled_user_gets_no_alias(client: Browser, domain: Domain, jane: int) -> None:
    ann = sighted(domain, "ann", REVIEW)
    client.act(f"/users/{jane}/disable")
    shown = client.act(ALIAS, list="review", sighting=ids(ann), user=str(jane))  # type: ignore[arg-type]
    assert "jane@brightfield.example is disabled" in shown.text


def test_the_page_of_an_alias_without_addresses_leads_back(client: Browser, domain: Domain) -> None:
    for query in ("", "?sighting=999", "?sighting=x&user=jane"):
        assert "No addresses to give away" in client.page(ALIAS + query).text


def test_a_viewer_sees_the_lists_and_may_not_act(viewer: Browser, domain: Domain) -> None:
    ann = sighted(domain, "ann", REVIEW)
    shown = viewer.page(PATH)
    assert "ann@brightfield.example" in shown.text
    assert [form for form in shown.actions() if form.startswith(PATH) and form != PATH] == []
    for path in (DECIDE, ALIAS, f"{PATH}/on", f"{PATH}/off", f"{PATH}/choices", f"{PATH}/probe"):
        assert viewer.submit(path, list="review", one=f"add-{ann.id}").status_code == 403
    assert state(ann) is REVIEW


def test_a_stranger_finds_none_of_it(stranger: Browser, domain: Domain) -> None:
    ann = sighted(domain, "ann", REVIEW)
    assert stranger.get(PATH).status_code == 404
    assert stranger.submit(DECIDE, list="review", one=f"add-{ann.id}").status_code == 404
    mine = "/domains/mallory.example/discovery"
    assert "does not stand in this list" in stranger.act(f"{mine}/decide", list="review", one=f"add-{ann.id}").text
    assert state(ann) is REVIEW


def test_lists_are_chosen_searched_and_paged(client: Browser, domain: Domain) -> None:
    for number in range(PAGE + 1):
        sighted(domain, f"user{number:02}", REFUSED)
    ann = sighted(domain, "ann", UNKNOWN)
    tabs = [link for link in client.page(PATH).links() if "list=" in link and link.endswith("#sightings")]
    assert any("list=waiting" in link for link in tabs)
    shown = client.page(f"{PATH}?list=waiting")
    assert (len(shown.all("tr")), "451 4.7.1 Try again later" in shown.text) == (2, True)
    assert f"sighting-{ann.id}" in shown.html
    assert len(client.page(f"{PATH}?list=refused").all("tr")) == PAGE + 1
    assert len(client.page(f"{PATH}?list=refused&page=2").all("tr")) == 2
    assert len(client.page(f"{PATH}?list=refused&q=USER0").all("tr")) == 11
    assert "Nothing matches" in client.page(f"{PATH}?list=refused&q=%00zzz").text
    for query in ("?list=x&page=x", "?page=-1", "?list=added&page=999999999"):
        client.page(PATH + query)
    chosen = client.page(f"{PATH}?list=waiting&all=1")
    assert "checked" in chosen.one(f"select-{ann.id}").attributes


def test_what_a_stranger_wrote_is_only_text(client: Browser, domain: Domain) -> None:
    sighted(domain, "ann", REFUSED, said="550 <script>x</script> <img src=//evil.example>")
    shown = client.page(f"{PATH}?list=refused")
    assert "<img src=//evil.example>" in shown.text
    assert all(script.attributes.get("src", "").startswith("/static/") for script in shown.all("script"))
