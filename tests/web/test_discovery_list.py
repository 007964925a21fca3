"""A list of addresses that the mail server is asked about on demand: its form, and the page where answers come in."""

from typing import Any

import pytest
from redis import Redis

from console import queue
from console.core.person import Origin, Reject
from console.core.plan import Action, Plan, Step
from console.models import Admin, Domain, Run, RunKind, RunState, db
from console.store import domains, on_demand, runs, smtp, uploads
from console.store.apply import apply
from tests import factories
from tests.web.client import Browser, page
from tests.web.import_states import file, send
from tests.web.run_states import newest
from tests.web.sighted import PATH

PROBE = f"{PATH}/probe"
LIST = "ada@brightfield.example\nbob@brightfield.example"


@pytest.fixture
def server(domain: Domain) -> None:
    factories.delivery_server(domain)


def test_without_a_mail_server_there_is_no_form(client: Browser, domain: Domain) -> None:
    shown = client.page(PATH)
    assert PROBE not in shown.actions()
    assert "It needs a mail server under Inbound SMTP." in shown.text


@pytest.mark.usefixtures("server")
def test_a_pasted_list_is_kept_and_handed_to_a_worker(
    client: Browser, redis: Redis, domain: Domain, alice: Admin
) -> None:
    answer = client.submit(PROBE, addresses=LIST, found="add")
    run = newest()
    assert (answer.status_code, answer.location) == (302, f"/runs/{run.id}")
    assert (run.kind, run.state, run.admin) == (RunKind.DISCOVERY, RunState.QUEUED, alice)
    upload = uploads.of_run(run.id)
    assert upload is not None
    assert (uploads.content(run.id).decode().split(), upload.options) == (LIST.split(), {"taking": "add"})
    assert [job.args for job in queue.queue(redis).jobs] == [(run.id,)]
    shown = client.page(answer.location)
    assert shown.all("h1")[0].text == "Addresses in a pasted list"
    assert PATH in shown.links()
    assert f"/runs/{run.id}" in client.page(PATH).links()


@pytest.mark.usefixtures("server")
def test_a_file_is_taken_with_its_name(client: Browser, domain: Domain) -> None:
    client.submit(PROBE, file=file(LIST.encode(), "var/log/mail.log"), found="review")
    run = newest()
    assert (run.title, uploads.content(run.id)) == ("Addresses in mail.log", LIST.encode())


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({}, "addresses", "Paste addresses, or choose a file."),
        ({"addresses": " \n "}, "addresses", "Paste addresses, or choose a file."),
        ({"addresses": "nobody"}, "addresses", "There is no address in it."),
        ({"file": file(b"nobody")}, "file", "There is no address in it."),
        ({"addresses": LIST, "file": file(LIST.encode())}, "addresses", "not both"),
        ({"addresses": LIST, "found": "x"}, "found", "Not a valid choice"),
    ],
)
def test_what_cannot_be_asked_is_refused_beside_its_field(
    client: Browser, domain: Domain, typed: dict[str, Any], field: str, message: str
) -> None:
    shown = page(client.submit(PROBE, **{"found": "review", **typed}), 422)
    assert message in (shown.error(field) or shown.one(field).text)
    assert shown.one("addresses").value == typed.get("addresses", "").strip("\n")
    assert db.session.query(Run).count() == 0


@pytest.mark.usefixtures("server")
def test_a_file_that_is_too_large_is_refused_beside_the_field(client: Browser, domain: Domain) -> None:
    shown = page(send(client, PROBE, b"@" * (26 * 2**20), found="review"), 413)
    assert shown.error("file").startswith("This file is too large")


@pytest.mark.usefixtures("server")
def test_there_is_one_list_at_a_time(client: Browser, domain: Domain) -> None:
    client.submit(PROBE, addresses=LIST, found="add")
    shown = page(client.submit(PROBE, addresses=LIST, found="add"), 422)
    assert "Another list of addresses" in shown.error("addresses")


