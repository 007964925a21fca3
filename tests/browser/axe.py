"""What axe-core finds wrong with a page, and pictures of it."""

import os
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page

AXE = (Path(__file__).parent / "vendor" / "axe-core-4.14.1.min.js").read_text()
RUN = """async () => {
    const frame = () => new Promise((shown) => requestAnimationFrame(shown));
    // A change of theme goes down the tree in transitions of no length, level by level.
    const moving = () => document.getAnimations().some((one) => one instanceof CSSTransition);
    await frame();
    do await frame(); while (moving());
    const {violations} = await axe.run(document, {resultTypes: ["violations"]});
    const places = (nodes) => nodes.map((node) => node.target.join(" ")).slice(0, 3).join(", ");
    return violations.map((found) => `${found.id}: ${places(found.nodes)}`);
}"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WIDTHS = (1280, 390)
THEMES = ("light", "dark")

PICTURES = Path(__file__).parents[2] / "screenshots"
"""Pictures of all pages go there when the variable SCREENSHOTS is set; git ignores the folder."""


def faults(page: Page, name: str) -> Iterator[str]:
    """Look at the page that is open in both widths and themes: what axe finds, and whether it scrolls sideways."""
    page.evaluate(AXE)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]  # these two are such
            where = f"{name} at {width} px, {theme}"
            if os.environ.get("SCREENSHOTS"):
                page.screenshot(path=PICTURES / f"{name}-{width}-{theme}.png", full_page=True)
            for found in page.evaluate(RUN):
                yield f"{where}: {found}"
        if (beyond := page.evaluate(OVERFLOW)) > 0:
            yield f"{name} at {width} px scrolls {beyond} px sideways"
