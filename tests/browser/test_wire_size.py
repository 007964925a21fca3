"""What the Users page costs on the wire, compressed, as the Procfile's web process sends it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Page

from console.core.person import Kind
from console.models import Domain
from tests import factories
from tests.factories import manual_user

FIRST = 120_000
LATER = 15_000
SHOWN = 50


@dataclass
class Wire:
    """Bytes that came, headers included, by the address that they came from. What is in the browser's cache is none."""

    bytes_of: dict[str, int] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    def listen(self, page: Page) -> None:
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", self._asked)
        session.on("Network.loadingFinished", self._came)

    @property
    def total(self) -> int:
        return sum(self.bytes_of.values())

    def begin(self) -> None:
        self.bytes_of.clear()

    def __str__(self) -> str:
        largest = sorted(self.bytes_of.items(), key=lambda item: -item[1])
        return "\n".join([f"{self.total:,} bytes", *(f"{size:>9,} {name}" for name, size in largest if size)])

    def _asked(self, event: dict[str, Any]) -> None:
        self._names[event["requestId"]] = event["request"]["url"].partition("//")[2].partition("/")[2]

    def _came(self, event: dict[str, Any]) -> None:
        name = self._names.get(event["requestId"], "")
        self.bytes_of[name] = self.bytes_of.get(name, 0) + int(event["encodedDataLength"])


@pytest.fixture
def domain(domain: Domain) -> Domain:
    """A domain with more users than a page shows, no two of them alike."""
    kinds = [Kind.MAILBOX, Kind.SHARED, Kind.RESOURCE, Kind.LIST]
    people = [
        manual_user(
            f"{first}.{last}{n}@example.test",
            first_name=first.title(),
            last_name=f"{last.title()}{n}",
            kind=kinds[n % 4],
            aliases=[f"{last}{n}@example.test"],
        )
        for n, (first, last) in enumerate((a, b) for a in ("ada", "grace", "alan") for b in map(chr, range(97, 123)))
    ]
    factories.users(domain, *people)
    return domain


def test_the_users_page_is_small_on_a_first_visit_and_smaller_later(
    page: Page, domain: Domain, record_property: Callable[[str, object], None]
) -> None:
    wire = Wire()
    wire.listen(page)
    page.goto("/domains/example.test/users", wait_until="networkidle")
    assert page.locator("#users-rows tbody tr").count() == SHOWN
    first, told = wire.total, str(wire)
    wire.begin()
    page.goto("/domains", wait_until="networkidle")
    wire.begin()
    page.goto("/domains/example.test/users", wait_until="networkidle")
    later, told_later = wire.total, str(wire)
    record_property("first visit, bytes", first)
    record_property("later visit, bytes", later)
    print(f"\nfirst visit {told}\nlater visit {told_later}")
    assert 0 < first <= FIRST, told
    assert 0 < later <= LATER, told_later
