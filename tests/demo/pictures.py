"""The pictures of the README, of the sample company: python -m tests.demo.pictures ADDRESS E-MAIL PASSWORD

ADDRESS is that of a demo that runs (make demo), and the e-mail address and the password are those that it printed.
"""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Page, ViewportSize, sync_playwright

from tests.demo.directory import DOMAIN

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
LARGEST = 100_000
SIZE = ViewportSize(width=1100, height=620)


def main(address: str, email: str, password: str) -> int:
    """Take them. 1 where one of them is too large to be kept."""
    FOLDER.mkdir(exist_ok=True)
    parts = urlsplit(address)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, chromium_sandbox=False)
        page = browser.new_page(base_url=f"{parts.scheme}://{parts.netloc}", viewport=SIZE, reduced_motion="reduce")
        page.goto("/login")
        page.get_by_label("E-mail address").fill(email)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").first.click()
        page.wait_for_url("**/domains")
        large = [name for name, path in PAGES.items() if not _take(page, name, path)]
        browser.close()
    for name in large:
        print(f"{name}.png is larger than {LARGEST:,} bytes.", file=sys.stderr)
    return 1 if large else 0


PAGES = {
    "users": f"/domains/{DOMAIN}/users",
    "overview": f"/domains/{DOMAIN}",
    "sync": f"/domains/{DOMAIN}/sync",
}


def _take(page: Page, name: str, path: str) -> bool:
    page.goto(path, wait_until="load")
    content = page.screenshot(path=FOLDER / f"{name}.png")
    print(f"{name}.png: {len(content):,} bytes")
    return len(content) <= LARGEST


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
