"""What the documents name is there: tests, modules and other documents."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = [ROOT / "SECURITY.md", *sorted((ROOT / "docs").glob("*.md"))]
# With their folder, or as docs/asvs.md names them, within tests/.
TEST = re.compile(r"`((?:[a-z0-9_]+/)*(?:test_[a-z0-9_]+\.py|watch\.py)|tests/[a-z0-9_]+/)`")
LINK = re.compile(r"\]\(([^)#:]+\.md)(?:#[^)]*)?\)")
CITED = re.compile(r"`((?:[a-z0-9_]+/)*test_[a-z0-9_]+\.py)::(test_[a-z0-9_]+)`")
UNTESTED = ("**Partly", "**Not met:**", "*Not applicable", "*To be read")
LINE = re.compile(r"^\| (\d+)\.(\d+)\.(\d+)", re.MULTILINE)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_leads_to_is_there(document: Path) -> None:
    text = document.read_text()
    wanted = [ROOT / "tests" / name.removeprefix("tests/") for name in TEST.findall(text)]
    wanted += [document.parent / name for name in LINK.findall(text)]
    assert [str(path) for path in wanted if not path.exists()] == []


def test_the_lines_of_the_standard_stand_in_their_order_and_once() -> None:
    lines = [tuple(map(int, found)) for found in LINE.findall((ROOT / "docs/asvs.md").read_text())]
    assert len(lines) > 120
    assert lines == sorted(set(lines))
    assert {chapter for chapter, *_ in lines} == set(range(1, 15))


def test_each_line_of_the_standard_names_a_test_or_says_why_there_is_none() -> None:
    """A test is named with its file. What is not met, does not apply or has to be read says so."""
    rows = [line for line in (ROOT / "docs/asvs.md").read_text().splitlines() if LINE.match(line)]
    silent = [row for row in rows if not CITED.search(row) and not any(word in row for word in UNTESTED)]
    assert silent == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_each_test_that_a_document_names_is_in_its_file(document: Path) -> None:
    wanted = [
        (ROOT / "tests" / name.removeprefix("tests/"), test) for name, test in CITED.findall(document.read_text())
    ]
    assert [f"{path}::{test}" for path, test in wanted if f"def {test}(" not in path.read_text()] == []
