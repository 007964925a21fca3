"""The page that takes a file of users, and its help."""

import datetime as dt
from dataclasses import replace

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import func, select

from console import queue
from console.core.person import Origin, Status
from console.models import Admin, Domain, Run, RunKind, RunState, Upload, db, now
from console.settings import Settings
from console.store import domains, uploads
from tests import factories
from tests.factories import manual_user
from tests.web.client import HTMX, Browser, page, same
from tests.web.import_states import FILE, file, queued, send, waiting
from tests.web.run_states import newest

PAGE = "/domains/brightfield.example/users/import"
TOO_LARGE = "This file is too large: at most 1 MB."


@pytest.fixture
def small(app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """At most a megabyte may be uploaded."""
    monkeypatch.setitem(app.extensions, "settings", factories.changed(settings, upload_limit_mb=1))


def kept() -> int:
    return db.session.scalar(select(func.count()).select_from(Upload)) or 0


def test_the_users_page_leads_to_the_import_and_to_the_export(client: Browser, viewer: Browser, domain: Domain) -> None:
    factories.users(domain, factories.manual_user())
    export = "/domains/brightfield.example/users.csv"
    assert {PAGE, export} <= set(client.page("/domains/brightfield.example/users").links())
    shown = viewer.page("/domains/brightfield.example/users").links()
    assert (PAGE in shown, export in shown) == (False, True)


def test_an_empty_list_offers_the_import(client: Browser, domain: Domain) -> None:
    assert client.page("/domains/brightfield.example/users").links().count(PAGE) == 2


def test_a_file_is_kept_and_handed_to_a_worker(client: Browser, redis: Redis, domain: Domain, alice: Admin) -> None:
    group = domains.add_group(domain, "Sales")
    response = client.submit(PAGE, file=file(name="Users/ada/Meine Benutzer.csv"), group=str(group.id))
    run = newest()
    assert (response.status_code, response.location) == (302, f"/runs/{run.id}")
    assert (run.kind, run.state, run.admin, run.domain) == (RunKind.IMPORT, RunState.QUEUED, alice, domain)
    upload = uploads.of_run(run.id)
    assert upload is not None
    assert (upload.name, upload.size, upload.options["group_id"]) == ("Meine Benutzer.csv", len(FILE), group.id)
    assert uploads.content(run.id) == FILE
    assert [job.args for job in queue.queue(redis).jobs] == [(run.id,)]
    shown = client.page(response.location)
    assert shown.all("h1")[0].text == "Import of Meine Benutzer.csv"
    assert "Waiting for a worker." in shown.text


@pytest.mark.parametrize("name", ["", "/", "\\", "  "])
def test_a_file_without_a_name_has_one_nevertheless(client: Browser, domain: Domain, name: str) -> None:
    response = client.submit(PAGE, file=file(name=f"{name}\x00users"), group=str(domains.default_group(domain.id).id))
    assert client.page(response.location).all("h1")[0].text == "Import of users"


def test_without_a_file_the_form_says_so(client: Browser, domain: Domain) -> None:
    group = str(domains.default_group(domain.id).id)
    for typed in ({}, {"file": "text in place of a file"}, {"file": file(b"", "")}):
        shown = page(client.submit(PAGE, group=group, **typed), 422)
        assert shown.error("file") == "Select the file with your users first."
    assert (kept(), newest_import()) == (0, None)


def test_an_empty_file_is_refused_in_words(client: Browser, domain: Domain) -> None:
    shown = page(client.submit(PAGE, file=file(b""), group=str(domains.default_group(domain.id).id)), 422)
    assert shown.error("file").startswith("This file is empty.")
    assert kept() == 0


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize(("size", "status"), [(2**20 + 1, 422), (2**20 + 200_000, 413), (12 * 2**20, 413)])
def test_a_file_that_is_too_large_is_refused_beside_the_field(
    *, client: Browser, domain: Domain, small: None, size: int, status: int, headers: dict[str, str]
) -> None:
    group = domains.default_group(domain.id).id
    shown = page(send(client, PAGE, b"x" * size, headers, group=str(group)), status)
    assert shown.error("file").startswith(TOO_LARGE)
    assert shown.form(PAGE)["group"] == str(group)
    assert kept() == 0


def test_a_file_of_the_limit_is_taken(client: Browser, domain: Domain, small: None) -> None:
    group = str(domains.default_group(domain.id).id)
    assert send(client, PAGE, b"x" * 2**20, group=group).status_code == 302


def test_only_the_import_takes_so_much(client: Browser, domain: Domain) -> None:
    assert send(client, "/domains/brightfield.example/groups", b"x" * 2**21, name="Sales").status_code == 413


def test_whoever_may_not_import_sends_nothing(viewer: Browser, stranger: Browser, domain: Domain, small: None) -> None:
    for browser, status in ((viewer, 403), (stranger, 404)):
        assert send(browser, PAGE, b"x" * 2**22).status_code == status


def test_a_group_of_another_domain_is_refused(client: Browser, domain: Domain) -> None:
    other = domains.default_group(factories.domain("other.example").id).id
    assert page(client.submit(PAGE, file=file(), group=str(other)), 422).error("group")
    assert kept() == 0


def test_there_is_one_import_at_a_time(client: Browser, domain: Domain) -> None:
    run = queued(domain)
    for path in (PAGE, "/domains/brightfield.example/users"):
        assert f"/runs/{run.id}" in client.page(path).links()
    shown = page(client.submit(PAGE, file=file(), group=str(domains.default_group(domain.id).id)), 422)
    assert shown.error("file").startswith("Another import of this list has not ended.")
    assert kept() == 1


def test_the_users_page_says_that_an_import_waits(client: Browser, domain: Domain) -> None:
    waiting(domain)
    assert "Import of users.csv waits for you." in client.page("/domains/brightfield.example/users").text


def test_the_help_is_a_page_and_a_part_for_the_dialog(client: Browser, domain: Domain) -> None:
    whole = client.page(f"{PAGE}/help")
    part = client.get(f"{PAGE}/help", headers=HTMX)
    assert same(part.text) == same(whole.outer("import-help"))
    for words in ("Microsoft 365 admin center", "Google Workspace", "Add and update", "public_folder", "Get-Mailbox"):
        assert words in whole.text
    assert f"{PAGE}/template.csv" in whole.links()


def test_the_template_has_the_columns_of_the_format_and_examples_that_do_no_harm(
    client: Browser, domain: Domain
) -> None:
    response = client.get(f"{PAGE}/template.csv")
    assert response.headers["Content-Disposition"] == 'attachment; filename="users-template.csv"'
    lines = response.data.decode("utf-8-sig").splitlines()
    assert lines[0] == "address,first name,last name,kind,group,aliases,status"
    assert len(lines) > 1
    assert all("@example.com," in line for line in lines[1:])


def test_a_user_whom_a_file_left_out_shows_how_long_mail_is_accepted(client: Browser, domain: Domain) -> None:
    for hours, said in ((1, "in 3 days"), (50, "in 1 day"), (80, "within the hour")):
        since = now() - dt.timedelta(hours=hours)
        gone = manual_user(f"gone{hours}", status=Status.MISSING, reason="No longer in users.csv.", missing_since=since)
        [user_id] = factories.users(domain, replace(gone, origin=Origin.CSV))
        assert f"it is rejected {said} unless the user comes back." in client.page(f"/users/{user_id}").text


def newest_import() -> Run | None:
    return db.session.scalars(select(Run).where(Run.kind == RunKind.IMPORT)).first()
