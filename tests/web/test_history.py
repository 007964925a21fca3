"""The history of a source: a chart and a table of its syncs, filters, pages and the file."""

import csv
import io
import re

import pytest

from console.models import Admin, Domain, RunKind, RunState, Source, db
from console.store import sources, syncs
from console.web.history_chart import CHANGES_HEIGHT, DURATION_HEIGHT, FEWEST, SLOT, chart
from tests import factories, past
from tests.web.client import Browser
from tests.web.markup import Page


@pytest.fixture
def source(domain: Domain) -> Source:
    return factories.source(domain)


def rows(shown: Page) -> list[str]:
    return [row.text for row in shown.all("tr")[1:]]


def test_a_source_without_syncs_says_what_will_stand_here(client: Browser, source: Source) -> None:
    factories.run(source.domain, RunKind.PREVIEW, source)
    shown = client.page(f"/sources/{source.id}/history")
    assert "No sync yet" in shown.text
    assert shown.find("history-chart") is None


def test_each_sync_is_a_row_with_its_numbers_and_leads_to_its_page(client: Browser, source: Source) -> None:
    counts = {"read": 1_236, "created": 3, "updated": 14, "restored": 1, "missing": 2, "disabled": 5}
    first = past.sync(source, 3, counts={**counts, "conflicts": 6, "skipped": 17}, took=184)
    past.sync(source, 2, counts={"read": 1}, took=0.44, reading="changes")
    shown = client.page(f"/sources/{source.id}/history")
    assert rows(shown) == [
        "Sync 2, 2 h ago succeeded Changes only 1 0 0 0 0 0 0 0 0.4 s",
        "Sync 1, 3 h ago succeeded Full 1,236 3 14 1 2 5 6 17 3 min 4 s",
    ]
    assert f"/runs/{first.id}" in shown.links()
    headings = [cell.text for cell in shown.all("th") if cell.attributes.get("scope") == "col"]
    assert headings[:3] + headings[-1:] == ["Started", "State", "Reading", "Took"]
    assert headings[3:-1] == ["Read", "Created", "Updated", "Restored", "Missing", "Disabled", "Conflicts", "Skipped"]


def test_a_sync_that_failed_says_why_in_place_of_numbers(client: Browser, alice: Admin, source: Source) -> None:
    past.sync(source, 1, RunState.FAILED, error="The server refused the password.", took=2, admin=alice)
    [row] = rows(client.page(f"/sources/{source.id}/history"))
    assert row == "Sync 1, 1 h ago alice@rollcall.example failed The server refused the password. 2.0 s"


def test_it_is_narrowed_by_links_that_keep_the_choice_in_the_address(client: Browser, source: Source) -> None:
    past.months(source)
    page = f"/sources/{source.id}/history"
    shown = client.page(page)
    assert {page, f"{page}?only=changed", f"{page}?only=failed", f"{page}.csv"} <= set(shown.links())
    failed = client.page(f"{page}?only=failed")
    assert failed.find("history-chart") is None
    assert [re.findall("failed|interrupted", row)[0] for row in rows(failed)] == ["interrupted", *["failed"] * 3]
    assert [link.text for link in failed.all("a") if link.attributes.get("aria-current") == "true"] == ["Failed"]
    assert f"{page}.csv?only=failed" in failed.links()
    changed = rows(client.page(f"{page}?only=changed"))
    assert 0 < len(changed) < 20
    assert all("succeeded" in row for row in changed)
    assert rows(client.page(f"{page}?only=moon&after=x&before=-1")) == rows(shown)


def test_a_filter_that_nothing_matches_says_so(client: Browser, source: Source) -> None:
    past.sync(source)
    page = f"/sources/{source.id}/history"
    assert "No sync of this source has failed." in client.page(f"{page}?only=failed").text
    assert "No sync of this source has changed anything yet." in client.page(f"{page}?only=changed").text
    assert page in client.page(f"{page}?only=changed").links()


def test_long_histories_come_in_pages_both_ways(client: Browser, source: Source) -> None:
    for number in range(120):
        past.sync(source, 120 - number, counts={"created": 1} if number % 2 else {})
    walk = []
    path = f"/sources/{source.id}/history"
    while path:
        shown = client.page(path)
        walk.append(rows(shown))
        path = next((link.attributes["href"] for link in shown.all("a") if link.attributes.get("rel") == "next"), "")
    assert [len(page) for page in walk] == [50, 50, 20]
    back = next(link.attributes["href"] for link in shown.all("a") if link.attributes.get("rel") == "prev")
    assert rows(client.page(back)) == walk[1]
    onward = client.page(f"/sources/{source.id}/history?only=changed")
    [link] = [link.attributes["href"] for link in onward.all("a") if link.attributes.get("rel") == "next"]
    assert "only=changed" in link
    assert len(rows(client.page(link))) == 10


