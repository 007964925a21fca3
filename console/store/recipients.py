"""What a person does to one user: add, edit, give addresses, disable, delete. Each is a run of one step."""

from dataclasses import replace

from console.core import bulk
from console.core.address import Address, split, with_domain
from console.core.errors import RefusedError
from console.core.person import Kind, Origin, Person, Snapshot, User
from console.core.plan import Action, Plan, change
from console.core.reconcile import Rules, reconcile
from console.models import Admin, Domain, Run, now
from console.store import acts, domains, records, roster, users


def add(
    domain: Domain,
    admin: Admin | None,
    address: Address,
    *,
    first_name: str = "",
    last_name: str = "",
    kind: Kind = Kind.MAILBOX,
    group_id: int | None = None,
    aliases: tuple[Address, ...] = (),
) -> int:
    """Add a user by hand: a snapshot of one, applied at once. The id of the new user.

    Raises RefusedError, with nothing added, when an address is on the list already or is not of this domain.
    """
    names = {domain.name, *domain.aliases}
    for item in (address, *aliases):
        if split(item)[1] not in names:
            raise RefusedError(f"{item} is not an address of {domain.name}.")
    person = Person("by hand", address, aliases=aliases, first_name=first_name, last_name=last_name, kind=kind)
    holders = roster.holding(with_domain(item, domain.name) for item in (address, *aliases))
    plan = reconcile(Snapshot((person,)), holders, rules_by_hand(domain, group_id))
    if [step.action for step in plan.steps] != [Action.CREATE]:
        why = plan.steps[0].why if plan.steps else plan.skips[0].why
        raise RefusedError(why)
    run = acts.act(domain.id, admin, f"Added {plan.steps[0].address}", plan)
    return _only_user(run)


def rules_by_hand(domain: Domain, group_id: int | None) -> Rules:
    """What makes of people that a person names users of a group, the default one without; nobody else is changed."""
    return Rules(
        domain=domain.name,
        alias_domains=frozenset(domain.aliases),
        group_id=group_id or domains.default_group(domain.id).id,
        origin=Origin.MANUAL,
        now=now(),
        updates=False,
    )


def edit(user: User, admin: Admin | None, *, first_name: str, last_name: str, kind: Kind, group_id: int) -> Run | None:
    """Change names, kind and group; what a person sets on a synced user stays through the next sync."""
    touched = {
        "name": (first_name, last_name) != (user.first_name, user.last_name),
        "kind": kind is not user.kind,
        "group_id": group_id != user.group_id,
    }
    by_hand = bulk.kept(user, *(name for name, yes in touched.items() if yes))
    after = replace(user, first_name=first_name, last_name=last_name, kind=kind, group_id=group_id, by_hand=by_hand)
    return _act(user, after, admin, f"Edited {user.address}")


def follow(user: User, admin: Admin | None, name: str) -> Run | None:
    """Give something set by hand back to the source: the next sync sets it again."""
    return _act(
        user, replace(user, by_hand=user.by_hand - {name}), admin, f"Let the source set the {name} of {user.address}"
    )


def add_alias(domain: Domain, user: User, admin: Admin | None, address: Address) -> Run | None:
    """Give a user a further address. Raises RefusedError when it is of another domain, or someone has it."""
    if split(address)[1] not in {domain.name, *domain.aliases}:
        raise RefusedError(f"{address} is not an address of {domain.name}.")
    address = with_domain(address, domain.name)
    _free(address, user)
    by_hand = user.by_hand | {address} if user.origin is Origin.SOURCE else user.by_hand
    after = replace(user, aliases=tuple(sorted((*user.aliases, address))), by_hand=by_hand)
    return _act(user, after, admin, f"Gave {user.address} the alias {address}")


def remove_alias(user: User, admin: Admin | None, address: Address) -> Run | None:
    """Take an alias away. One that the user's source gave would come back with the next sync, so it is refused."""
    if address not in user.aliases:
        raise RefusedError(f"{address} is not an alias of {user.address}.")
    if user.origin is Origin.SOURCE and address not in user.by_hand and not user.exempt:
        raise RefusedError(
            f"{address} comes from the directory and would be back with the next sync. "
            "Remove it there, or exempt this user from sync."
        )
    after = replace(user, aliases=tuple(a for a in user.aliases if a != address), by_hand=user.by_hand - {address})
    return _act(user, after, admin, f"Took the alias {address} from {user.address}")


def make_primary(user: User, admin: Admin | None, address: Address) -> Run | None:
    """Swap the primary address with an alias; a synced user's primary address is the directory's to say."""
    if address not in user.aliases:
        raise RefusedError(f"{address} is not an address of this user.")
    if user.origin is Origin.SOURCE and not user.exempt:
        raise RefusedError(
            "The directory says which address of this user is the primary one. "
            "Change it there, or exempt this user from sync."
        )
    aliases = tuple(sorted({*user.aliases, user.address} - {address}))
    return _act(
        user,
        replace(user, address=address, aliases=aliases),
        admin,
        f"Made {address} the primary address of {user.address}",
    )


def disable(user: User, admin: Admin | None) -> Run | None:
    """Reject this user's mail from now on."""
    return _act(user, bulk.disabled(user), admin, f"Disabled {user.address}")


def enable(user: User, admin: Admin | None) -> Run | None:
    """Accept this user's mail again; its source decides again from the next sync on."""
    return _act(user, bulk.enabled(user), admin, f"Enabled {user.address}")


def exempt(user: User, admin: Admin | None, on: bool) -> Run | None:
    """Keep every sync away from this user, or let it come again."""
    words = "Exempted {} from sync" if on else "Let sync manage {} again"
    return _act(user, replace(user, exempt=on), admin, words.format(user.address))


def delete(user: User, admin: Admin | None) -> Run | None:
    """Take a user off the list, with every address."""
    return _act(user, None, admin, f"Deleted {user.address}")


def current(user_id: int) -> User | None:
    """The user as a core record, to act on."""
    return roster.by_ids([user_id]).get(user_id)


def _act(before: User, after: User | None, admin: Admin | None, title: str) -> Run | None:
    """The run that did it, or None when there was nothing to do."""
    plan: Plan = change(before, after)
    if not plan.writes:
        return None
    return acts.act(domains.of_group(before.group_id).id, admin, title, plan)


def _free(address: Address, user: User) -> None:
    held = users.holder(address)
    if held is not None:
        who = "This user" if held.id == user.id else held.address
        raise RefusedError(f"{who} has the address {address} already.")


def _only_user(run: Run) -> int:
    made = records.changes(run.id, limit=1)[0].user_id
    if made is None:
        raise RefusedError("The user was not stored.")
    return made
