"""LDIF (RFC 2849), as far as whole entries go: written and read."""

import base64
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

Value = str | bytes
Attributes = Mapping[str, Sequence[Value]]

SAFE = re.compile(r"[\x01-\x09\x0b\x0c\x0e-\x1f\x21-\x39\x3b\x3d-\x7f][\x01-\x09\x0b\x0c\x0e-\x7f]*(?<! )")
"""RFC 2849's SAFE-STRING, without a blank at its end; what is not one is written in base64."""


def entry_ldif(dn: str, attributes: Attributes) -> str:
    """One entry with an empty line at its end; text is written as UTF-8, bytes as they are."""
    lines = [_line("dn", dn)]
    lines += [_line(name, value) for name, values in attributes.items() for value in values]
    return "\n".join(lines) + "\n\n"


def entries_of(ldif: str) -> Iterator[tuple[str, dict[str, list[bytes]]]]:
    """The entries of a text, each as its DN and its attributes; change records and URLs are refused."""
    unfolded = re.sub(r"\r?\n ", "", ldif)
    for block in re.split(r"(?:\r?\n){2,}", unfolded.strip()):
        pairs = [_pair(line) for line in block.splitlines() if not line.startswith("#")]
        pairs = pairs[1:] if pairs[:1] == [("version", b"1")] else pairs
        if not pairs:
            continue
        (first, dn), *rest = pairs
        if first != "dn" or any(name == "changetype" for name, _ in rest):
            raise ValueError(f"not an entry in LDIF: {block[:80]!r}")
        attributes: dict[str, list[bytes]] = {}
        for name, value in rest:
            attributes.setdefault(name, []).append(value)
        yield dn.decode(), attributes


def rdn(name: str, value: str) -> str:
    """The first part of a DN, with the characters escaped that mean something in one (RFC 4514)."""
    escaped = re.sub(r'([,+"\\<>;=])|^[# ]| $', r"\\\g<0>", value)
    return f"{name}={escaped}"


def parent_of(dn: str) -> str:
    """What follows the first part of a DN, as written."""
    return dn[re.match(r"(?:\\.|[^,\\])*,?", dn).end() :]  # type: ignore[union-attr]  # it matches any text


def in_bytes(values: Iterable[Value]) -> list[bytes]:
    return [value.encode() if isinstance(value, str) else value for value in values]


def _line(name: str, value: Value) -> str:
    text = value if isinstance(value, str) else value.decode("ascii", "replace")
    if SAFE.fullmatch(text) or text == "":
        return f"{name}: {text}"
    [raw] = in_bytes([value])
    return f"{name}:: {base64.b64encode(raw).decode()}"


def _pair(line: str) -> tuple[str, bytes]:
    name, colon, rest = line.partition(":")
    if not colon or rest.startswith("<"):
        raise ValueError(f"not a line of an entry in LDIF: {line[:80]!r}")
    if rest.startswith(":"):
        return name, base64.b64decode(rest[1:].strip())
    return name, rest.removeprefix(" ").encode()
