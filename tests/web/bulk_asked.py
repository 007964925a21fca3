"""Changes of many users as the pages ask and are told, and a list to try them on."""

from console.core.person import Kind, Status
from console.models import Domain, Source
from console.store import domains
from tests import factories
from tests.factories import manual_user
from tests.store.lists import listed
from tests.web.client import Browser
from tests.web.markup import Page

LIST = f"/domains/{factories.DOMAIN}/users"
CHANGE = f"{LIST}/change"


def six(domain: Domain, source: Source) -> None:
    """Four by hand, one of them a shared mailbox; two of a source, of whom one is missing."""
    domains.add_group(domain, "Sales")
    factories.users(
        domain,
        manual_user("ada"),
        manual_user("bob"),
        manual_user("gone", status=Status.DISABLED, reason="Disabled by hand."),
        manual_user("office", kind=Kind.SHARED),
        factories.user("grace", source_id=source.id),
        factories.user("leaver", source_id=source.id, status=Status.MISSING, missing_since=factories.NOW),
    )


def ids(domain: Domain, *locals_: str) -> list[int | None]:
    found = listed(domain)
    return [found[name].id for name in locals_]


def asked(client: Browser, act: str, *users: int | None, **place: str) -> Page:
    """The page that says what would happen to these users, or to all that match."""
    response = client.get(CHANGE, query_string={"act": act, "user": users or [], **place})
    return client._page(response)


def points(shown: Page) -> list[str]:
    [part] = [item for item in shown.all("section") if "confirm" in item.attributes.get("class", "").split()]
    return [item.text for item in part if item.tag == "li"]


def agreed(shown: Page) -> dict[str, list[str]]:
    """What the form of that page sends, but for the token."""
    [form] = [form for form in shown.all("form") if form.attributes.get("action") == CHANGE]
    sent: dict[str, list[str]] = {}
    for item in form:
        name = item.attributes.get("name")
        if name and name != "csrf_token":
            sent.setdefault(name, []).append(item.value or "")
    return sent


def done(client: Browser, shown: Page) -> Page:
    return client.act(CHANGE, **agreed(shown))  # type: ignore[arg-type]


def kinds(domain: Domain) -> dict[str, Kind]:
    return {name: user.kind for name, user in listed(domain).items()}
