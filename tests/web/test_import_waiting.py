"""The page on which an import waits: what it shows, and what a person may choose, import or discard."""

from dataclasses import replace

import pytest
from redis import Redis

from console import queue
from console.core.plan import Action, Plan, Step
from console.models import Admin, Domain, Run, RunState, Source
from console.store import domains, runs, uploads
from tests import factories
from tests.web.client import Browser, page, same
from tests.web.import_states import COLUMNS, found, queued, waiting
from tests.web.run_states import newest
from tests.web.run_states import queued as queued_sync


@pytest.fixture
def run(domain: Domain, alice: Admin) -> Run:
    return waiting(domain, alice)


def jobs(redis: Redis) -> list[object]:
    return [job.args[0] for job in queue.queue(redis).jobs]


def tiles(browser: Browser, run: Run) -> dict[str, str]:
    """The numbers of the page by what they count."""
    shown = browser.page(f"/runs/{run.id}")
    found = {}
    for tile in shown.all("li"):
        parts = [part.text for part in tile if part.attributes.get("class", "").startswith("tile-")]
        found.update({parts[0]: " ".join(parts[1:])} if parts else {})
    return found


def test_the_numbers_come_first(client: Browser, run: Run) -> None:
    assert tiles(client, run) == {
        "To add": "2",
        "To update": "0",
        "Stay as they are": "1,200",
        "Skipped": "14",
        "Billable mailboxes": "12 → 14 +2",
    }


@pytest.mark.parametrize(("after", "said"), [(12, "12 as before"), (9, "12 → 9 −3")])
def test_the_change_in_billable_mailboxes_is_said(client: Browser, domain: Domain, after: int, said: str) -> None:
    run = waiting(domain, billable={"before": 12, "after": after})
    assert tiles(client, run)["Billable mailboxes"] == said


def test_it_says_how_the_file_was_read_and_what_is_doubtful(client: Browser, run: Run) -> None:
    shown = client.page(f"/runs/{run.id}")
    for words in (
        "Format Microsoft 365 admin center",
        "Encoding UTF-8",
        "Separator comma",
        "First row names the columns",
        "New groups Sales",
        "Some rows are longer than the first.",
        "Ada Lovelace public folder Sales a@brightfield.example",
        "guest@elsewhere.example This is a guest.",
    ):
        assert words in shown.text, words


def test_a_group_that_the_file_adds_is_named_before_it_is_there(client: Browser, domain: Domain) -> None:
    run = queued(domain)
    runs.claim(run.id)
    before = factories.manual_user("ada", 1, group_id=domains.default_group(domain.id).id)
    step = Step(Action.UPDATE, before, replace(before, group_id=-1), "line 2")
    assert runs.wait(run.id, Plan(steps=(step,), read=1, usable=1), [], found(new_groups=["Vertrieb"]))
    assert "moved to the group Vertrieb" in client.page(f"/runs/{run.id}").text
    assert ",Vertrieb," in client.get(f"/runs/{run.id}/changes.csv").text


def test_what_is_skipped_is_counted_by_reason_and_listed_by_line(client: Browser, run: Run) -> None:
    shown = client.page(f"/runs/{run.id}")
    reasons = [details for details in shown.all("details") if details.attributes.get("class") == "reason"]
    summaries = [next(part.text for part in details if part.tag == "summary") for details in reasons]
    assert summaries == [
        "12 … comes from Active Dir. · HQ, which keeps it up to date.",
        "1 Line 2 has this address already.",
        "1 This is a guest.",
    ]
    assert "line 4 user000@brightfield.example" in reasons[0].text
    [more] = [link for link in shown.links() if "/import/skipped" in link]
    every = client.page(more)
    assert [row.text for row in every.all("th") if row.attributes["scope"] == "row"] == [
        f"user{number:03}@brightfield.example" for number in range(12)
    ]


def test_many_lines_of_one_reason_come_in_pages(client: Browser, domain: Domain) -> None:
    run = waiting(domain, skips=120)
    shown = client.page(f"/runs/{run.id}")
    path = next(link for link in shown.links() if "/import/skipped" in link)
    listed: list[str] = []
    while path:
        shown = client.page(path)
        listed += [row.text for row in shown.all("th") if row.attributes["scope"] == "row"]
        path = next((a.attributes["href"] for a in shown.all("a") if a.attributes.get("rel") == "next"), "")
    assert listed == [f"user{number:03}@brightfield.example" for number in range(120)]


def test_the_fragment_is_part_of_the_page(client: Browser, run: Run) -> None:
    whole = client.page(f"/runs/{run.id}").outer("run-progress")
    assert same(client.get(f"/runs/{run.id}/progress").text) == same(whole)


def test_import_hands_the_plan_that_was_shown_to_a_worker(client: Browser, redis: Redis, run: Run) -> None:
    shown = client.page(f"/runs/{run.id}")
    assert "Import 2 changes" in [button.text for button in shown.all("button")]
    seen = shown.form(f"/runs/{run.id}/approve")["seen"] or ""
    assert "Waiting for a worker." in client.act(f"/runs/{run.id}/approve", seen=seen).text
    assert (run.state, run.approved, jobs(redis)) == (RunState.QUEUED, True, [run.id])


