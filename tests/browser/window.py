"""What the tests do in a window besides clicking: watch a page without reloading it, and walk it by keyboard."""

from playwright.sync_api import Page

MARK = "window.sameDocument = true"
RECORD = """() => {
    window.states = [];
    const look = () => {
        const part = document.querySelector("#run-progress");
        if (!part) return;
        const words = [...part.querySelectorAll(".progress-words")].map((line) => line.textContent.trim());
        const now = [part.dataset.state, ...words].join(" | ").replace(/\\s+/g, " ");
        if (now !== window.states.at(-1)) window.states.push(now);
    };
    look();
    const all = {subtree: true, childList: true, attributes: true, characterData: true};
    new MutationObserver(look).observe(document.body, all);
}"""
NAME = """() => {
    const e = document.activeElement;
    if (!e || e === document.body) return "";
    const name = e.getAttribute("aria-label") || e.labels?.[0]?.textContent || e.textContent || "";
    return name.trim().replace(/\\s+/g, " ");
}"""


def mark(page: Page) -> None:
    """Leave a mark that a reload, or a move to another document, wipes out."""
    page.evaluate(MARK)


def marked(page: Page) -> bool:
    return bool(page.evaluate("window.sameDocument === true"))


def record(page: Page) -> None:
    """Begin to note every state that the run's page shows; leaves the mark, too."""
    mark(page)
    page.evaluate(RECORD)


def recorded(page: Page) -> list[str]:
    """The states since `record`, oldest first; none when the document was loaded anew."""
    return list(page.evaluate("window.states || []"))


def tab_to(page: Page, name: str, most: int = 120) -> None:
    """Press Tab until the focus is on what is called `name`."""
    passed = []
    for _ in range(most):
        page.keyboard.press("Tab")
        focused = page.evaluate(NAME)
        if focused == name:
            return
        passed.append(focused)
    raise AssertionError(f"the keyboard does not reach {name!r}; it went over {passed}")


def press(page: Page, name: str) -> None:
    """Walk to a link or a button by keyboard and press Enter; the next page has come then."""
    tab_to(page, name)
    with page.expect_event("domcontentloaded"):
        page.keyboard.press("Enter")


def type_into(page: Page, label: str, text: str) -> None:
    """Walk to a field by keyboard and type; what stood in it is replaced."""
    tab_to(page, label)
    page.keyboard.press("Control+a")
    page.keyboard.type(text)
