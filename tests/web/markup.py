"""HTML read strictly into elements, and the rules that every page and fragment of the console keeps."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise

VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"})
INLINE = frozenset({"a", "b", "code", "em", "i", "kbd", "small", "strong", "time", "wbr"})
# A browser ends a paragraph where one of these begins in it, so the page is not what the template says.
NOT_IN_P = frozenset(
    {"div", "dl", "fieldset", "form", "h1", "h2", "h3", "hr", "nav", "ol", "p", "pre", "section", "table", "ul"}
)
CHILDREN = {"ul": {"li"}, "ol": {"li"}, "tbody": {"tr"}, "thead": {"tr"}, "tr": {"td", "th"}, "select": {"option"}}
CONTROLS = frozenset({"input", "select", "textarea"})
UNLABELLED = frozenset({"hidden", "submit", "button"})
ADDRESSES = ("href", "src", "action", "formaction", "hx-get", "hx-post", "hx-sse:connect")
OWN_ADDRESS = re.compile(r"(/(?!/)|#|\?|data:image/|otpauth://totp/|$)")  # The last but one opens an app.


@dataclass(eq=False)
class Element:
    """An element with its place in the text: `html` of the page from `start` to `end`."""

    tag: str
    attributes: dict[str, str]
    start: int
    parent: "Element | None" = None
    children: list["Element | str"] = field(default_factory=list)
    end: int = 0

    def __iter__(self) -> Iterator["Element"]:
        """This element and all in it, in the order of the text."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child

    @property
    def ancestors(self) -> Iterator["Element"]:
        above = self.parent
        while above is not None:
            yield above
            above = above.parent

    @property
    def text(self) -> str:
        """What one reads, with single spaces."""
        return " ".join(self._words().split())

    @property
    def value(self) -> str | None:
        """What a form would send for this control; None for nothing."""
        if self.tag == "select":
            options = [option for option in self if option.tag == "option"]
            chosen = [option for option in options if "selected" in option.attributes] or options[:1]
            return chosen[0].attributes.get("value", chosen[0].text) if chosen else None
        if self.tag == "textarea":
            return "".join(child for child in self.children if isinstance(child, str)).removeprefix("\r\n").strip("\n")
        if self.attributes.get("type") in ("checkbox", "radio") and "checked" not in self.attributes:
            return None
        return self.attributes.get("value", "")

    def _words(self) -> str:
        inner = "".join(child if isinstance(child, str) else child._words() for child in self.children)
        return inner if self.tag in INLINE else f" {inner} "