def test_what_was_read_again_meanwhile_is_not_imported_unseen(client: Browser, redis: Redis, run: Run) -> None:
    seen = client.page(f"/runs/{run.id}").form(f"/runs/{run.id}/approve")["seen"] or ""
    assert uploads.choose(run, mode="replace")
    runs.claim(run.id)
    assert runs.wait(run.id, Plan(), [], found(mode="replace"))
    assert "was read again since you opened this page" in client.act(f"/runs/{run.id}/approve", seen=seen).text
    assert (run.state, run.approved, jobs(redis)) == (RunState.NEEDS_APPROVAL, False, [])


def test_discard_leaves_no_trace(client: Browser, redis: Redis, run: Run) -> None:
    run_id = run.id
    shown = client.act(f"/runs/{run_id}/discard")
    assert "The import is discarded: nothing was changed" in shown.text
    assert shown.all("h1")[0].text == "Users"
    assert (runs.get(run_id), uploads.of_run(run_id), jobs(redis)) == (None, None, [])


def test_it_can_be_too_late_to_discard(client: Browser, domain: Domain) -> None:
    run = queued(domain)
    assert "does not wait for approval any more" in client.act(f"/runs/{run.id}/discard").text
    assert run.state == RunState.QUEUED


def test_another_mode_has_the_file_checked_again(client: Browser, redis: Redis, domain: Domain, run: Run) -> None:
    group = domains.add_group(domain, "Sales")
    path = f"/runs/{run.id}/import/options"
    assert client.page(f"/runs/{run.id}").form(path)["group"] == str(domains.default_group(domain.id).id)
    assert "Waiting for a worker." in client.act(path, mode="replace", group=str(group.id)).text
    upload = uploads.of_run(run.id)
    assert upload is not None
    assert (upload.options["mode"], upload.options["group_id"]) == ("replace", group.id)
    assert (run.state, run.approved, jobs(redis)) == (RunState.QUEUED, False, [run.id])
    assert "does not wait any more" in client.act(path, mode="add", group=str(group.id)).text
    assert jobs(redis) == [run.id]


def test_a_mode_that_there_is_not_changes_nothing(client: Browser, redis: Redis, run: Run) -> None:
    assert "Choose what the file may do." in client.act(f"/runs/{run.id}/import/options", mode="delete").text
    assert (run.state, jobs(redis)) == (RunState.NEEDS_APPROVAL, [])


def test_columns_that_are_not_right_are_set_by_hand(client: Browser, redis: Redis, run: Run) -> None:
    path = f"/runs/{run.id}/import/columns"
    assert path in client.page(f"/runs/{run.id}").links()
    form = client.page(path).form(path)
    assert (form["meanings-0"], form["meanings-1"], form["meanings-2"], form["header"]) == (
        "name",
        "address",
        "ignore",
        "y",
    )
    chosen = {"meanings-0": "address", "meanings-1": "aliases", "meanings-2": "ignore"}
    assert "Waiting for a worker." in client.act(path, **chosen).text
    upload = uploads.of_run(run.id)
    assert upload is not None
    assert upload.options["columns"] == {"0": "address", "1": "aliases", "2": "ignore"}
    assert upload.options["header"] is False
    assert (run.state, jobs(redis)) == (RunState.QUEUED, [run.id])
    assert "does not wait any more" in client.act(path, **chosen).text


@pytest.mark.parametrize(
    ("meanings", "said"),
    [
        (("name", "aliases", "ignore"), "Say which column holds the addresses."),
        (("address", "address", "ignore"), "Only one column can be this: Address."),
        (("kind", "address", "kind"), "Only one column can be this: Kind."),
        ((), "Say which column holds the addresses."),
    ],
)
def test_columns_that_cannot_be_so_are_refused_in_words(
    client: Browser, run: Run, meanings: tuple[str, ...], said: str
) -> None:
    typed = {f"meanings-{number}": meaning for number, meaning in enumerate(meanings)}
    shown = page(client.submit(f"/runs/{run.id}/import/columns", **typed), 422)
    assert shown.error("meanings") == said
    assert run.state == RunState.NEEDS_APPROVAL


def test_a_file_whose_columns_cannot_be_told_asks_for_them_first(
    client: Browser, viewer: Browser, domain: Domain
) -> None:
    run = waiting(domain, needs_columns=True, columns=[{**column, "meaning": "ignore"} for column in COLUMNS])
    shown = client.page(f"/runs/{run.id}")
    assert f"/runs/{run.id}/import/columns" in shown.actions()
    assert f"/runs/{run.id}/approve" not in shown.actions()
    assert "Ada Lovelace" in shown.text
    assert shown.find("run-changes") is None
    client.act(f"/runs/{run.id}/approve", seen=run.started_at.isoformat() if run.started_at else "")
    assert run.state == RunState.NEEDS_APPROVAL
    assert viewer.page(f"/runs/{run.id}").actions() == ["/search", "/logout"]


def test_only_an_import_has_these_pages(client: Browser, domain: Domain) -> None:
    source: Source = factories.source(domain)
    run = queued_sync(source)
    for path in ("columns", "skipped"):
        assert client.get(f"/runs/{run.id}/import/{path}").status_code == 404
    for path in ("columns", "options"):
        assert client.submit(f"/runs/{run.id}/import/{path}").status_code == 404
    assert newest().id == run.id


def test_an_import_at_work_has_no_columns_to_choose(client: Browser, domain: Domain) -> None:
    run = queued(domain)
    assert client.get(f"/runs/{run.id}/import/columns").location == f"/runs/{run.id}"
