"""The checks of the test client find what they are for."""

import pytest

from tests.web.markup import Page, check

PAGE = '<!doctype html><html lang="en"><head><title>Users</title></head><body><h1>Users</h1>{}</body></html>'
FORM = '<form method="post"><input type="hidden" name="csrf_token" value="x">{}<button>Save</button></form>'


@pytest.mark.parametrize(
    "content",
    [
        '<p style="color: red">x</p>',
        "<script>alert()</script>",
        '<p onclick="x()">x</p>',
        '<p id="a">x</p><p id="a">y</p>',
        "<h1>Again</h1>",
        "<h3>Skips a level</h3>",
        '<a href="https://cdn.example/x.css">x</a>',
        '<a href="//cdn.example/x">x</a>',
        '<a href="javascript:x()">x</a>',
        '<a href="#nowhere">x</a>',
        '<form method="post"><button>Save</button></form>',
        "<form><button>Save</button></form>",
        FORM.format(FORM.format("")),
        FORM.format('<input name="first">'),
        FORM.format('<label for="b">B</label><input id="a" name="a">'),
        "<p><form></form></p>",
        "<p>not closed",
        "<div><span></div></span>",
        "<ul><p>x</p></ul>",
        '<img src="/x.png">',
        '<a href="/x"><button>x</button></a>',
        '<p aria-describedby="nothing">x</p>',
    ],
)
def test_a_page_that_breaks_a_rule_is_found(content: str) -> None:
    with pytest.raises(AssertionError):
        check(PAGE.format(content), whole=True)


def test_a_page_that_keeps_the_rules_passes() -> None:
    check(PAGE.format(FORM.format('<label for="a">A</label><input id="a" name="a">')), whole=True)


@pytest.mark.parametrize("content", ["<p>one</p><p>two</p>", "<p>one</p> and text", "only text", ""])
def test_a_fragment_has_one_root(content: str) -> None:
    with pytest.raises(AssertionError):
        check(content, whole=False)


def test_a_form_is_read_as_a_browser_would_send_it() -> None:
    page = Page(
        '<form method="post" action="/x"><input name="a" value="1"><textarea name="b">two\nlines</textarea>'
        '<select name="c"><option value="x">X</option><option value="y" selected>Y</option></select>'
        '<input type="checkbox" name="d" value="y"><input type="checkbox" name="e" value="y" checked></form>'
    )
    assert page.form("/x") == {"a": "1", "b": "two\nlines", "c": "y", "d": None, "e": "y"}
