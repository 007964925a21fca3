"""What a person makes of addresses that were sighted: one run of one plan for all that were chosen, or nothing."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Executable, select, text, update

from console.core.address import Address, display, key
from console.core.discovery import SightingState
from console.core.draft import Draft
from console.core.errors import RefusedError
from console.core.person import Kind, Origin, User
from console.core.plan import Plan
from console.models import Address as AddressRow
from console.models import Admin, Domain, Run, Sighting, db, now
from console.store import acts, discovery, domains, roster, sightings

MOVED = "{0} does not stand in this list any more, so nothing was changed. Look at the list as it is now."


@dataclass(frozen=True, slots=True)
class Done:
    """What an act did: to which addresses, in which run (None where the list did not change), and how many billable
    mailboxes more there are by it."""

    addresses: Sequence[Address]
    run: Run | None
    billable: int


def chosen(
    domain_id: int, ids: Collection[int], states: Collection[SightingState], *, lock: bool = False
) -> Sequence[Sighting]:
    """The sightings with these ids, by address, all of them in one of these states.

    With `lock` they stay so until the caller's transaction ends: no answer of the server comes in between. Raises
    RefusedError for none, and where one is gone or was decided meanwhile.
    """
    if not ids:
        raise RefusedError("Select the addresses first, with the boxes before them.")
    query = select(Sighting).where(Sighting.domain_id == domain_id, Sighting.id.in_(list(ids)))
    query = query.order_by(Sighting.id).with_for_update() if lock else query
    rows = db.session.scalars(query.execution_options(populate_existing=True)).all()
    rows = sorted(rows, key=lambda row: row.address)
    if len(rows) != len(set(ids)):
        raise RefusedError(MOVED.format("An address that you selected"))
    moved = next((row for row in rows if row.state not in states), None)
    if moved is not None:
        raise RefusedError(MOVED.format(display(Address(moved.address))))
    return rows


def add(domain: Domain, admin: Admin | None, rows: Sequence[Sighting], kind: Kind = Kind.MAILBOX) -> Done:
    """Make addresses users of a kind; one whom discovery made a user already gets the kind.

    Raises RefusedError where somebody else has an address, and StaleError, both with nothing changed.
    """
    draft, group = _draft(rows), domains.default_group(domain.id).id
    for address in _addresses(rows):
        draft.place(address, kind, group)
    what = "a user" if kind is Kind.MAILBOX else f"a {kind.value.replace('_', ' ')}"
    return _done(domain, admin, rows, draft.plan(), title=f"Made {_named(rows)} {what}", also=_held(rows))


def give(domain: Domain, admin: Admin | None, rows: Sequence[Sighting], user: User) -> Done:
    """Make addresses aliases of a user. One that was added as a user is deleted, and all its addresses go over.

    Raises RefusedError for a user whose mail is rejected, and where an address is not discovery's to give; StaleError.
    """
    draft = _draft(rows, user)
    for address in _addresses(rows):
        draft.give(address, user)
    title = f"Made {_named(rows)} an alias of {user.address}"
    return _done(domain, admin, rows, draft.plan(), title=title, also=_held(rows))


def disown(domain: Domain, admin: Admin | None, rows: Sequence[Sighting]) -> Done:
    """Have mail to addresses rejected, and never ask for them again; users that discovery made of them are deleted.

    Raises RefusedError where an address is not discovery's to take away, and StaleError, both with nothing changed.
    """
    draft = _draft(rows)
    for address in _addresses(rows):
        draft.drop(address)
    decided = {"state": SightingState.NOT_OURS.value, "due_at": None, "answered_at": now()}
    also = update(Sighting).where(Sighting.id.in_([row.id for row in rows])).values(**decided)
    return _done(domain, admin, rows, draft.plan(), title=f"Said that {_named(rows)} is not ours", also=also)


def holders(rows: Sequence[Sighting]) -> Mapping[int, User]:
    """Who has the addresses of sightings that are on the list, by the sighting's id."""
    named = {key(address): user for user in roster.holding(_addresses(rows)) for address in user.addresses}
    return {row.id: named[row.key] for row in rows if row.key in named}


def billable(rows: Sequence[Sighting]) -> int:
    """How many billable mailboxes discovery has made of these addresses."""
    users = roster.holding(_addresses(rows))
    return sum(user.billable and user.origin is Origin.DISCOVERY for user in users)


def ask_again(domain: Domain, rows: Sequence[Sighting]) -> Done:
    """Have the domain's server asked for addresses anew, and commit; the caller enqueues.

    Raises RefusedError while discovery is off, and for an address that is on the list.
    """
    if not discovery.is_on(domain.id):
        raise RefusedError("Address Discovery is off, so nothing is asked. Turn it on, or check a list of addresses.")
    addresses = _addresses(rows)
    held = roster.holding(addresses)
    if held:
        raise RefusedError(f"{display(held[0].address)} is on the list, so there is nothing to ask.")
    sightings.ask_again([row.id for row in rows])
    db.session.commit()
    return Done(addresses, None, 0)


def taken_back(domain_id: int, plan: Plan) -> None:
    """Let sightings follow the plan of an undo, in the caller's transaction.

    What somebody has again is added. What nobody has any more is where its server's last words put it: in review for a
    yes, which is a person's to decide, so that it does not come back by itself.
    """
    sides = (user for step in plan.writes for user in (step.before, step.after) if user is not None)
    names = {key(address) for user in sides for address in user.addresses}
    if names:
        db.session.execute(text(_TAKEN_BACK), {"domain": domain_id, "keys": list(names)})


def _addresses(rows: Iterable[Sighting]) -> list[Address]:
    return [Address(row.address) for row in rows]


def _draft(rows: Iterable[Sighting], *more: User) -> Draft:
    return Draft([*more, *roster.holding(_addresses(rows))])


def _done(
    domain: Domain, admin: Admin | None, rows: Sequence[Sighting], plan: Plan, *, title: str, also: Executable
) -> Done:
    """Apply the plan together with what is to be noted of the addresses."""
    addresses = _addresses(rows)
    if plan.writes:
        return Done(
            addresses, acts.act(domain.id, admin, title, plan, also=lambda _: db.session.execute(also)), plan.billable
        )
    db.session.execute(also)
    db.session.commit()
    return Done(addresses, None, 0)


def _held(rows: Iterable[Sighting]) -> Executable:
    """Note of sightings that somebody has their addresses now, and who."""
    mine = Sighting.id.in_([row.id for row in rows]), Sighting.key == AddressRow.key
    values = {"state": SightingState.ADDED.value, "due_at": None, "answered_at": now(), "user_id": AddressRow.user_id}
    return update(Sighting).where(*mine).values(**values).execution_options(synchronize_session=False)


def _named(rows: Sequence[Sighting]) -> str:
    return rows[0].address if len(rows) == 1 else f"{len(rows):,} discovered addresses"


_TAKEN_BACK = """
    update sightings s set due_at = null, user_id = coalesce(n.user_id, s.user_id), answered_at = now(),
        state = case when n.user_id is not null then 'added'
                     when s.said like '2%' then 'review'
                     when s.said like '5%' then 'refused' else 'unknown' end
      from (select k.key, a.user_id
              from unnest(cast(:keys as text[])) as k(key) left join addresses a on a.key = k.key) n
     where s.domain_id = :domain and s.key = n.key and (n.user_id is not null or s.state = 'added')
"""
