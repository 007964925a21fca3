"""Which entries are asked for (RFC 4515)."""

import re
from itertools import accumulate

from ldap3.core.exceptions import LDAPExceptionError
from ldap3.operation.search import FilterNode, compile_filter, parse_filter
from pyasn1.error import PyAsn1Error

from console.core.errors import SourceError
from jobs.sources.ldap.attributes import AttributeMap

EVERY = "(objectClass=*)"

_SHOWN = 200
_DEPTH_LIMIT = 50

# An attribute's name or OID with options (RFC 4512 section 2.5).
_DESCRIPTION = re.compile(r"([A-Za-z][A-Za-z0-9-]*|[0-9]+(\.[0-9]+)+)(;[A-Za-z0-9-]+)*")


def recipients(names: AttributeMap) -> str:
    """The filter for whatever has a mail address: (|(mail=*)(proxyAddresses=*)) in Active Directory.

    The map's names are plain names of attributes, so nothing is to be escaped. A server whose schema lacks one of them
    takes that part as "undefined", which is not a match (RFC 4511 section 4.5.1.7).
    """
    present = [f"({name}=*)" for name in names.addresses]
    return present[0] if len(present) == 1 else f"(|{''.join(present)})"


def narrowed(names: AttributeMap, extra: str) -> str:
    """The filter for recipients, narrowed by a source's own one, which may lack its outer parentheses.

    Raises SourceError for what is no filter. A wrong one must not be sent: many servers answer it with no entries.
    """
    if not extra:
        return recipients(names)
    for name in attributes(extra):
        if not _DESCRIPTION.fullmatch(name):
            raise _unreadable(extra, f"“{name}” is not the name of an attribute")
    return f"(&{recipients(names)}{_whole(extra)})"


def attributes(extra: str) -> list[str]:
    """The attributes that a source's own filter asks about; raises SourceError for what is no filter."""
    if not extra:
        return []
    text = _whole(extra)
    if _depth(text) > _DEPTH_LIMIT:
        raise _unreadable(extra, f"it is nested more than {_DEPTH_LIMIT} deep")
    try:
        tree = parse_filter(text, None, True, True, None, False).elements[0]
        compile_filter(tree)
    except (LDAPExceptionError, PyAsn1Error, LookupError, TypeError, ValueError) as error:
        raise _unreadable(extra, str(error)) from None
    return _attributes(tree)


def _whole(extra: str) -> str:
    return extra if extra.startswith("(") else f"({extra})"


def _depth(text: str) -> int:
    return max(accumulate({"(": 1, ")": -1}.get(character, 0) for character in text))


def _attributes(node: FilterNode) -> list[str]:
    own = [node.assertion["attr"]] if node.assertion and node.assertion["attr"] else []
    return own + [name for element in node.elements for name in _attributes(element)]


def _unreadable(extra: str, detail: str) -> SourceError:
    return SourceError(
        f"The filter of this source is not an LDAP filter: {extra[:_SHOWN]}. A right one looks like (department=Sales) "
        "or (&(objectClass=user)(!(department=Test))).",
        permanent=True,
        detail=detail,
    )
