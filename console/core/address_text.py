"""The addresses of a domain in whatever text a person has: a list, a table, a mail, the log of a mail server.

It takes time by the length of the text, whatever is in it.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator

from console.core.address import LOCAL_LIMIT, TEXT_LIMIT, Address, asked, display_domain, parse, split
from console.core.errors import AddressError


def addresses_in(text: str, names: Collection[str]) -> list[Address]:
    """The addresses of these domains, each once, in their order.

    Of a line of a mail server's log only the recipients count: anybody may write in a domain's name.
    """
    domains = _Domains(names)
    found: dict[Address, None] = {}
    for match in _LINE.finditer(text):
        line = match[0]
        if "@" not in line:
            continue
        items = _recipients(line, domains) if _LOGGED.search(line) else _written(line, domains)
        found.update((address, None) for address in items if split(address)[1] in domains.names)
    return list(found)


class _Domains:
    """The names that are looked for, in each spelling."""

    def __init__(self, names: Collection[str]) -> None:
        self.names = frozenset(names)
        self._begins = tuple({_folded(spelling) for name in names for spelling in (name, display_domain(name))})

    def may_be(self, text: str) -> bool:
        """Whether the text may begin with one of them. To read a domain name takes a hundred times as long."""
        return (text.lower() if text.isascii() else _folded(text)).startswith(self._begins)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().replace("\u3002", ".")


def _recipients(line: str, domains: _Domains) -> Iterator[Address]:
    for match in _RECIPIENTS.finditer(line):
        listed, bare = match["listed"], match["bare"]
        for item in _LISTED.findall(listed) if listed else bare.split(","):
            if not domains.may_be(item.rpartition("@")[2]):
                continue
            try:
                yield asked(item)
            except AddressError:
                continue


def _written(line: str, domains: _Domains) -> Iterator[Address]:
    """What a person wrote: an address alone on its line is taken as it stands, whatever characters it begins with."""
    alone = line.strip().removesuffix(".")
    if len(alone) <= TEXT_LIMIT and domains.may_be(alone.rpartition("@")[2]):
        try:
            yield parse(alone)
        except AddressError:
            pass
        else:
            return
    for match in _DOMAIN.finditer(line):
        domain = match[1].rstrip(".-_")
        after = line[match.start(1) + len(domain) : match.end() + 1].lstrip(".-_")[:1]
        if not domains.may_be(domain) or after == "@":
            continue
        local = _local(line, match.start(), after)
        try:
            yield parse(f"{local}@{domain}")
        except AddressError:
            continue


def _local(line: str, at: int, after: str) -> str:
    """What stands before the @ at this place; `after` is the character behind the domain. Empty where nothing can."""
    before = line[max(0, at - _BEFORE) : at]
    if before.endswith('"'):
        quoted = _CSV_QUOTED.search(before) or _QUOTED.search(before)
        return quoted[0].replace('""', '"') if quoted else ""
    word = _WORD_REVERSED.match(before[::-1])
    if word is None:
        return ""
    local = word[0][::-1]
    opened = line[at - len(local) - 1 : at - len(local)]
    if opened == "@":
        # Only behind what ends the domain of the address before it: the next one of ?cc=ann@... or |ann@...|.
        return _END.split(local)[-1] if _END.search(local) else ""
    if (opened, after) in _ENCLOSING:
        return local
    while local and after and _CLOSES.get(local[0], "") == after:
        local = local[1:]
    local = local.rpartition("=")[2]
    while local and not local[0].isalnum() and (local[0] == "." or not local[0].isascii()):
        local = local[1:]
    # One that is too long is refused whole: the end of it would be somebody else's.
    return local


_LINE = re.compile(r"[^\r\n]+")
# A quoted local part may have a backslash before each of its characters, and a table doubles its quotation marks.
_BEFORE = 2 * LOCAL_LIMIT + 4
_SPACES = r"\s\x00-\x20\x7f-\xa0\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff"
# The class of characters is generous: what it finds is read by the rules of addresses.
_DOMAIN = re.compile(rf"@([^{_SPACES}!-,/:-@\[-^`{{-~“”„«»‹›‘’‚，；：、（）【】《》]{{1,255}})")
_WORD_REVERSED = re.compile(rf'[^{_SPACES}"(),:;<>@\[\\\]]+')
_QUOTED = re.compile(r'(?<!\\)"(?:[^"\\]|\\.)+"$')
_CSV_QUOTED = re.compile(r'""(?:[^"\\]|\\.)+""$')
_ENCLOSING = {("<", ">"), ('"', '"')}
_END = re.compile(r"[?&=|/*'`{}!#]")
_CLOSES = {"'": "'", "`": "`", "*": "*", "|": "|", "{": "}", "/": "/", "“": "”", "„": "“", "«": "»", "‹": "›", "‘": "’"}
# Syslog names the program: postfix/smtpd[123]:, postfix-in/smtp[123]:, amavis[123]:, rspamd[123]:, sm-mta[123]:.
_LOGGED = re.compile(
    r"(?:^|\s)[\w.-]{0,40}(?:postfix|amavis|rspamd|sendmail|sm-mta)[\w./-]{0,40}\[\d{1,10}\]:|(?:^|[\s,])(?:from|to)=<"
)
_PATH = r'<(?:"(?:[^"\\<>]|\\.){0,128}"|[^<>"]){0,320}>'
# to=<...> of Postfix, several of sendmail's; "-> <...>,<...>" of amavis; "rcpts: <...,...>" of rspamd.
_RECIPIENTS = re.compile(
    rf"(?:(?:^|[\s,;(])(?:orig_)?to=|\s->\s)(?P<listed>{_PATH}(?:,\s?{_PATH})*)"
    r"|(?:\srcpts?:\s<|(?:^|[\s,;(])to=)(?P<bare>[^\s<>]{1,2000})"
)
_LISTED = re.compile(_PATH)
