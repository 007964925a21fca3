"""The pictures of the README."""

import re
from pathlib import Path

from tests.demo import pictures

README = Path(__file__).parents[2] / "README.md"
PICTURE = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")


def test_the_readme_shows_each_picture_and_says_what_is_on_it() -> None:
    shown = {README.parent / path: words for words, path in PICTURE.findall(README.read_text())}
    assert set(shown) == {pictures.FOLDER / f"{name}.png" for name in pictures.PAGES}
    assert all(len(words.split()) > 8 for words in shown.values())


def test_none_is_larger_than_it_may_be() -> None:
    sizes = {name: (pictures.FOLDER / f"{name}.png").stat().st_size for name in pictures.PAGES}
    assert {name: size for name, size in sizes.items() if size > pictures.LARGEST} == {}