def test_the_chart_has_the_runs_of_the_table_and_says_so_in_words(client: Browser, source: Source) -> None:
    past.months(source)
    shown = client.page(f"/sources/{source.id}/history")
    images = [image for image in shown.all("svg") if image.attributes.get("role") == "img"]
    ids = {element.attributes.get("id") for image in images for element in image}
    assert all(set(image.attributes["aria-labelledby"].split()) <= ids for image in images)
    assert shown.one("chart-changes").text == "Changes of 42 syncs"
    assert "by 1,204 at most; 4 failed." in shown.one("chart-changes-more").text
    assert shown.one("chart-duration").text == "Duration of 42 syncs, 3 min 4 s at most"
    told = [title.text for title in shown.one("history-chart") if title.tag == "title" and "id" not in title.attributes]
    assert len(told) == 42
    assert told[0].endswith("UTC: succeeded, 1,204 created, 3 min 4 s")
    assert "nothing changed" in told[1]


def test_bars_grow_with_what_a_sync_changed(source: Source) -> None:
    past.sync(source, counts={"created": 60, "restored": 20, "updated": 10, "missing": 6, "disabled": 4}, took=80)
    past.sync(source, counts={"updated": 25}, took=20)
    past.sync(source, counts={"unchanged": 9}, took=0)
    past.sync(source, state=RunState.FAILED)
    past.sync(source, state=RunState.NEEDS_APPROVAL, counts={"missing": 900})
    drawn = chart(syncs.at(source.id).rows)
    large, small, none, failed, waiting = drawn.columns
    assert (drawn.most, drawn.longest, drawn.width) == (100, 80, FEWEST * SLOT)
    assert [bar.tone for bar in large.changes] == ["came", "updated", "went"]
    assert [round(bar.height / CHANGES_HEIGHT, 2) for bar in large.changes] == [0.8, 0.1, 0.1]
    assert large.changes[-1].y == pytest.approx(0, abs=0.2)
    assert [round(bar.height / CHANGES_HEIGHT, 2) for bar in small.changes] == [0.5]
    assert none.changes == ()
    assert [bar.tone for bar in (*failed.changes, *waiting.changes)] == ["failed", "left"]
    assert [column.x for column in drawn.columns] == sorted(column.x for column in drawn.columns)
    assert large.duration is not None
    assert small.duration is not None
    assert (large.duration.height, small.duration.height) == (DURATION_HEIGHT, DURATION_HEIGHT / 4)
    assert waiting.duration is None


def test_the_file_has_every_sync_that_the_filter_shows(client: Browser, viewer: Browser, source: Source) -> None:
    past.months(source)
    past.sync(source, 0.5, RunState.FAILED, error="=1+1 is no host.", took=2)
    path = f"/sources/{source.id}/history.csv"
    answer = viewer.get(path)
    assert (answer.mimetype, answer.headers["Content-Disposition"]) == (
        "text/csv",
        f'attachment; filename="source-{source.id}-history.csv"',
    )
    assert answer.text.startswith("\ufeffrun,started,")
    read = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert len(read) == 43
    newest, oldest = read[0], read[-1]
    assert (newest["state"], newest["created"], newest["error"]) == ("failed", "", "'=1+1 is no host.")
    assert (oldest["state"], oldest["reading"], oldest["created"], oldest["seconds"], oldest["by"]) == (
        "succeeded",
        "full",
        "1204",
        "184.0",
        "by schedule",
    )
    assert len(client.get(f"{path}?only=failed").text.splitlines()) == 6


def test_the_way_to_the_history_is_on_both_pages(client: Browser, source: Source) -> None:
    past.sync(source, took=1.2)
    page = f"/sources/{source.id}/history"
    assert page in client.page(f"/sources/{source.id}").links()
    listing = client.page(f"/domains/{source.domain.name}/sync")
    assert page in listing.links()
    assert "took" not in listing.one(f"source-{source.id}").text
    sources.succeeded(source.id)
    db.session.commit()
    listing = client.page(f"/domains/{source.domain.name}/sync")
    assert "took 1.2 s" in listing.one(f"source-{source.id}").text
    headings = [cell.text for cell in listing.all("th") if cell.attributes.get("scope") == "col"]
    assert {"Conflicts", "Took"} <= set(headings)
