"""What every page has around it: the path, messages, headers, and numbers and times in words."""

import datetime as dt

import pytest

from console.core.person import Status
from console.models import Admin, Domain, Source, User, db, now
from console.store import domains
from console.web import shell
from tests import factories
from tests.factories import manual_user
from tests.web.client import HTMX, Browser
from tests.web.markup import Element, Page

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store, private",
}


def crumbs(shown: Page) -> list[Element]:
    return [item for item in shown.all("li") if "crumb" in item.attributes.get("class", "").split()]


def menu(crumb: Element) -> dict[str, str]:
    links = [link for link in crumb if link.tag == "a" and link.parent is not None and link.parent.tag == "li"]
    return {link.text: link.attributes["href"] for link in links if link.parent is not crumb}


def test_the_path_leads_back_and_has_a_menu_for_the_domain(client: Browser, domain: Domain) -> None:
    shown = client.page(f"/domains/{domain.name}/users")
    first, second, third = crumbs(shown)
    assert "/domains" in [link.attributes["href"] for link in first if link.tag == "a"]
    assert menu(second) == {
        "Overview": f"/domains/{domain.name}",
        "Users": f"/domains/{domain.name}/users",
        "Groups": f"/domains/{domain.name}/groups",
        "User Sync": f"/domains/{domain.name}/sync",
        "Address Discovery": f"/domains/{domain.name}/discovery",
        "Inbound SMTP": f"/domains/{domain.name}/smtp",
        "Rejected recipients": f"/domains/{domain.name}/rejected",
        "Activity": f"/domains/{domain.name}/activity",
        "Settings": f"/domains/{domain.name}/settings",
    }
    (current,) = [link for link in second if link.attributes.get("aria-current") == "page"]
    assert current.text == "Users"
    assert third.text == "Users"


def test_every_page_of_the_menu_marks_itself_in_it(client: Browser, domain: Domain) -> None:
    for label, path in menu(crumbs(client.page(f"/domains/{domain.name}/users"))[1]).items():
        current = [link.text for link in crumbs(client.page(path))[1] if link.attributes.get("aria-current") == "page"]
        assert current == [label]


def test_the_path_of_a_user_has_a_menu_for_the_group(client: Browser, domain: Domain) -> None:
    sales = domains.add_group(domain, "Sales")
    (user_id,) = factories.users(domain, manual_user("ada", group_id=sales.id))
    group, user = crumbs(client.page(f"/users/{user_id}"))[2:]
    assert menu(group) == {
        "Users": f"/domains/{domain.name}/users?group={sales.id}",
        "All groups": f"/domains/{domain.name}/groups",
    }
    assert user.text == "ada@brightfield.example"


def test_the_account_menu_names_who_is_signed_in(client: Browser, anonymous: Browser) -> None:
    shown = client.page("/domains")
    assert "alice@rollcall.example" in shown.text
    assert {"/account"} <= set(shown.links())
    assert "/logout" in shown.actions()
    assert "/logout" not in anonymous.page("/login").actions()


def test_a_message_is_shown_once(client: Browser, domain: Domain) -> None:
    client.submit(f"/domains/{domain.name}/groups", name="Sales")
    said = "The group Sales is added."
    assert said in client.page("/domains").one("flashes").text
    assert client.page("/domains").one("flashes").text == ""


def test_every_answer_has_the_headers(client: Browser, viewer: Browser, anonymous: Browser, domain: Domain) -> None:
    factories.users(domain, manual_user("ada"))
    answers = [
        client.get("/domains"),
        client.get("/"),
        client.get("/users/1/row"),
        client.get("/nowhere"),
        client.get("/logout"),
        client.submit("/domains/new", name=""),
        client.submit("/users/1/disable"),
        client.post("/users/1/disable"),
        viewer.get("/domains/new"),
        anonymous.get("/login"),
        anonymous.get("/domains"),
        anonymous.get("/domains", headers=HTMX),
        anonymous.get("/health"),
    ]
    statuses = [answer.status_code for answer in answers]
    assert statuses == [200, 302, 200, 404, 405, 422, 302, 400, 403, 200, 302, 204, 200]
    for answer in answers:
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
        assert "HX-Request" in answer.headers["Vary"]
        # Only where browsers come by HTTPS, or a proxy for one machine would bind them to it.
        assert "Strict-Transport-Security" not in answer.headers


