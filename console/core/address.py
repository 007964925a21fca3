"""Mail addresses: one normal form for each recipient, and a sentence for each text that is none.

The grammar is RFC 5321 section 4.1.2 with the UTF-8 local parts of RFC 6531; domains are host names (RFC 1123
section 2.1), international ones by IDNA 2008 with the mapping of UTS 46. `idna` is the one import beyond the
standard library, whose own codec knows only IDNA 2003, in which straße.example is another company's domain.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NewType

import idna

from console.core.errors import AddressError

Address = NewType("Address", str)

# RFC 5321 section 4.5.3.1, in octets. A path has 256 with its angle brackets; a domain name that the DNS can
# carry in its 255 octets has at most 253 characters (RFC 1035 section 3.1).
LOCAL_LIMIT, DOMAIN_LIMIT, ADDRESS_LIMIT, LABEL_LIMIT = 64, 253, 254, 63
# No address is near this before it is normalised. Longer texts are refused unread: Unicode's normalisation
# takes time by the square of the combining marks in a row, and mail servers ask what strangers typed.
TEXT_LIMIT = 1000
SHOWN = 100

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
# Most addresses look like this and only need lower-casing. In 64 characters no part of one can be too long.
_PLAIN = re.compile(rf"{_ATOM}+(?:\.{_ATOM}+)*+@(?:[A-Za-z0-9]++(?:-++[A-Za-z0-9]++)*+\.)++[A-Za-z]+")
_PLAIN_LIMIT = 64

_ANY_ATOM = r"[\u0080-\U0010ffff" + _ATOM[1:]
_DOT_ATOM = re.compile(rf"{_ANY_ATOM}+(?:\.{_ANY_ATOM}+)*+")
_NOT_ATOM = re.compile("[^." + _ANY_ATOM[1:])
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"')
_NOT_HOST = re.compile("[^a-z0-9-]")
# Joiners belong to the spelling of Persian and Indic words and of emoji. Every other invisible character is
# an accident of copying: it would make a recipient to whom nobody can write.
_JOINERS = "\u200c\u200d"
_ACCIDENTS = {
    "\uff20": "where an ordinary @ belongs",
    "\ufe6b": "where an ordinary @ belongs",
    "\ufffd": "in place of a letter: the text was read in the wrong encoding",
}


def parse(text: str, default_domain: str | None = None) -> Address:
    """The address that a person, a file or a directory wrote: `<jane@x.example>` and `Jane@X.example.` alike.

    A text that is only a local part is completed with `default_domain`, when given. Raises AddressError.
    """
    if len(text) <= _PLAIN_LIMIT and _PLAIN.fullmatch(text):
        return Address(text.lower())
    bare = text.strip()
    if bare.startswith("<") and bare.endswith(">"):
        bare = bare[1:-1].strip()
    bare = _readable(bare, text)
    local, domain = bare, default_domain
    if "@" in bare and not _QUOTED.fullmatch(bare):
        local, _, domain = bare.rpartition("@")
    if domain is None:
        raise AddressError(f"{_shown(text)} has no @ with a domain name after it.")
    if local and not _QUOTED.fullmatch(local) and not _DOT_ATOM.fullmatch(local):
        raise AddressError(f"{_shown(text)} {_local_fault(local)}.")
    return _normalised(_unquoted(local), domain, text)


def asked(text: str) -> Address:
    """The address that a mail server asks about, which may be spelled as no person would write it.

    Postfix takes the quotes off a local part before it asks, so whatever stands before the last @ is taken as
    it is, a leading space too. Angle brackets and a trailing dot of the domain are taken off.
    Raises AddressError.
    """
    bare = text.strip()
    bare = bare[1:-1] if bare.startswith("<") and bare.endswith(">") else text.rstrip()
    if len(bare) <= _PLAIN_LIMIT and _PLAIN.fullmatch(bare):
        return Address(bare.lower())
    local, at, domain = _readable(bare, text).rpartition("@")
    if not at:
        raise AddressError(f"{_shown(text)} has no @ with a domain name after it.")
    return _normalised(_unquoted(local), domain, text)


def key(address: Address) -> str:
    """The form in which two addresses are the same recipient: weiß@ and weiss@ are, as Postfix folds case.

    A key is itself a spelling of an address, and that address has the same key.
    """
    return address if address.isascii() else _folded(address)


def split(address: Address) -> tuple[str, str]:
    """Local part and domain. A quoted local part may contain an @, a domain cannot."""
    local, _, domain = address.rpartition("@")
    return local, domain


def without_tag(address: Address) -> Address | None:
    """`user@` for `user+tag@`, or None if there is no tag: a plus within quotes is a letter like others."""
    local, domain = split(address)
    user, plus, _ = local.partition("+")
    if not plus or not user or user.startswith('"') or user.endswith("."):
        return None
    return Address(f"{user}@{domain}")


def with_domain(address: Address, domain: str) -> Address:
    """The same local part in another domain. Raises AddressError if that is none or makes it too long."""
    local, _ = split(address)
    return _joined(local, _host(domain, domain), f"{local}@{domain}")


def parse_domain(text: str) -> str:
    """A mail domain's name in lower-case A-label form: `xn--bcher-kva.example` for Bücher.example.

    Raises AddressError.
    """
    return _host(_readable(text.strip(), text, "domain name"), text)


def display_domain(name: str) -> str:
    """The name as people write it, or as it is where that would not be read back as the same name."""
    return _u_labels(name) if "xn--" in name else name


def display(address: Address) -> str:
    """The address as people write it; `parse` reads it as the same address."""
    local, domain = split(address)
    return f"{local}@{display_domain(domain)}"


def _readable(bare: str, text: str, noun: str = "address") -> str:
    """`bare` in NFC; an error if empty, endless or holds what cannot be seen. Errors show `text`."""
    if not bare:
        raise AddressError(f"The {noun} is empty.")
    if len(bare) > TEXT_LIMIT:
        raise AddressError(f"{_shown(text)} is much too long: the limit is {ADDRESS_LIMIT} characters.")
    # The canonical form of U+037E is an ASCII semicolon, so composing comes before every other look.
    composed = unicodedata.normalize("NFC", bare)
    for character in composed:
        if accident := _ACCIDENTS.get(character):
            raise AddressError(f"{_shown(text)} has “{character}” {accident}.")
        if not character.isprintable() and character not in _JOINERS:
            kind = "a control" if unicodedata.category(character) == "Cc" else "an invisible or unknown"
            raise AddressError(f"{_shown(text)} contains {kind} character (U+{ord(character):04X}).")
    return composed


def _normalised(content: str, domain: str, text: str) -> Address:
    """The address of a local part without its quotes, in `domain`."""
    if not content:
        raise AddressError(f"{_shown(text)} has nothing before the @.")
    local = unicodedata.normalize("NFC", unicodedata.normalize("NFC", content).lower())
    if not _DOT_ATOM.fullmatch(local):
        local = '"' + local.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return _joined(local, _host(domain, text), text)


def _joined(local: str, domain: str, text: str) -> Address:
    # Folding can lengthen a local part (ŉ becomes two letters), and mail servers ask in the folded spelling.
    octets = max(len(local.encode()), len(_folded(local).encode()))
    if octets > LOCAL_LIMIT:
        fault = f"has more than {LOCAL_LIMIT} characters before the @"
        if not local.isascii():
            fault += ", where letters other than a to z count as two or more"
        raise AddressError(f"{_shown(text)} {fault}.")
    if octets + 1 + len(domain) > ADDRESS_LIMIT:
        raise AddressError(f"{_shown(text)} is longer than the {ADDRESS_LIMIT} characters of a mail address.")
    return Address(f"{local}@{domain}")


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text.casefold())


def _unquoted(local: str) -> str:
    return re.sub(r"\\(.)", r"\1", local[1:-1]) if _QUOTED.fullmatch(local) else local


def _local_fault(local: str) -> str:
    """What is wrong with a local part that is neither a dot-atom nor a quoted string."""
    if "<" in local:
        return "is more than an address: give only what stands between < and >"
    if local.startswith('"'):
        return "has a quotation mark that does not close right before the @"
    if "@" in local:
        return "has more than one @"
    if found := _NOT_ATOM.search(local):
        return f"has {_named(found.group())} before the @, where it is not allowed"
    return "has a misplaced dot: the part before the @ may not begin or end with a dot, or have two in a row"


def _host(domain: str, text: str) -> str:
    """A host name in lower-case A-label form. Errors show `text`.

    ASCII labels need not be valid IDNA: names such as xn--i-7iq.ws and ab--cd.example exist and get mail.
    """
    if domain.startswith("["):
        raise AddressError(f"{_shown(text)} names an IP address in place of a domain name.")
    try:
        name = domain.lower() if domain.isascii() else _a_labels(domain)
    except idna.IDNAError as error:
        raise AddressError(f"{_shown(text)} {_idna_fault(error)}.") from None
    name = name.removesuffix(".")
    if not name:
        raise AddressError(f"{_shown(text)} has no domain name.")
    labels = name.split(".")
    if fault := next(filter(None, map(_label_fault, labels)), None):
        raise AddressError(f"{_shown(text)} {fault}.")
    if len(name) > DOMAIN_LIMIT:
        raise AddressError(f"{_shown(text)} has a domain name of more than {DOMAIN_LIMIT} characters.")
    if len(labels) == 1:
        raise AddressError(f"{_shown(text)} has no full domain name, such as company.example.")
    if labels[-1].isdigit():
        raise AddressError(f"{_shown(text)} has a domain name that ends in a number, as IP addresses do.")
    return name


def _label_fault(label: str) -> str:
    if not label:
        return "has a misplaced dot: a domain name may not begin with a dot, or have two in a row"
    if len(label) > LABEL_LIMIT:
        return f"has a part of more than {LABEL_LIMIT} characters in its domain name"
    if found := _NOT_HOST.search(label):
        return f"has {_named(found.group())} in its domain name, which may only have letters, digits, hyphens"
    if label.startswith("-") or label.endswith("-"):
        return f"has a misplaced hyphen: “{label}” in its domain name begins or ends with one"
    return ""


@lru_cache(maxsize=1024)
def _a_labels(domain: str) -> str:
    """A-labels by IDNA 2008, after the mapping of UTS 46: it folds case, width and the dots of Asian input.

    Cached, since a directory writes few domains many times. A label that is too long stays as it is, for
    `_label_fault`: to encode it takes time by the square of its length. Raises idna.IDNAError.
    """
    labels = idna.uts46_remap(domain, std3_rules=False).split(".")
    return ".".join(
        idna.alabel(label).decode() if not label.isascii() and len(label) <= LABEL_LIMIT else label for label in labels
    )


@lru_cache(maxsize=1024)
def _u_labels(name: str) -> str:
    try:
        labels = [idna.ulabel(label) if label.startswith("xn--") else label for label in name.split(".")]
        shown = ".".join(labels)
        return shown if parse_domain(shown) == name else name
    except (idna.IDNAError, AddressError):
        return name


def _idna_fault(error: idna.IDNAError) -> str:
    if error.code in {"label_too_long", "input_too_long"}:
        return f"has a part of more than {LABEL_LIMIT} characters in its domain name, as the DNS spells it"
    because = f" because of {_named(chr(error.codepoint))}" if error.codepoint is not None else ""
    return (
        f"has a domain name that the rules for international names forbid{because}; "
        "if it exists all the same, write its xn-- form"
    )


def _named(character: str) -> str:
    return {" ": "a space", "_": "an underscore"}.get(character, _printed(character))


def _shown(text: str) -> str:
    text = text.strip()
    return _printed(text if len(text) <= SHOWN else text[: SHOWN - 1] + "…")


def _printed(text: str) -> str:
    """In quotation marks, on one line and encodable, whatever it is."""
    return "“" + "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text) + "”"
