"""The steps of a first run as pages show them, all of them read from what is there: nothing has to be remembered."""

from console.core.first_run import Mark, Step, marks
from console.store import first_run
from console.web import access

FIRST = 1
"""With a second domain somebody knows the way."""


def steps(here: Step | None = None, *, users: bool = False, works: bool = False) -> tuple[Mark, ...] | None:
    """The steps for a page, None for who is past them or may change nothing.

    `here` is the one that the page is about; `users` and `works` tell how far the only domain is.
    """
    admin = access.me()
    domains = first_run.domains_up_to_two(admin)
    if domains > FIRST or not admin.may_write:
        return None
    own_password = admin.password_expires_at is None
    facts = ((Step.PASSWORD, own_password), (Step.DOMAIN, domains > 0), (Step.WAY, users), (Step.WORKS, works))
    return marks({step for step, done in facts if done}, here)
