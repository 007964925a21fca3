"""What the server's refusals mean: one sentence each, for the administrator who can do something about it.

Result codes are those of RFC 4511 appendix A. The server's own words go into the detail, never the password.
"""

import re
from collections.abc import Mapping
from typing import Any

from console.core.errors import SourceError
from jobs.sources.ldap import wire
from jobs.sources.ldap.settings import LdapSettings, Tls

Result = Mapping[str, Any]


class PeerError(SourceError):
    """Trouble of one server, which another server of the same directory need not have: it may be tried instead."""


# Active Directory's codes in the text of invalidCredentials, "AcceptSecurityContext error, data 52e": Windows error
# codes in hexadecimal. True where only a change by a person helps.
_AD_CODE = re.compile(r"\bdata ([0-9a-f]+)", re.IGNORECASE)
_AD = {
    "525": ("there is no user {user}. Check User DN", True),
    "52e": ("the password of {user} is wrong, or there is no such user. Check User DN and Password", True),
    "530": ("{user} may not sign in at this time of day. Allow the account all hours", False),
    "531": ("{user} may not sign in from this machine. Allow the account all workstations", True),
    "532": ("the password of {user} has expired. Set a new one in the directory and enter it here", True),
    "533": ("the account {user} is disabled. Enable it in the directory", True),
    "701": ("the account {user} has expired. Extend it in the directory", True),
    "773": ("{user} must change the password first. Set a new one in the directory and enter it here", True),
    "775": ("the account {user} is locked after too many wrong passwords. Unlock it in the directory", False),
}

_REFERRAL = 10
_OVERLOADED = frozenset({51, 52})  # busy, unavailable
_NEEDS_TLS = frozenset({8, 13})  # strongerAuthRequired, confidentialityRequired

_SIGN_IN: dict[int, tuple[str, bool]] = {
    19: ("the account {user} is locked or its password no longer accepted by the server's rules", True),
    32: ("there is no user {user}. Check User DN", True),
    34: ("User DN is not in a form that the server understands: {user}", True),
    48: ("the server wants another way to sign in than with User DN and Password", True),
    49: ("the password of {user} is wrong, or there is no such user. Check User DN and Password", True),
    50: ("{user} may not sign in over LDAP", True),
    53: ("the server does not let {user} sign in like this", True),
}

_SEARCH: dict[int, tuple[str, bool]] = {
    1: (
        "it did not accept the search. Check that User DN and Password are filled in and may read the directory",
        True,
    ),
    3: (
        "it stopped the search at its time limit. Ask for an index on mail and proxyAddresses, or for more time",
        False,
    ),
    4: (
        "it stopped the search at its size limit. Raise the limit for {user} there, or choose a narrower search base",
        True,
    ),
    11: ("it stopped the search at a limit that its administrator set. Raise that limit for {user}", True),
    16: ("it does not know an attribute in the filter", True),
    18: ("it cannot apply the filter of this source", True),
    32: ("the search base {base} does not exist there. Check Search base", True),
    34: ("the search base is not in a form that the server understands: {base}", True),
    50: ("{user} may not read the search base {base}. Give that account the right to read it", True),
    51: ("it is too busy at the moment", False),
    52: ("it is not available at the moment", False),
    53: ("it is not willing to answer the search at the moment", False),
}


def discreet(settings: LdapSettings, result: Result) -> Result:
    """The result without the password in the server's words: some repeat what they were sent."""
    referrals = [_discreet(settings, url) for url in result.get("referrals") or ()]
    return {**result, "message": _discreet(settings, str(result["message"])), "referrals": referrals}


def sign_in(settings: LdapSettings, result: Result) -> SourceError:
    """Why the bind failed."""
    code, text = result["result"], str(result["message"])
    known = _SEARCH[code] if code in _OVERLOADED else _SIGN_IN.get(code)
    if code == 49 and (found := _AD_CODE.search(text)):
        known = _AD.get(found[1].lower(), known)
    if code in _NEEDS_TLS:
        return _needs_tls(settings, result)
    why, permanent = known or ("the server gave a reason that is not known here", False)
    kind = PeerError if code in _OVERLOADED else SourceError
    sentence = f"Signing in at {settings.peer}, failed: {_filled(why, settings)}."
    return kind(sentence, permanent=permanent, detail=_detail(result))


