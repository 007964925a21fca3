"""Who may import whom, how long a module may be, and that a page asks no other host for anything."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LIMIT = 300
FOLDERS = ("console", "jobs")
# Hosts that stand in sentences as examples, and this machine itself.
NAMED = re.compile(r"https?://(?:[a-z0-9.-]+\.)?(?:example|example\.(?:com|net|org)|localhost|127\.0\.0\.1)\b")
# What makes a browser ask: an attribute or a style sheet with an address that has a host in it.
ASKING = re.compile(r"""(?:(?:src|href|action|hx-[a-z]+)\s*=|url\()\s*["']?\s*(?:https?:)?//|@import""")
LINK = re.compile(r"https?://[a-z0-9][a-z0-9.-]+", re.IGNORECASE)


def files(*endings: str) -> list[Path]:
    return sorted(
        path
        for folder in FOLDERS
        for ending in endings
        for path in (ROOT / folder).rglob(f"*.{ending}")
        if "__pycache__" not in path.parts
    )


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_the_import_contracts_are_kept() -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize("path", files("py"), ids=named)
def test_a_module_fits_in_one_sitting(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LIMIT


@pytest.mark.parametrize("path", files("html", "css", "js", "svg"), ids=named)
def test_a_page_asks_no_other_host(path: Path) -> None:
    assert not ASKING.search(path.read_text()), "a browser would ask another host"


@pytest.mark.parametrize("path", files("py", "html"), ids=named)
def test_no_module_or_template_names_an_external_host(path: Path) -> None:
    found = [link for link in LINK.findall(path.read_text()) if not NAMED.match(link)]
    assert found == []
