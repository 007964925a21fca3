"""The overview of a domain: whether it is well, and what waits for a decision."""

import pytest
from sqlalchemy import text

from console.core.days import ONE_DAY
from console.core.discovery import Ended, SightingState
from console.core.recipient import Mode
from console.models import Domain, RunKind, RunState, Source, db, now
from console.store import domains, rejections, smtp, sources
from tests import factories, past
from tests.web import overviewed, run_states, sighted
from tests.web.client import Browser
from tests.web.markup import Page
from tests.web.overviewed import PATH, checked


@pytest.fixture
def used(domain: Domain) -> Domain:
    return overviewed.used(domain)


@pytest.fixture
def source(used: Domain) -> Source:
    return overviewed.synced(used)


def said(shown: Page) -> str:
    return shown.one("wellbeing-title").text


def things(shown: Page) -> dict[str, str]:
    """What is listed below the sentence: each thing, beginning with how much it weighs, and where its link leads."""
    found = {}
    for item in [row for row in shown.one("wellbeing") if row.tag == "li"]:
        [link] = [part.attributes["href"] for part in item if part.tag == "a"]
        found[item.text] = link
    return found


def only(shown: Page) -> tuple[str, str]:
    [thing] = things(shown).items()
    return thing


def test_a_domain_that_enforces_its_list_and_waits_for_nothing_is_well(client: Browser, source: Source) -> None:
    shown = client.page(PATH)
    assert said(shown) == "All is well: mail to 3 addresses is accepted, and mail to any other is rejected."
    assert things(shown) == {}


@pytest.mark.parametrize(("mode", "words"), [("monitor", "The perimeter monitors"), ("off", "the perimeter is off")])
def test_a_perimeter_that_rejects_nothing_is_said(client: Browser, used: Domain, mode: str, words: str) -> None:
    domains.set_perimeter(used, Mode(mode))
    assert words in said(client.page(PATH))


def test_a_source_that_cannot_be_read_is_wrong(client: Browser, source: Source) -> None:
    sources.failed(source.id, "The server refused the password.")
    shown = client.page(PATH)
    assert said(shown) == "Something is wrong: 1 thing needs you."
    sentence, link = only(shown)
    assert sentence.startswith("wrong Active Dir. · HQ cannot be read. The server refused the password.")
    assert link == f"/sources/{source.id}"


def test_an_empty_list_that_is_enforced_is_wrong(client: Browser, domain: Domain) -> None:
    domains.set_perimeter(domain, Mode.ENFORCE)
    sentence, link = only(client.page(PATH))
    assert sentence.startswith("wrong All mail is rejected.")
    assert link == f"{PATH}/settings#perimeter"


def test_a_run_that_waits_for_approval_is_a_decision(client: Browser, source: Source) -> None:
    run = run_states.waiting(source)
    shown = client.page(PATH)
    assert said(shown) == "Nothing is wrong, and 1 thing waits for your decision."
    sentence, link = only(shown)
    assert sentence.startswith("waits A sync of Active Dir. · HQ waits for your approval. It is the first run")
    assert link == f"/runs/{run.id}"


def test_conflicts_of_the_last_sync_are_a_decision(client: Browser, source: Source) -> None:
    past.sync(source, counts={"read": 9, "conflicts": 3})
    other = factories.source(source.domain, name="Branch")
    sources.succeeded(other.id)
    past.sync(other, counts={"conflicts": 7})
    past.sync(other, counts={"conflicts": 0})
    # What a later one would do counts only before anything was applied.
    past.sync(other, state=RunState.DISCARDED, counts={"conflicts": 8})
    past.sync(other, kind=RunKind.PREVIEW.value, counts={"conflicts": 9})
    sentence, link = only(client.page(PATH))
    assert sentence.startswith("waits 3 conflicts of Active Dir. · HQ to settle.")
    assert link == f"/sources/{source.id}/conflicts"


def test_conflicts_of_a_first_sync_that_waits_are_one_too(client: Browser, used: Domain) -> None:
    made = factories.source(used)
    past.sync(made, state=RunState.NEEDS_APPROVAL, counts={"conflicts": 1})
    listed = list(things(client.page(PATH)))
    assert listed[0].startswith("waits 1 conflict of Active Dir. · HQ to settle.")
    assert listed[1].startswith("waits A sync of Active Dir. · HQ waits for your approval.")
    assert len(listed) == 2


def test_a_source_that_was_never_synced_is_a_decision(client: Browser, used: Domain) -> None:
    made = factories.source(used)
    sentence, link = only(client.page(PATH))
    assert sentence.startswith("waits Active Dir. · HQ was never synced. Its people are not on the list yet.")
    assert link == f"/sources/{made.id}"
    run_states.running(made)
    assert things(client.page(PATH)) == {}


