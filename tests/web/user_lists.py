"""The Users page as tests read it, and a list to look at."""

from console.core.person import Kind, Status
from console.models import Domain, User
from console.store import domains, users
from tests import factories
from tests.factories import manual_user
from tests.web.markup import Page


def listed(shown: Page) -> list[str]:
    """The addresses on a page of the list, in its order."""
    return [
        row.text.split()[0]
        for row in shown.one("users-rows")
        if row.tag == "th" and row.parent is not None and row.parent.attributes.get("id", "").startswith("user-")
    ]


def turn(shown: Page, rel: str) -> str | None:
    """Where Previous or Next leads; None at an end."""
    return next((link.attributes["href"] for link in shown.all("a") if link.attributes.get("rel") == rel), None)


def five(domain: Domain) -> dict[str, User]:
    """Five users that differ in each thing that can be filtered for, by their local parts."""
    source = factories.source(domain)
    sales = domains.add_group(domain, "Sales")
    ids = factories.users(
        domain,
        manual_user("ada", first_name="Ada", last_name="Lovelace", aliases=["countess"], group_id=sales.id),
        manual_user("office", kind=Kind.SHARED),
        manual_user("gone", status=Status.DISABLED, reason="Disabled by hand."),
        factories.user("grace", source_id=source.id, first_name="Grace", last_name="Hopper"),
        factories.user("leaver", source_id=source.id, status=Status.MISSING, missing_since=factories.NOW),
    )
    found = {user.address.partition("@")[0]: user for user in users.every(domain.id)}
    assert sorted(user.id for user in found.values()) == ids
    return found
