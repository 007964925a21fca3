"""Every route is in the table of who may do what, and every route is tried as everyone."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, url_for
from sqlalchemy import func, select
from werkzeug.routing import Rule

from console.models import Base, Role, RunKind, db
from console.store import invitations, sessions
from console.web import STREAMS
from tests import factories
from tests.web.client import ELSEWHERE, HTMX, Browser, page
from tests.web.import_states import waiting
from tests.web.route_table import (
    ANYONE,
    BEHIND_SIGN_IN,
    BY_CREDENTIAL,
    OF_DOMAIN,
    OWNER,
    READER_OF_DOMAIN,
    WRITER,
    WRITER_OF_DOMAIN,
)

pytestmark = pytest.mark.usefixtures("rows")


@pytest.fixture
def rows(app: Flask) -> None:
    """One of everything, each with the id 1, but for an import, and so an address of its own."""
    domain = factories.domain(aliases=["brightfield-group.example"])
    source = factories.source(domain)
    factories.users(domain, factories.user("ada", source_id=source.id))
    factories.run(domain, RunKind.TEST, source)
    waiting(domain)
    factories.delivery_server(domain)
    factories.rejection(domain)
    sessions.begin(factories.admin("carol@rollcall.example", Role.ADMIN), ELSEWHERE)
    invitations.make("dora@rollcall.example", Role.VIEWER, None, None)


VALUES: dict[str, Any] = {
    "name": factories.DOMAIN,
    "way": "office-365",
    "alias": "brightfield-group.example",
    "group_id": 1,
    "user_id": 1,
    "source_id": 1,
    "server_id": 1,
    "rejection_id": 2,
    "run_id": 1,
    "import_id": 3,
    "admin_id": 1,
    "session_id": 1,
    "invitation_id": 1,
    "token": "of-a-link",
    "topic": "users",
    "filename": "favicon.svg",
}


def rules(app: Flask) -> Iterator[tuple[str, Rule]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield f"{method} {rule.endpoint}", rule


def address(app: Flask, route: str) -> str:
    endpoint = route.partition(" ")[2]
    rule = next(rule for name, rule in rules(app) if name == route)
    with app.test_request_context():
        return url_for(endpoint, **{name: VALUES[name] for name in rule.arguments})


def ask(browser: Browser, app: Flask, route: str) -> int:
    """Ask for a route, a POST with an empty form and the right token; the status."""
    path = address(app, route)
    response = browser.get(path) if route.startswith("GET") else browser.submit(path)
    response.close()
    return response.status_code


def counts() -> dict[str, int]:
    """How many rows each table has; what was refused goes on record, and is counted in a test of its own."""
    tables = [table for table in Base.metadata.sorted_tables if table.name != "events"]
    return {table.name: db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def test_every_route_is_in_the_table(app: Flask) -> None:
    assert {name for name, _ in rules(app)} == ANYONE | BY_CREDENTIAL | BEHIND_SIGN_IN


def test_only_a_few_pages_are_for_anyone(app: Flask, anonymous: Browser) -> None:
    found = {name: ask(anonymous, app, name) for name in ANYONE}
    # Where no app of the operator is configured, there is no signing in with Microsoft.
    assert found == {
        "GET login.show": 200,
        "POST login.submit": 422,
        "GET microsoft.begin": 404,
        "GET microsoft.back": 404,
        "GET microsoft.wait": 302,
        # Without a mail relay the page says whom to ask.
        "GET resets.ask": 200,
        "POST resets.submit": 200,
        "GET resets.open_link": 302,
        "GET resets.show": 410,
        "POST resets.save": 410,
        # Nobody has taken the first step.
        "GET second_step.show": 302,
        "POST second_step.submit": 302,
        "POST second_step.recover": 302,
        "POST passkeys.sign_in_challenge": 200,
        "POST passkeys.sign_in": 302,
        "GET invitations.open_link": 302,
        "GET invitations.show": 410,
        "POST invitations.accept": 410,
        # There is an account, and no token.
        "GET setup.show": 404,
        "POST setup.create": 404,
        # Nobody who chooses a password.
        "POST strength.show": 204,
        "GET health.live": 200,
        "GET health.ready": 503,
        "GET static": 200,
    }


def test_anonymous_is_sent_to_sign_in_from_every_other(app: Flask, anonymous: Browser) -> None:
    before = counts()
    for name in sorted(BEHIND_SIGN_IN):
        path = address(app, name)
        method = name.partition(" ")[0]
        plain = anonymous.open(path, method=method)
        assert (plain.status_code, plain.location.partition("?")[0]) == (302, "/login"), name
        partial = anonymous.open(path, method=method, headers=HTMX)
        # HTMX would connect a stream again and again that is answered well, and without a body.
        expected = 401 if name.removeprefix("GET ") in STREAMS else 204
        assert (partial.status_code, partial.headers["HX-Redirect"], partial.text) == (expected, "/login", ""), name
    assert counts() == before


def test_a_page_that_was_asked_for_is_where_the_sign_in_leads_on_to(app: Flask, anonymous: Browser) -> None:
    assert anonymous.get("/domains/brightfield.example/users?q=a&kind=list").location == (
        "/login?next=/domains/brightfield.example/users?q%3Da%26kind%3Dlist"
    )
    assert anonymous.post("/runs/1/cancel").location == "/login"


def test_what_belongs_to_another_domain_is_not_there(app: Flask, stranger: Browser) -> None:
    before = counts()
    assert {name: ask(stranger, app, name) for name in OF_DOMAIN} == dict.fromkeys(OF_DOMAIN, 404)
    assert counts() == before


def test_whoever_is_no_owner_sees_no_accounts(app: Flask, viewer: Browser, stranger: Browser) -> None:
    before = counts()
    for browser in (viewer, stranger):
        assert {name: ask(browser, app, name) for name in OWNER} == dict.fromkeys(OWNER, 404)
    assert counts() == before


def test_a_viewer_sees_every_page_and_changes_nothing(app: Flask, viewer: Browser) -> None:
    before = counts()
    assert {name: ask(viewer, app, name) for name in READER_OF_DOMAIN} == dict.fromkeys(READER_OF_DOMAIN, 200)
    writes = WRITER_OF_DOMAIN | WRITER
    assert {name: ask(viewer, app, name) for name in writes} == dict.fromkeys(writes, 403)
    assert counts() == before


def test_a_viewer_is_shown_no_way_to_change_anything(app: Flask, viewer: Browser) -> None:
    """Neither a form that posts, but for signing out and one's own password, nor a link to a page that refuses them."""
    writes = {address(app, name) for name in WRITER_OF_DOMAIN | WRITER if "login" not in name}
    reads = {address(app, name) for name in READER_OF_DOMAIN}
    for name in READER_OF_DOMAIN | {"GET domains.index"}:
        response = viewer.get(address(app, name))
        if response.mimetype == "text/html":
            shown = page(response)
            posts = [form.attributes.get("action") for form in shown.all("form") if form.attributes["method"] == "post"]
            assert set(posts) <= {"/logout"}, name
            assert not (writes - reads) & set(shown.links()), name


