"""The style sheet that pages link is Tabler's, as far as pages use it."""

import pytest

from tests import stylesheet


def test_it_is_what_the_pages_of_now_use() -> None:
    made = stylesheet.used()
    assert stylesheet.USED.read_text() == made, "run `make css`: the pages use other classes of Tabler than before"


def test_a_class_that_nothing_could_show_is_left_out() -> None:
    text = stylesheet.used()
    assert ".carousel" in stylesheet.WHOLE.read_text()
    assert ".carousel" not in text
    assert "@charset" in text[:20]
    assert "MIT" in text[:300]


@pytest.mark.parametrize(
    ("selector", "wanted"),
    [
        (".btn", True),
        (".btn:not(.never-used):hover", True),
        (".btn.never-used", False),
        ("a:not([href]):not([class])", True),
        ("[data-bs-theme=dark]", True),
        ("[data-never-used] .btn", False),
        ("*,::before", True),
    ],
)
def test_a_selector_stays_where_all_that_it_names_can_be(selector: str, wanted: bool) -> None:
    assert stylesheet._is_wanted(selector, stylesheet.words()) is wanted


def test_rules_within_a_condition_are_looked_at_one_by_one() -> None:
    [media] = stylesheet._kept("@media (x){.btn,.never-used:is(.btn,.card){a:b}.never-used{c:d}}", stylesheet.words())
    assert str(media) == "@media (x){.btn{a:b}}"
    assert list(stylesheet._kept("@media (x){.never-used{a:b}}", stylesheet.words())) == []


def test_a_variable_goes_with_the_last_that_refers_to_it() -> None:
    sheet = ":root{--a:1px;--b:var(--a);--c:var(--b)}.btn{margin:var(--d)}"
    assert stylesheet._without_idle_variables(sheet, "") == ".btn{margin:var(--d)}"
    assert stylesheet._without_idle_variables(sheet, "x{top:var(--b)}").startswith(":root{--a:1px;--b:var(--a)}")
