"""The two hands with which each step of the article is tried: the mouse, and the keyboard alone."""

import re
from abc import ABC, abstractmethod
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.window import NAME, press, tab_to


class Hand(ABC):
    """What a step takes. Names are those that a person reads, or hears, on the page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @abstractmethod
    def go(self, name: str) -> None:
        """Follow a link, or press a button, that leads to another page."""

    @abstractmethod
    def use(self, name: str) -> None:
        """The same for what changes the page that is open."""

    @abstractmethod
    def point_at(self, crumb: str) -> None:
        """Come to a step of the path at the top, as it takes to open its menu."""

    @abstractmethod
    def fill(self, label: str, text: str) -> None: ...

    @abstractmethod
    def choose(self, label: str, option: str) -> None:
        """One of the options of a select box, by what its text begins with."""

    @abstractmethod
    def choose_file(self, label: str, file: Path) -> None: ...

    def open_menu(self, crumb: str, entry: str) -> None:
        """The menu of a step of the path, and one of its pages."""
        self.point_at(crumb)
        expect(self.page.get_by_role("list", name=f"Pages of {crumb}")).to_be_visible()
        self.go(entry)


class Mouse(Hand):
    def go(self, name: str) -> None:
        with self.page.expect_event("domcontentloaded"):
            self.use(name)

    def use(self, name: str) -> None:
        exact = re.compile(rf"^\s*{re.escape(name)}\s*$")
        link, button = self.page.get_by_role("link", name=exact), self.page.get_by_role("button", name=exact)
        found = link.or_(button).or_(self.page.locator("summary", has_text=exact))
        found.locator("visible=true").first.click()

    def point_at(self, crumb: str) -> None:
        path = self.page.get_by_role("navigation", name="Where you are")
        path.get_by_role("link", name=crumb, exact=True).hover()

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).or_(self.page.get_by_label(f"{label} optional")).first.fill(text)

    def choose(self, label: str, option: str) -> None:
        box = self.page.get_by_label(label)
        begins = box.locator("option", has_text=re.compile(rf"^\s*{re.escape(option)}", re.IGNORECASE))
        box.select_option(value=begins.first.get_attribute("value"))

    def choose_file(self, label: str, file: Path) -> None:
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_text(label).click()
        chooser.value.set_files(file)


class Keyboard(Hand):
    def go(self, name: str) -> None:
        press(self.page, name)

    def use(self, name: str) -> None:
        tab_to(self.page, name)
        self.page.keyboard.press("Enter")

    def point_at(self, crumb: str) -> None:
        tab_to(self.page, crumb)

    def fill(self, label: str, text: str) -> None:
        self._come_to(label)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text)

    def choose(self, label: str, option: str) -> None:
        self._come_to(label)
        self.page.keyboard.type(option)

    def choose_file(self, label: str, file: Path) -> None:
        self._come_to(label)
        with self.page.expect_file_chooser() as chooser:
            self.page.keyboard.press("Enter")
        chooser.value.set_files(file)

    def _come_to(self, label: str) -> None:
        """A field may have the focus already, when the page has put it there."""
        if self.page.evaluate(NAME) not in (label, f"{label} optional"):
            optional = self.page.get_by_label(f"{label} optional").count()
            tab_to(self.page, f"{label} optional" if optional else label)


BOTH = pytest.mark.parametrize("kind", [Mouse, Keyboard], ids=["by mouse", "by keyboard"])
"""For the tests of steps, which ask for the fixture `hand`."""
