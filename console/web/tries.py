"""How often one may try to sign in, ask for a new password, or begin a sign-in at Microsoft.

Whoever signed in before from this browser, or from this network address, has a count of their own: somebody else who
tries passwords for the account elsewhere does not make them wait.
"""

import ipaddress

from flask import current_app, request

from console.core import browsers
from console.settings import Settings
from console.store import sessions
from console.store.sessions import Visitor
from console.throttle import Door, Throttle

# An office is one network address for many people.
AT_ADDRESS = 30
AT_ACCOUNT = 5
TOO_OFTEN = "Too many tries. Try again in {}."


def throttle() -> Throttle:
    found: Throttle = current_app.extensions["throttle"]
    return found


def visitor() -> Visitor:
    """Who asks now, as far as a request tells; its network address is that of the proxies that are trusted."""
    settings: Settings = current_app.extensions["settings"]
    return Visitor(
        address=request.remote_addr or "",
        browser=browsers.in_words(request.headers.get("User-Agent", "")),
        device=request.cookies.get(device_cookie(settings), ""),
    )


def device_cookie(settings: Settings) -> str:
    """By its prefix a browser takes it from this host alone, over HTTPS."""
    return "__Host-browser" if settings.secure else "browser"


def at_address(what: str) -> Door:
    """Of one kind of try, from the network address of this request."""
    return Door(f"{what} from {network(request.remote_addr or '')}", free=AT_ADDRESS, shared=True)


def network(address: str) -> str:
    """Whose address it is, as far as that can be told: a subscriber has an IPv6 network of their own."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        pass
    else:
        if found.version == 6:
            return str(ipaddress.ip_network((found, 64), strict=False))
    return address


def sign_in(email: str) -> tuple[Door, ...]:
    """What a try to sign in to this account counts for, whether there is such an account or not."""
    email, who = email.strip().lower(), visitor()
    browser, address = sessions.known(email, who)
    if browser:
        return (Door(f"sign-in to {email} in {sessions.digest(who.device)}", free=AT_ACCOUNT),)
    if address:
        return Door(f"sign-in to {email} from {who.address}", free=AT_ACCOUNT), at_address("sign-in")
    return Door(f"sign-in to {email}", free=AT_ACCOUNT), at_address("sign-in")


def password_of(admin_id: int) -> Door:
    """The present password, on the page where one changes it: somebody may have found the browser open."""
    return Door(f"password of {admin_id}", free=AT_ACCOUNT)


def second_step(admin_id: int, email: str) -> Door:
    """The second step of signing in, which only those come to who have the first: a code has six digits, so waits are
    longer. Whoever signed in before in this browser has a count of their own, as with the first step.
    """
    who = visitor()
    browser, _ = sessions.known(email, who)
    place = f" in {sessions.digest(who.device)}" if browser else ""
    return Door(f"second step of {admin_id}{place}", free=AT_ACCOUNT, longest=5 * 60)


def sentence(seconds: int) -> str:
    if seconds > 90:
        return TOO_OFTEN.format(f"{round(seconds / 60)} minutes")
    return TOO_OFTEN.format("a second" if seconds == 1 else f"{seconds} seconds" if seconds < 60 else "a minute")
