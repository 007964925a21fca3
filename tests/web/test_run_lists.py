"""The lists of a run's page: in pages both ways, filtered, and how the source was read for them."""

from dataclasses import replace

import pytest

from console.core.person import Reject
from console.core.plan import Action, Plan, Step
from console.models import Domain, RunState, Source
from console.store import runs
from tests import factories, past
from tests.web.client import Browser
from tests.web.run_states import done, previewed

ADA = factories.user("ada", 7, aliases=["a"], first_name="Ada", last_name="Lovelace")


@pytest.fixture
def source(domain: Domain) -> Source:
    return factories.source(domain)


def test_long_lists_come_in_pages(client: Browser, source: Source) -> None:
    created = [Step(Action.CREATE, None, factories.user(f"user{n:03d}", None)) for n in range(120)]
    skips = [Reject(f"CN={n}", f"skip{n:03d}@elsewhere.example", "Not ours.") for n in range(70)]
    run = previewed(
        source, Plan(steps=(*created, Step(Action.UPDATE, ADA, replace(ADA, aliases=()))), skips=tuple(skips))
    )
    seen, path = [], f"/runs/{run.id}?action=created"
    while path:
        shown = client.page(path)
        seen.append([cell.text for cell in shown.all("th") if cell.text.startswith("user")])
        path = next((link for link in shown.links() if "?after=" in link), "")
    assert [len(part) for part in seen] == [50, 50, 20]
    assert [address for part in seen for address in part] == [str(step.address) for step in created]
    assert "?before=" not in client.page(f"/runs/{run.id}?action=created").html
    back = next(link for link in shown.links() if "?before=" in link)
    assert [cell.text for cell in client.page(back).all("th") if cell.text.startswith("user")] == seen[1]
    onward = next(link for link in client.page(f"/runs/{run.id}").links() if "issues_after" in link)
    skipped = [cell.text for cell in client.page(onward).all("th") if cell.text.startswith("skip")]
    assert [text.split("@")[0] for text in skipped] == [f"skip{n:03d}" for n in range(50, 70)]
    up = next(link for link in client.page(onward).links() if "issues_before" in link)
    skipped = [cell.text for cell in client.page(up).all("th") if cell.text.startswith("skip")]
    assert [text.split("@")[0] for text in skipped] == [f"skip{n:03d}" for n in range(50)]


def test_the_filter_for_what_was_skipped_shows_where_what_and_why(client: Browser, source: Source) -> None:
    run = done(source)
    link = f"/runs/{run.id}?action=skipped"
    assert link in client.page(f"/runs/{run.id}").links()
    shown = client.page(link)
    assert shown.find("run-changes-title") is None
    assert "bob@elsewhere.example CN=Bob,OU=Old,DC=x It has no address in brightfield.example." in shown.text
    assert f"/runs/{run.id}" in shown.links()
    assert client.page(f"/runs/{run.id}?action=created").find("run-issues-title") is None
    runs.forget_remarks(factories.NOW.replace(year=factories.NOW.year + 9))
    assert "What this run skipped is no longer on record" in client.page(link).text
    nothing = done(source, Plan(unchanged=3, read=3, usable=3))
    assert "It skipped nothing." in client.page(f"/runs/{nothing.id}?action=skipped").text


def test_a_run_tells_how_its_source_was_read(client: Browser, source: Source) -> None:
    first, failed = (
        past.sync(source, 3, reading_why="That is done once a day."),
        past.sync(source, 2, RunState.FAILED, error="No answer."),
    )
    second, early = past.sync(source, 1, reading="changes"), past.sync(source, 9, reading="")
    assert "Read in full. That is done once a day." in client.page(f"/runs/{first.id}").text
    shown = client.page(f"/runs/{second.id}")
    assert f"Read only what changed since run {first.id}, 3 h ago." in shown.text
    assert f"/runs/{first.id}" in shown.links()
    for run in (failed, early):
        text = client.page(f"/runs/{run.id}").text
        assert "Read in full" not in text
        assert "Read only" not in text
    alone = past.sync(factories.source(source.domain, name="Branch"), reading="changes")
    assert "Read only what changed since the sync before." in client.page(f"/runs/{alone.id}").text


def test_no_place_in_a_list_breaks_the_page(client: Browser, source: Source) -> None:
    run = previewed(source)
    for query in (
        "after=x",
        "after=-1",
        f"after={2**63}",
        f"issues_after={10**30}",
        "action=%00",
        "action=moon",
        "after=",
    ):
        assert "ada@brightfield.example" in client.page(f"/runs/{run.id}?{query}").text, query
    assert "It would change nobody." in client.page(f"/runs/{run.id}?after={2**63 - 1}").text
