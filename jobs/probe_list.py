"""A list of addresses on demand: ask about each of them, and add those that exist, at once or when a person says so."""

from dataclasses import replace

from redis import Redis

from console.core.address import Address, display, display_domain, key, with_domain
from console.core.address_text import addresses_in
from console.core.discovery import Taking
from console.core.errors import AddressError, RefusedError, StaleError
from console.core.person import Reject
from console.core.plan import Plan
from console.models import Domain, Run, db
from console.settings import Settings
from console.store import on_demand, roster, runs, uploads
from jobs import pipeline
from jobs.asking import LISTED, Asking
from jobs.discovery import plan_for
from jobs.interrupt import Cancelled
from jobs.pipeline import Progress
from jobs.sources.csv.encoding import encoding_of, opened

# More than that is a mistake, or somebody else's list.
MOST = 50_000
ATTEMPTS = 3
REVIEW = "These addresses exist, and were to be looked at before they are added."


def execute(run: Run, redis: Redis, settings: Settings) -> None:
    """Ask about the list of a claimed run, or add what was approved.

    Raises RefusedError, StaleError and Cancelled with the list of users as it was.
    """
    progress = Progress(redis, run.id, run.domain_id)
    if run.approved:
        _approved(run, progress)
        return
    upload = uploads.of_run(run.id)
    if upload is None:
        raise RefusedError("The list of this run is no longer kept. Hand it in again.")
    name, taking = upload.name, Taking(upload.options["taking"])
    asking = Asking(run, name, _wanted(run.domain, uploads.content(run.id)), redis, settings)
    asking.ask_all()
    _end(run, asking, taking, progress)


def _wanted(domain: Domain, content: bytes) -> list[Address]:
    """The addresses in a text, in the domain's own name. Raises RefusedError for none, and for far too many."""
    name, names = domain.name, (domain.name, *domain.aliases)
    db.session.commit()
    wanted: dict[str, Address] = {}
    for address in addresses_in(opened(content, encoding_of(content, name))[1].read(), names):
        try:
            own = with_domain(address, name)
        except AddressError:
            continue
        wanted.setdefault(key(own), own)
    if not wanted:
        raise RefusedError(f"There is no address of {' or '.join(map(display_domain, names))} in it.")
    if len(wanted) > MOST:
        raise RefusedError(f"There are {len(wanted):,} addresses in it: at most {MOST:,} can be asked about at once.")
    return list(wanted.values())


def _end(run: Run, asking: Asking, taking: Taking, progress: Progress) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        plan = _plan(run.domain, asking)
        if taking is Taking.REVIEW and plan.steps:
            if not runs.wait(run.id, plan, [REVIEW]):
                raise Cancelled
            return
        try:
            pipeline.write(run, plan, progress, also=lambda: on_demand.keep_added(run))
        except StaleError:
            if attempt == ATTEMPTS or not runs.again(run.id):
                raise
        else:
            return


def _plan(domain: Domain, asking: Asking) -> Plan:
    """What comes of the verdicts: somebody may have got an address while the others were asked about."""
    users = roster.holding(person.primary for person in asking.yes)
    listed = {key(address) for user in users for address in user.addresses}
    new = [person for person in asking.yes if key(person.primary) not in listed]
    late = [person.primary for person in asking.yes if key(person.primary) in listed]
    plan = plan_for(domain, new)
    db.session.commit()
    skips = (Reject("", address, LISTED.format(display(address))) for address in late)
    return replace(plan, skips=(*plan.skips, *skips, *asking.skips), read=asking.total)


def _approved(run: Run, progress: Progress) -> None:
    """Add what was shown, but for what has come onto the list since: nobody wants to ask a thousand addresses anew."""
    for attempt in range(1, ATTEMPTS + 1):
        on_demand.drop_listed(run)
        try:
            pipeline.write(run, None, progress, also=lambda: on_demand.keep_added(run))
        except StaleError:
            if attempt == ATTEMPTS or not runs.again(run.id):
                raise
        else:
            return
