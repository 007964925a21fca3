"""BER (X.690) as far as LDAP uses it: definite lengths, one byte of tag, integers, strings, sequences.

Written here rather than taken from ldap3, so that the scripted server does not share the client's mistakes.
"""

from collections.abc import Callable, Iterator

BOOLEAN, INTEGER, OCTETS, ENUMERATED, SEQUENCE, SET = 0x01, 0x02, 0x04, 0x0A, 0x30, 0x31

MESSAGE_LIMIT = 1 << 20
"""Bytes; no request of a test comes near."""


class BerError(ValueError):
    """Bytes that are not BER, or more of them than expected."""


def tlv(tag: int, *parts: bytes) -> bytes:
    """A value of any tag: the tag, the length, the parts one after the other."""
    content = b"".join(parts)
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def integer(number: int, tag: int = INTEGER) -> bytes:
    return tlv(tag, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def octets(text: str | bytes, tag: int = OCTETS) -> bytes:
    return tlv(tag, text.encode() if isinstance(text, str) else text)


def sequence(*parts: bytes) -> bytes:
    return tlv(SEQUENCE, *parts)


def number(content: bytes) -> int:
    """The number that an INTEGER or ENUMERATED holds."""
    return int.from_bytes(content, "big", signed=True)


def items(content: bytes) -> Iterator[tuple[int, bytes]]:
    """The values one after the other in `content`, each as its tag and its own content."""
    position = 0
    while position < len(content):
        source = memoryview(content)

        def take(count: int, source: memoryview = source) -> bytes:
            nonlocal position
            taken = bytes(source[position : position + count])
            position += count
            return taken

        yield read(take)


def read(take: Callable[[int], bytes]) -> tuple[int, bytes]:
    """One value from `take(count)`, which returns that many bytes, or fewer only at the end.

    Raises EOFError when nothing is left, BerError when the value is cut off, indefinite or far too long.
    """
    head = take(1)
    if not head:
        raise EOFError
    size = _exactly(take, 1)[0]
    if size == 0x80:
        raise BerError("indefinite length")
    if size > 0x80:
        size = int.from_bytes(_exactly(take, size & 0x7F), "big")
    if size > MESSAGE_LIMIT:
        raise BerError(f"a value of {size} bytes")
    return head[0], _exactly(take, size)


def _exactly(take: Callable[[int], bytes], count: int) -> bytes:
    data = take(count)
    if len(data) != count:
        raise BerError("cut off")
    return data