def test_every_asset_is_there_and_may_be_kept(client: Browser) -> None:
    shown = client.page("/domains")
    sources = [item.attributes["src"] for item in shown.all("script")]
    sources += [item.attributes["href"] for item in shown.all("link")]
    assert len(sources) >= 6
    for path in sources:
        assert path.startswith("/static/")
        assert "?v=" in path
        response = client.get(path)
        assert response.status_code == 200
        assert "max-age=31536000" in response.headers["Cache-Control"]
        response.close()


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        ({"seconds": 0}, "just now"),
        ({"seconds": 59}, "just now"),
        ({"seconds": 61}, "1 min ago"),
        ({"minutes": 59.9}, "59 min ago"),
        ({"hours": 2.5}, "2 h ago"),
        ({"days": 1}, "1 d ago"),
        ({"days": 29.5}, "29 d ago"),
        ({"days": 31}, "1 month ago"),
        ({"days": 364}, "12 months ago"),
        ({"days": 366}, "1 year ago"),
        ({"days": 800}, "2 years ago"),
        ({"seconds": -5}, "in a moment"),
        ({"minutes": -23.5}, "in 23 min"),
        ({"days": -3.5}, "in 3 d"),
    ],
)
def test_a_time_is_told_from_now(ago: dict[str, float], said: str) -> None:
    assert shell.ago(now() - dt.timedelta(**ago)) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0.1 s"),
        (0.44, "0.4 s"),
        (1.25, "1.2 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (184, "3 min 4 s"),
        (3599.7, "1 h"),
        (7530, "2 h 5 min"),
    ],
)
def test_a_duration_is_told_in_two_units_at_most(seconds: float, said: str) -> None:
    assert shell.span(seconds) == said


@pytest.mark.parametrize(("passed", "left"), [(0.0, 3), (0.5, 3), (1.01, 2), (2.9, 1), (3.1, 0), (30, 0)])
def test_begun_days_count_as_days_left(passed: float, left: int) -> None:
    user = User(status=Status.MISSING.value, missing_since=now() - dt.timedelta(days=passed))
    user.source = Source(grace_days=3)
    assert shell.days_left(user) == left


def test_a_user_who_is_not_missing_has_no_days_left() -> None:
    assert shell.days_left(User(missing_since=None)) is None


def test_words_and_numbers_are_as_people_read_them() -> None:
    assert shell.number(1234567) == "1,234,567"
    assert shell.words("public_folder") == "public folder"
    assert shell.breakable("CN=<Ada>,OU=A & B") == "CN=&lt;Ada&gt;,<wbr>OU=A &amp; B"
    assert shell.breakable("ada@example.test") == "ada@<wbr>example.test"


def test_nothing_that_people_type_becomes_markup(client: Browser, alice: Admin) -> None:
    evil = "<i id=x onclick=alert()>\"'&"
    domain = factories.domain()
    group = domains.add_group(domain, evil)
    source = factories.source(domain, name=evil, settings={"host": evil, "search_base": evil, "filter": evil})
    factories.users(
        domain,
        manual_user("ada", first_name=evil, last_name=evil, group_id=group.id),
        factories.user("grace", source_id=source.id, status=Status.MISSING, reason=evil, missing_since=now()),
    )
    alice.name = evil
    db.session.commit()
    paths = ["/domains", "/domains/brightfield.example/users?q=%3Ci%3E", "/users/1", "/users/2", "/users/2/delete"]
    paths += ["/domains/brightfield.example/groups", f"/groups/{group.id}", "/sources/1", "/sources/1/edit"]
    paths += ["/domains/brightfield.example/sync", "/sources/1/delete", "/users/1/row/edit", "/runs/1"]
    for path in paths:
        shown = client.page(path)
        assert shown.all("i") == [], path
        assert "onclick=alert()>" not in shown.html, path
