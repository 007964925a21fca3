"""Ask about the addresses that mail came for and that nobody has, and put those on the list that exist."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from redis import Redis

from console import live, queue
from console.core.address import Address, display, key
from console.core.discovery import Ended, Sighted, SightingState, Taking
from console.core.errors import StaleError
from console.core.person import Origin, Person, Snapshot
from console.core.plan import Plan
from console.core.reconcile import Rules, reconcile
from console.models import Domain, Run, RunKind, db, now
from console.settings import Settings
from console.store import acts, discovery, domains, records, roster, sightings
from jobs.probing import EveryAddressError, Probing
from jobs.smtp.server import CalloutError
from jobs.smtp.verdict import Answer, Reason, Verdict

log = logging.getLogger(__name__)

BATCH = 20
# A worker is not kept by one domain for longer; what is left goes to the next job.
LONGEST_SECONDS = 20.0
# The connection is kept open for mail that comes in the next moment.
LINGER_SECONDS, LOOK_SECONDS = 1.0, 0.1
# Mail servers wait for a yes. What is found within this time becomes one run.
GATHER_SECONDS = 0.25
ATTEMPTS = 3
# These answers would be the same for every address: whoever goes on asking is shut out for longer.
OF_US = frozenset({Reason.BLOCKED, Reason.TOO_MANY, Reason.ENCRYPTION, Reason.SIGN_IN, Reason.TIMEOUT, Reason.CLOSED})
PLACE = "mail that arrived"
SHOWN = 20


def probe(domain_id: int, redis: Redis, settings: Settings) -> None:
    """Ask about what is due in a domain. Nothing happens while another process does it, or when discovery is off.

    Whoever finds the lock held leaves its address to the holder; so that looks once more when it has let go.
    """
    until = time.monotonic() + LONGEST_SECONDS
    while True:
        with discovery.held(domain_id) as mine:
            finished = mine and _Arrivals(domain_id, redis, settings, until).work()
        if not finished:
            return
        if time.monotonic() >= until:
            queue.probe(redis, domain_id)
            return
        more = sightings.due(domain_id, 1)
        db.session.rollback()
        if not more:
            return


@dataclass
class _Arrivals:
    """The addresses that are due in one domain, on their way to an answer."""

    domain_id: int
    redis: Redis
    settings: Settings
    until: float
    _found: list[tuple[Sighted, str]] = field(default_factory=list)
    _found_at: float = 0.0
    _asked: bool = False

    def work(self) -> bool:
        """Ask until nothing is due any more, or time is over. False when asking on is of no use now."""
        domain = domains.get(self.domain_id)
        if domain is None or not discovery.is_on(self.domain_id):
            db.session.rollback()
            return False
        name = domain.name
        try:
            with Probing(self.domain_id, name, self.settings) as probing:
                return self._test(probing) and self._all(probing)
        except EveryAddressError as error:
            self._found.clear()
            give_up(self.domain_id, error.peer)
            return False
        except CalloutError as error:
            self._take()
            log.info("domain %s: no mail server can be asked: %s", self.domain_id, error.sentence)
            sightings.put_off(self.domain_id, error.sentence)
            return False
        finally:
            live.tick_domain(self.redis, self.domain_id)

    def _test(self, probing: Probing) -> bool:
        """The daily question whether the server accepts every address by now."""
        if discovery.is_to_be_tested(self.domain_id) and self._room() >= 1:
            try:
                if probing.test().answer is Answer.UNKNOWN:
                    discovery.retest_later(self.domain_id)
            except CalloutError:
                discovery.retest_later(self.domain_id)
                raise
        return True

    def _all(self, probing: Probing) -> bool:
        quiet_since = time.monotonic()
        while time.monotonic() < self.until:
            batch = sightings.due(self.domain_id, BATCH)
            db.session.rollback()
            if batch:
                going_on = self._some(probing, batch)
                self._take()
                live.tick_domain(self.redis, self.domain_id)
                if not going_on:
                    return False
                quiet_since = time.monotonic()
            elif not self._asked or time.monotonic() - quiet_since >= LINGER_SECONDS:
                return True
            else:
                time.sleep(LOOK_SECONDS)
        return True

    def _some(self, probing: Probing, batch: Sequence[Sighted]) -> bool:
        """Ask for some addresses. False when the rest has to wait."""
        listed = _listed(batch)
        for sighted in batch:
            if time.monotonic() >= self.until:
                return True
            if key(sighted.address) in listed:
                self._found.append((sighted, ""))
                continue
            costs = min(probing.costs, self.settings.discovery_per_minute)
            if not discovery.is_on(self.domain_id) or self._room() < costs:
                db.session.rollback()
                return False
            self._asked = True
            if not self._answered(sighted, probing.ask(sighted.address)):
                return False
            if self._found and time.monotonic() - self._found_at >= GATHER_SECONDS:
                self._take()
        return True

    def _answered(self, sighted: Sighted, verdict: Verdict) -> bool:
        """Keep an answer. False when it would be the same for every address."""
        if verdict.answer is Answer.YES:
            self._found_at = self._found_at if self._found else time.monotonic()
            self._found.append((sighted, verdict.said))
            return True
        if verdict.answer is Answer.NO:
            sightings.answered(sighted.id, SightingState.REFUSED, verdict.said)
        else:
            sightings.unanswered(sighted.id, verdict.said or verdict.sentence)
        db.session.commit()
        if verdict.reason not in OF_US:
            return True
        sightings.put_off(self.domain_id, verdict.said or verdict.sentence)
        return False

    def _room(self) -> int:
        return discovery.room(self.domain_id, self.settings.discovery_per_minute, self.settings.discovery_per_day)

    def _take(self) -> None:
        found, self._found = self._found, []
        for attempt in range(1, ATTEMPTS + 1):
            try:
                if found:
                    take(self.domain_id, found)
            except StaleError:
                if attempt == ATTEMPTS:
                    raise
            else:
                return


def take(domain_id: int, found: Sequence[tuple[Sighted, str]]) -> Run | None:
    """Put addresses that exist on the list, or into review, by the domain's choice, with what the server said of each.

    What a person decided meanwhile stays, and what has come onto the list is only noted. Raises StaleError, with
    nothing changed, when the list was changed in the same moment.
    """
    switch, domain = discovery.of_domain(domain_id), domains.get(domain_id)
    due = sightings.still_due([sighted.id for sighted, _ in found])
    wanted = [(sighted, said) for sighted, said in found if sighted.id in due]
    if switch is None or domain is None or switch.state != "on" or not wanted:
        db.session.rollback()
        return None
    listed = _listed([sighted for sighted, _ in wanted])
    new: dict[Address, tuple[int, str]] = {}
    for sighted, said in wanted:
        if key(sighted.address) in listed:
            sightings.answered(sighted.id, SightingState.ADDED, said, user_id=listed[key(sighted.address)])
        elif switch.taking == Taking.REVIEW:
            sightings.answered(sighted.id, SightingState.REVIEW, said)
        else:
            new[sighted.address] = (sighted.id, said)
    plan = plan_for(domain, [Person(PLACE, address) for address in new])
    for skip in plan.skips:
        sightings.unanswered(new[Address(skip.what)][0], skip.why)
    if not plan.steps:
        db.session.commit()
        return None

    def note(run: Run) -> None:
        for change in records.changes(run.id, limit=len(new)):
            sighting_id, said = new[Address(change.address)]
            sightings.answered(sighting_id, SightingState.ADDED, said, user_id=change.user_id)

    return acts.act(domain_id, None, _title(plan), plan, kind=RunKind.DISCOVERY, also=note)


def plan_for(domain: Domain, people: Sequence[Person]) -> Plan:
    """The plan that adds people whose addresses nobody has, as mailboxes of the default group."""
    rules = Rules(
        domain=domain.name,
        alias_domains=frozenset(domain.aliases),
        group_id=domains.default_group(domain.id).id,
        origin=Origin.DISCOVERY,
        source_name="Address Discovery",
        updates=False,
        removes=False,
        now=now(),
    )
    return reconcile(Snapshot(tuple(people)), roster.holding(person.primary for person in people), rules)


def give_up(domain_id: int, peer: str) -> None:
    """Turn discovery off since this server accepts every address, and tell what was added since it last did not."""
    switch = discovery.of_domain(domain_id)
    since = switch.tested_at if switch is not None else None
    added = [display(Address(row.address)) for row in sightings.added_since(domain_id, since)]
    log.warning("domain %s: discovery ends, since its mail server accepts every address", domain_id)
    discovery.turn_off(domain_id, Ended.EVERY_ADDRESS, notice=_told(peer, added))


def _told(peer: str, added: Sequence[str]) -> str:
    text = (
        f"{peer}, accepts every address now, also one that nobody has. So nobody can learn from it who exists, and it "
        "is asked no more. The page says what to change on the server."
    )
    if added:
        more = f"\nand {len(added) - SHOWN:,} more" if len(added) > SHOWN else ""
        text += "\n\nLook at these, which were added after its last good answer:\n" + "\n".join(added[:SHOWN]) + more
    return text


def _title(plan: Plan) -> str:
    count = len(plan.steps)
    return f"Discovered {display(plan.steps[0].address)}" if count == 1 else f"Discovered {count:,} addresses"


def _listed(batch: Sequence[Sighted]) -> dict[str, int | None]:
    """Which of these have come onto the list, by key, and as whose."""
    users = roster.holding(sighted.address for sighted in batch)
    return {key(address): user.id for user in users for address in user.addresses}