class Page(HTMLParser):
    """A page or a fragment. Raises AssertionError for an element that is not closed where it must be."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.root = self._open = Element("", {}, 0)
        self._lines = [0, *(found.end() for found in re.finditer("\n", html))]
        self.feed(html)
        self.close()
        assert self._open is self.root, f"<{self._open.tag}> is not closed"
        self.elements = [element for element in self.root if element is not self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute stands twice on <{tag}>"
        start = self._at()
        made = Element(tag, {name: value or "" for name, value in attrs}, start, self._open)
        made.end = start + len(self.get_starttag_text() or "")
        self._open.children.append(made)
        if tag not in VOID:
            self._open = made

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Only SVG closes its elements so."""
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open = self._open.parent or self.root

    def handle_endtag(self, tag: str) -> None:
        assert tag == self._open.tag, f"</{tag}> where <{self._open.tag}> is open"
        self._open.end = self.html.index(">", self._at()) + 1
        self._open = self._open.parent or self.root

    def handle_data(self, data: str) -> None:
        self._open.children.append(data)

    def _at(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column

    @property
    def text(self) -> str:
        return self.root.text

    def all(self, tag: str) -> list[Element]:
        return [element for element in self.elements if element.tag == tag]

    def find(self, element_id: str) -> Element | None:
        return next((element for element in self.elements if element.attributes.get("id") == element_id), None)

    def one(self, element_id: str) -> Element:
        found = self.find(element_id)
        assert found is not None, f"nothing has the id {element_id}"
        return found

    def outer(self, element_id: str) -> str:
        """The HTML of one element."""
        found = self.one(element_id)
        return self.html[found.start : found.end]

    def form(self, action: str | None = None) -> dict[str, str | None]:
        """What the form with this action, or without one, would send: names of its controls and their values."""
        for form in self.all("form"):
            if form.attributes.get("action") == action:
                return {item.attributes["name"]: item.value for item in form if item.attributes.get("name")}
        raise AssertionError(f"no form leads to {action}")

    def error(self, name: str) -> str:
        """The message beside a field; empty without one."""
        found = self.find(f"{name}-error")
        return found.text if found is not None else ""

    def actions(self) -> list[str]:
        """Where the forms of this page lead."""
        return [form.attributes.get("action", "") for form in self.all("form")]

    def links(self) -> list[str]:
        return [link.attributes["href"] for link in self.all("a") if "href" in link.attributes]


def check(html: str, *, whole: bool) -> Page:
    """The page, or the fragment. Raises AssertionError where it breaks a rule of the console."""
    page = Page(html)
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    assert len(ids) == len(set(ids)), f"an id stands twice: {sorted(i for i in ids if ids.count(i) > 1)}"
    labelled = {element.attributes["for"] for element in page.all("label") if "for" in element.attributes}
    for element in page.elements:
        _check_element(element)
        if element.tag in CONTROLS:
            _check_label(element, labelled)
    for form in page.all("form"):
        _check_form(form)
    if whole:
        _check_whole(page, set(ids))
    else:
        roots = [child for child in page.root.children if isinstance(child, Element) or child.strip()]
        assert len(roots) == 1, "a fragment has one root element"
        assert isinstance(roots[0], Element), "a fragment is an element"
    return page


def _check_element(element: Element) -> None:
    tag, attributes = element.tag, element.attributes
    assert "style" not in attributes, f"inline style on <{tag}>"
    assert tag != "style", "an inline style sheet"
    assert not any(name.startswith(("on", "hx-on")) for name in attributes), f"inline handler on <{tag}>"
    assert tag != "script" or ("src" in attributes and not element.text), "inline script"
    assert tag != "img" or "alt" in attributes, "an image without words"
    for name in ADDRESSES:
        value = attributes.get(name, "")
        assert OWN_ADDRESS.match(value), f'<{tag} {name}="{value}"> leads to another host'
    above = [ancestor.tag for ancestor in element.ancestors]
    assert not (tag in NOT_IN_P and "p" in above), f"<{tag}> in a paragraph"
    assert not (tag in {"a", "button", "summary"} and {"a", "button"} & set(above)), f"<{tag}> in a link or button"
    if tag in CHILDREN:
        for child in element.children:
            allowed = child.tag in CHILDREN[tag] if isinstance(child, Element) else not child.strip()
            assert allowed, f"{child!r} in <{tag}>"


def _check_label(control: Element, labelled: set[str]) -> None:
    attributes = control.attributes
    if attributes.get("type") in UNLABELLED:
        return
    wrapped = any(ancestor.tag == "label" and ancestor.text for ancestor in control.ancestors)
    assert attributes.get("id") in labelled or "aria-label" in attributes or wrapped, f"no label: {attributes}"


def _check_form(form: Element) -> None:
    inside = [element for element in form if element is not form]
    assert not any(element.tag == "form" for element in inside), "a form in a form"
    method = form.attributes.get("method", "")
    assert method in ("get", "post"), f"a form without a method: {form.attributes}"
    if method == "post" or "hx-post" in form.attributes:
        token = [element.value for element in inside if element.attributes.get("name") == "csrf_token"]
        assert [bool(value) for value in token] == [True], f"a form without its token: {form.attributes}"
    assert any(element.tag == "button" for element in inside) or method == "get", "a form without a button"


def _check_whole(page: Page, ids: set[str]) -> None:
    levels = [int(element.tag[1]) for element in page.elements if re.fullmatch("h[1-6]", element.tag)]
    assert levels.count(1) == 1, "a page has one h1"
    assert all(after <= before + 1 for before, after in pairwise(levels)), f"headings: {levels}"
    titles = [title for title in page.all("title") if title.parent is not None and title.parent.tag == "head"]
    assert [bool(title.text) for title in titles] == [True], "a page has a title"
    assert any(element.attributes.get("lang") for element in page.all("html")), "a page has a language"
    for element in page.elements:
        named = " ".join(element.attributes.get(name, "") for name in ("aria-describedby", "aria-labelledby", "for"))
        missing = set(named.split()) - ids
        assert not missing, f"<{element.tag}> points to {missing}, which are not there"
        href = element.attributes.get("href", "")
        assert not href.startswith("#") or href[1:] in ids, f"a link to {href}, which is not there"
