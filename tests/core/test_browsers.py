"""A browser's own name for itself, in words."""

import pytest

from console.core.browsers import UNKNOWN, in_words

MOZILLA = "Mozilla/5.0"
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (f"{MOZILLA} (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (f"{MOZILLA} (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/140.0.0.0 Safari/537.36", "Chrome on Windows"),
        (f"{MOZILLA} (Windows NT 10.0) {WEBKIT} Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        (f"{MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) {WEBKIT} Version/26.0 Safari/605.1.15", "Safari on macOS"),
        (
            f"{MOZILLA} (iPhone; CPU iPhone OS 26_0 like Mac OS X) {WEBKIT} Version/26.0 Safari/604.1",
            "Safari on iPhone",
        ),
        (f"{MOZILLA} (Linux; Android 16; K) {WEBKIT} Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.5.0", "curl"),
        ("", UNKNOWN),
        ("<script>alert()</script>", UNKNOWN),
    ],
)
def test_a_browser_is_named_in_words(user_agent: str, words: str) -> None:
    assert in_words(user_agent) == words