def search(settings: LdapSettings, result: Result, base: str, where: str) -> SourceError:
    """Why a search ended with another result than success. `where` tells how far it had come, if anywhere."""
    code = result["result"]
    if code in _NEEDS_TLS:
        return _needs_tls(settings, result)
    if code == _REFERRAL:
        return _referral(settings, result, base)
    why, permanent = _SEARCH.get(code, ("it answered with an error that is not known here", False))
    sentence = f"{settings.peer}, was not read to the end: {_filled(why, settings, base)}."
    if where:
        sentence += f" This was at {where}; nothing was changed."
    return _failure(sentence, permanent, result)


def endless(settings: LdapSettings, where: str) -> SourceError:
    """The server pages in a circle, or for ever without entries."""
    return SourceError(
        f"{settings.peer}, was not read to the end: it offers page after page without anything new, at {where}. "
        "Nothing was changed. Try again, and if it stays so, choose a narrower search base."
    )


def start_tls(settings: LdapSettings, result: Result) -> PeerError:
    """Why the server did not start encryption when it was asked to."""
    sentence = (
        f"{settings.peer}, does not offer StartTLS: install a certificate on the server, or choose LDAPS with port 636."
    )
    return PeerError(sentence, permanent=result["result"] not in _OVERLOADED, detail=_detail(result))


def broken(settings: LdapSettings, error: Exception, doing: str, *, begun: bool) -> PeerError:
    """Why the connection did not carry an answer to its end. `doing` tells at what, `begun` if anything had come."""
    peer = settings.peer
    detail = _discreet(settings, f"{type(error).__name__}: {error}")
    if isinstance(error, wire.TlsAlert):
        sentence = f"{peer}, speaks TLS, and this source does not: choose LDAPS for that port."
        return PeerError(sentence, permanent=True, detail=detail)
    if isinstance(error, TimeoutError):
        sentence = (
            f"{peer}, did not answer within {settings.receive_timeout:g} seconds {doing}. Nothing was changed. Check "
            "whether the server is well."
        )
    elif isinstance(error, wire.Closed | OSError) and not begun and settings.tls is not Tls.LDAPS:
        sentence = (
            f"{peer}, closed the connection without an answer {doing}. If that port speaks TLS from the first byte, as "
            "636 does, choose LDAPS."
        )
    elif isinstance(error, wire.Closed | OSError):
        sentence = f"{peer}, broke off the connection {doing}. Nothing was changed. Try again."
    else:
        sentence = (
            f"{peer}, sent something that is not LDAP {doing}. Nothing was changed. Check that Host and Port are "
            "those of a directory server."
        )
    return PeerError(sentence, detail=detail)


def _discreet(settings: LdapSettings, text: str) -> str:
    return text.replace(settings.password, "(password)") if settings.password else text


def _needs_tls(settings: LdapSettings, result: Result) -> SourceError:
    sentence = (
        f"{settings.peer}, accepts sign-ins only on an encrypted connection: choose StartTLS, or LDAPS with port 636."
    )
    return _failure(sentence, True, result)


def _referral(settings: LdapSettings, result: Result, base: str) -> SourceError:
    others = ", ".join(result.get("referrals") or ()) or "another server"
    sentence = (
        f"{settings.peer}, does not hold {base or 'the search base'} itself and refers to {others}. Referrals are not "
        "followed, since the password would be handed to that server: enter that server as Host, or a search base that "
        "this one holds."
    )
    return _failure(sentence, True, result)


def _filled(why: str, settings: LdapSettings, base: str = "") -> str:
    return why.format(user=settings.user_dn or "the anonymous user", base=base or "(empty)")


def _failure(sentence: str, permanent: bool, result: Result) -> SourceError:
    return SourceError(sentence, permanent=permanent, detail=_detail(result))


def _detail(result: Result) -> str:
    return f"result {result['result']} ({result['description']}): {result['message']}"