def started(domain: Domain) -> Run:
    run = runs.start(RunKind.DISCOVERY, domain.id, title="Addresses in a pasted list")
    assert runs.claim(run.id)
    return run


def trial(**counts: int) -> dict[str, Any]:
    last = [
        {"address": "ada@brightfield.example", "answer": "yes", "said": "250 2.1.5 Ok"},
        {"address": "bob@brightfield.example", "answer": "no", "said": "550 5.1.1 <b>unknown</b>"},
    ]
    return {"asked": 2, "yes": 1, "no": 1, "unknown": 0, "listed": 0, "total": 3, **counts, "last": last}


PLAN = Plan(
    steps=(
        Step(
            Action.CREATE,
            None,
            factories.user("ada", None, origin=Origin.DISCOVERY, source_id=None, source_key=None),
            "250 2.1.5 Ok",
        ),
    ),
    skips=(Reject("a pasted list", "bob@brightfield.example", "mail.example.com was asked. It refuses this address."),),
    read=3,
    usable=1,
)


def test_verdicts_are_shown_while_they_come_in_the_newest_first(client: Browser, domain: Domain) -> None:
    run = started(domain)
    smtp.note(run.id, trial(), "asking", done=2, total=3)
    shown = client.page(f"/runs/{run.id}")
    assert "Asking the mail server" in shown.text
    assert "2 of 3 addresses" in shown.text
    verdicts = [
        item.text for item in shown.all("li") if item.parent and "verdicts" in item.parent.attributes.get("class", "")
    ]
    assert [text.split("@")[0] for text in verdicts] == ["refused bob", "accepted ada"]
    assert "550 5.1.1 <b>unknown</b>" in shown.text
    assert f"/runs/{run.id}/cancel" in shown.actions()


def test_a_list_that_was_to_be_looked_at_waits_for_a_person(client: Browser, domain: Domain) -> None:
    run = started(domain)
    smtp.note(run.id, trial(asked=3, unknown=1), "asked", done=3, total=3)
    assert runs.wait(run.id, PLAN, ["These addresses exist."])
    shown = client.page(f"/runs/{run.id}")
    for words in ("1 address that the mail server accepts is not on the list.", "0 → 1", "It refuses this address."):
        assert words in shown.text
    buttons = [button.text for button in shown.all("button")]
    assert {"Discard", "Add 1 user"} <= set(buttons)
    assert "waits for you" in client.page(PATH).text
    client.act(f"/runs/{run.id}/approve")
    assert runs.get(run.id).state == RunState.QUEUED  # type: ignore[union-attr]


def test_a_list_without_anybody_new_says_so(client: Browser, domain: Domain) -> None:
    run = started(domain)
    smtp.note(run.id, trial(), "asked", done=3, total=3)
    runs.succeed(run.id, counts=Plan(read=3, unchanged=0).counts)
    db.session.commit()
    assert (
        "Done: no address that the mail server accepts was missing on the list." in client.page(f"/runs/{run.id}").text
    )


def test_what_mail_has_added_can_be_taken_back(client: Browser, domain: Domain) -> None:
    run = started(domain)
    runs.applying(run.id)
    group = domains.default_group(domain.id).id
    made = factories.user("ada", None, group_id=group, origin=Origin.DISCOVERY, source_id=None, source_key=None)
    apply(run.id, domain.id, Plan(steps=(Step(Action.CREATE, None, made, "250 2.1.5 Ok"),), read=1, usable=1))
    on_demand.keep_added(run)
    runs.succeed(run.id, counts=PLAN.counts)
    db.session.commit()
    shown = client.page(f"/runs/{run.id}")
    assert "from mail that arrived" in shown.text
    assert f"/runs/{run.id}/undo" in shown.actions()
    assert "from a list" in client.page(f"{PATH}?list=added").text
