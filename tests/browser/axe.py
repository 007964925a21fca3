"""What axe-core finds wrong with a page, and pictures of it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page

AXE = (Path(__file__).parent / "vendor" / "axe-core-4.14.1.min.js").read_text()
RUN = """async (rules) => {
    const runOnly = rules && {type: "rule", values: rules};
    const {violations} = await axe.run(document, {resultTypes: ["violations"], ...(runOnly && {runOnly})});
    const places = (nodes) => nodes.map((node) => node.target.join(" ")).slice(0, 3).join(", ");
    return violations.map((found) => `${found.id}: ${places(found.nodes)}`);
}"""
STILL = """() => {
    // Else a change of theme takes a while, even where motion is reduced: there it goes down the tree frame by frame.
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("*, *::before, *::after { transition: none !important; animation: none !important; }");
    document.adoptedStyleSheets.push(sheet);
}"""
SIDEWAYS = """() => {
    const {scrollWidth, clientWidth} = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const all = [...document.querySelectorAll("body *")];
    const beyond = all.filter((e) => e.getBoundingClientRect().right > clientWidth);
    const told = beyond.map((e) => `${e.tagName.toLowerCase()}.${e.className} ${e.textContent.trim().slice(0, 40)}`);
    return told.length ? told : [`something, by ${scrollWidth - clientWidth} px`];
}"""
WIDTHS = (1280, 390)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
OF_COLOUR = ["color-contrast", "link-in-text-block"]
"""The rules that can find something in one theme and not in the other, since themes differ in colours alone."""

PICTURES = Path(__file__).parents[2] / "screenshots"
"""Pictures of all pages go there when the variable SCREENSHOTS is set (make screenshots), and axe is not asked then.
Git ignores the folder."""


def faults(page: Page, name: str) -> Iterator[str]:
    """Look at the page that is open in both widths and themes: what axe finds, and whether it scrolls sideways."""
    pictures = bool(os.environ.get("SCREENSHOTS"))
    page.evaluate(AXE)
    page.evaluate(STILL)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            where = f"{name} at {width} px, {theme}"
            if pictures:
                page.screenshot(path=PICTURES / f"{name}-{width}-{theme}.png", full_page=True)
                continue
            for found in page.evaluate(RUN, None if theme == THEMES[0] else OF_COLOUR):
                yield f"{where}: {found}"
        for beyond in page.evaluate(SIDEWAYS):
            yield f"{name} at {width} px scrolls sideways: {beyond}"
