"""What a command line names, looked up; what is not there is a refusal with a sentence."""

from console.core.address import parse_domain
from console.core.errors import RefusedError
from console.models import Admin, Domain, Group, Invitation, Run, RunState, Source
from console.store import admins, domains, invitations, runs, sources


def admin(email: str) -> Admin:
    """The account of an e-mail address. Raises RefusedError."""
    found = admins.by_email(email)
    if found is None:
        raise RefusedError(f"There is no account for {email}. See: flask admins list")
    return found


def invitation(email: str) -> Invitation:
    """The invitation of an e-mail address. Raises RefusedError."""
    found = invitations.of(email)
    if found is None:
        raise RefusedError(f"{email} is not invited. See: flask admins invitations")
    return found


def domain(name: str) -> Domain:
    """Raises AddressError for what is no domain name, RefusedError for one that is not here."""
    found = domains.named(parse_domain(name))
    if found is None:
        raise RefusedError(f"There is no domain {name} here. Add it with: flask domains add {name}")
    return found


def group(of: Domain, name: str | None) -> Group:
    """A domain's group by its name, in whatever case; "Default" without one."""
    if name is None:
        return domains.default_group(of.id)
    groups = domains.groups(of.id)
    for found in groups:
        if found.name.casefold() == name.strip().casefold():
            return found
    raise RefusedError(f"{of.name} has no group {name}. It has: {', '.join(item.name for item in groups)}.")


def source(source_id: int) -> Source:
    found = sources.get(source_id)
    if found is None:
        raise RefusedError(f"There is no source {source_id}. See: flask sources list")
    return found


def run(run_id: int) -> Run:
    found = runs.get(run_id)
    if found is None:
        raise RefusedError(f"There is no run {run_id}. See: flask runs list")
    return found


def nothing_open(busy: Run | None) -> None:
    """Raises RefusedError, with what to do, for a run that has to end before another one of its kind begins."""
    if busy is None:
        return
    if busy.state == RunState.NEEDS_APPROVAL:
        raise RefusedError(
            f"Run {busy.id}, {busy.title}, waits for approval. Decide first: flask runs approve {busy.id}, "
            f"or flask runs discard {busy.id}"
        )
    raise RefusedError(f"Run {busy.id}, {busy.title}, has not ended. Wait until it has.")