def test_an_owner_may_do_everything(app: Flask, client: Browser) -> None:
    refused = {}
    for name in sorted(
        BEHIND_SIGN_IN, key=lambda name: (name.endswith((".delete", ".remove", ".revoke", ".sign_out")), name)
    ):
        status = ask(client, app, name)
        # Where no user is selected, there is no change to ask about.
        onward = name in ("GET domains.home", "GET bulk.confirm")
        expected = {200} if name.startswith("GET") and not onward else {200, 302, 422}
        if status not in expected:
            refused[name] = status
    # The run is what put the user on the list, and only what a source does can be run again.
    # And without an app of the operator nothing can be connected, nor has anybody begun to.
    connecting = {"GET connect.begin": 404, "GET connect.again": 404, "GET connect.back": 400}
    assert refused == {"POST runs.again": 404, "POST conflicts.keep": 404, **connecting}


def test_a_form_without_its_token_is_refused_and_does_nothing(app: Flask, client: Browser) -> None:
    posts = {name for name in BEHIND_SIGN_IN | ANYONE if name.startswith("POST")}
    before = counts()
    assert {name: client.post(address(app, name)).status_code for name in posts} == dict.fromkeys(posts, 400)
    assert counts() == before


def test_a_token_of_another_session_is_refused(app: Flask, client: Browser, viewer: Browser) -> None:
    foreign = viewer.token()
    assert client.post("/users/1/disable", data={"csrf_token": foreign}).status_code == 400
    assert client.post("/users/1/disable", headers={"X-CSRFToken": foreign}).status_code == 400
    assert client.post("/users/1/disable", headers={"X-CSRFToken": client.token()}).status_code == 302


def test_a_method_that_a_page_does_not_have_is_refused(app: Flask, client: Browser) -> None:
    methods: dict[str, set[str]] = {}
    for name, _ in rules(app):
        methods.setdefault(address(app, name), set()).add(name.partition(" ")[0])
    for path, allowed in methods.items():
        if path.startswith("/static/"):
            continue  # WhiteNoise answers these before Flask sees them.
        for method in {"GET", "POST", "PUT", "DELETE"} - allowed:
            response = client.open(path, method=method)
            assert response.status_code == 405, f"{method} {path}"
            assert allowed <= set(response.headers["Allow"].split(", ")), f"{method} {path}"


def test_a_number_that_no_row_has_is_not_there(client: Browser) -> None:
    for number in (0, 999, 2**31, 2**63 - 1, 2**63, 10**400):
        for path in (f"/users/{number}", f"/groups/{number}", f"/sources/{number}", f"/runs/{number}"):
            assert client.get(path).status_code == 404, path


def test_a_name_that_no_domain_has_is_not_there(app: Flask, client: Browser) -> None:
    for name in (
        "nobody.example",
        "BRIGHTFIELD.EXAMPLE",
        "%00",
        "brightfield.example%00",
        "%ff",
        "a" * 5000,
        "..",
        "%2e",
    ):
        assert client.get(f"/domains/{name}/users").status_code == 404, name
