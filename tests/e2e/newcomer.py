"""Somebody with a browser as plain as it gets: cookies, pages, forms, no JavaScript."""

import re
import urllib.parse
import urllib.request
from http.client import HTTPResponse
from http.cookiejar import CookieJar

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Newcomer:
    """Keeps cookies and the page that is open. No proxy of the machine's is asked."""

    def __init__(self) -> None:
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())
        )
        self.url = ""
        self.text = ""

    def open(self, url: str) -> str:
        """The page, after redirects. Raises HTTPError for an error."""
        with self._opener.open(url, timeout=30) as response:
            return self._take(response)

    def send(self, **fields: str) -> str:
        """Send the form of the open page to where it came from, which is where this console's forms go."""
        found = TOKEN.search(self.text)
        assert found, f"{self.url} has no form"
        data = urllib.parse.urlencode({"csrf_token": found[1], **fields}).encode()
        with self._opener.open(self.url, data, timeout=30) as response:
            return self._take(response)

    def _take(self, response: HTTPResponse) -> str:
        self.url = response.geturl()
        self.text = response.read().decode()
        return self.text