@pytest.mark.parametrize(
    ("days", "weight", "words"), [(12, "waits", "expires in 12 days"), (-1, "wrong", "expired on")]
)
def test_a_secret_that_ends_is_told(client: Browser, used: Domain, days: int, weight: str, words: str) -> None:
    ends = now().date() + days * ONE_DAY
    made = factories.source(used, kind="office365", name="Sales", secret_expires_on=ends)
    sources.succeeded(made.id)
    db.session.commit()
    sentence, link = only(client.page(PATH))
    assert sentence.startswith(f"{weight} Office 365 · Sales: the client secret of the app {words}")
    assert link == f"/sources/{made.id}"


def test_addresses_in_review_are_a_decision(client: Browser, used: Domain) -> None:
    sighted.switched_on(used)
    for local in ("new", "newer"):
        sighted.sighted(used, local, SightingState.REVIEW)
    sighted.sighted(used, "spam", SightingState.REFUSED)
    sentence, link = only(client.page(PATH))
    assert sentence.startswith("waits 2 discovered addresses wait for your word.")
    assert link == f"{PATH}/discovery?list=review#sightings"


def test_discovery_that_ended_since_everything_is_accepted_is_wrong_until_a_check_is_good(
    client: Browser, used: Domain
) -> None:
    sighted.ended(used, Ended.EVERY_ADDRESS)
    [server] = smtp.of_domain(used.id)
    checked(used, server, "every_address")
    sentence, link = only(client.page(PATH))
    assert sentence.startswith("wrong Address Discovery has ended, since the mail server accepts every address.")
    assert link == f"{PATH}/discovery"
    checked(used, server, "known_only")
    assert things(client.page(PATH)) == {}


def test_discovery_that_was_turned_off_or_is_over_is_well(client: Browser, used: Domain) -> None:
    for why in (Ended.BY_HAND, Ended.IN_TIME):
        sighted.ended(used, why)
        assert things(client.page(PATH)) == {}


@pytest.mark.parametrize(
    ("finding", "weight"),
    [("unreachable", "wrong"), ("nobody", "wrong"), ("every_address", "waits"), ("unclear", "waits")],
)
def test_a_check_that_is_not_good_is_told_while_its_server_is_there(
    client: Browser, used: Domain, finding: str, weight: str
) -> None:
    server = factories.delivery_server(used)
    checked(used, server, finding)
    sentence, link = only(client.page(PATH))
    assert sentence.startswith(f"{weight} Inbound SMTP: the mail server ")
    assert link == f"{PATH}/smtp"
    smtp.remove(server)
    assert things(client.page(PATH)) == {}


def test_rejected_recipients_of_the_last_days_are_worth_a_look_and_no_trouble(client: Browser, used: Domain) -> None:
    factories.rejection(used, "old")
    db.session.execute(text("update rejections set last_at = last_at - interval '8 days'"))
    db.session.commit()
    rejections.ignore(factories.rejection(used, "spam-trap"), True)
    assert things(client.page(PATH)) == {}
    factories.rejection(used, "jane", times=3)
    shown = client.page(PATH)
    assert said(shown).startswith("All is well")
    sentence, link = only(shown)
    assert sentence.startswith("look Mail came for 1 address that is not on the list. In the last 7 days.")
    assert link == f"{PATH}/rejected"


def test_what_is_wrong_stands_first(client: Browser, source: Source) -> None:
    factories.rejection(source.domain)
    run_states.waiting(factories.source(source.domain, name="Branch"))
    sources.failed(source.id, "The server refused the password.")
    shown = client.page(PATH)
    assert said(shown) == "Something is wrong: 1 thing needs you, and 1 thing waits for your decision."
    assert [sentence.partition(" ")[0] for sentence in things(shown)] == ["wrong", "waits", "look"]


def test_a_viewer_is_told_and_a_stranger_sees_nothing(
    viewer: Browser, stranger: Browser, domain: Domain, source: Source
) -> None:
    shown = viewer.page(PATH)
    assert f"{PATH}/checklist/dismiss" not in shown.actions()
    assert viewer.submit(f"{PATH}/checklist/dismiss").status_code == 403
    assert stranger.get(PATH).status_code == 404
    assert stranger.submit(f"{PATH}/checklist/dismiss").status_code == 404
    assert not domain.checklist_done


def test_the_settings_are_a_page_of_their_own(client: Browser, domain: Domain) -> None:
    shown = client.page(PATH)
    assert f"{PATH}/settings" in shown.links()
    assert client.page(f"{PATH}/settings").one("perimeter").text.startswith("Perimeter")
