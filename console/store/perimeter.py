"""What the perimeter asks: the domains and their modes, who has an address, and the credentials of mail servers."""

import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from console.core.errors import RefusedError
from console.core.recipient import Asked, Mode
from console.models import Credential, Domain, DomainName, User, UserCount, db
from console.store import driver, users

# 256 bits that nobody has to remember: a hash made to be slow would only make every answer slow.
SECRET_BYTES = 32
_NOBODY = "0" * 64


@dataclass(frozen=True, slots=True)
class Kept:
    """A domain as the perimeter needs it. `version` goes up with every change of its users."""

    id: int
    name: str
    mode: Mode
    plus_tags: bool
    version: int


@dataclass(frozen=True, slots=True)
class Held:
    """Who has an address: what the decision needs of a user."""

    address: str
    status: str
    reason: str
    missing_since: dt.datetime | None


def kept() -> dict[str, Kept]:
    """The domains by each of their names."""
    columns = (Domain.id, Domain.name, Domain.perimeter_mode, Domain.plus_tags, Domain.list_version)
    rows = db.session.execute(select(DomainName.name, *columns).join(Domain, Domain.id == DomainName.domain_id))
    found: dict[int, Kept] = {}
    return {
        name: found.setdefault(domain_id, Kept(domain_id, own, Mode(mode), plus_tags, version))
        for name, domain_id, own, mode, plus_tags, version in rows
    }


def holders(keys: Iterable[str]) -> dict[str, Held]:
    """Who has these addresses (as core.address.key gives them), by key."""
    with driver.cursor() as cursor:
        rows = cursor.execute(_HOLDERS, (list(keys),)).fetchall()
    return {row[0]: Held(*row[1:]) for row in rows}


def accepted(domain_id: int, after: str, limit: int) -> tuple[list[str], str | None]:
    """The keys of all addresses of some users who receive mail, and the user to go on after; None at the end.

    The users are those after one, by their addresses.
    """
    with driver.cursor() as cursor:
        rows = cursor.execute(_ACCEPTED, {"domain": domain_id, "after": after, "limit": limit}).fetchall()
    addresses = {row[0] for row in rows}
    return [row[1] for row in rows], max(addresses) if len(addresses) == limit else None


def sizes() -> dict[int, int]:
    """How many addresses of each domain receive mail."""
    query = (
        select(UserCount.domain_id, func.sum(UserCount.addresses))
        .where(UserCount.status != "disabled")
        .group_by(UserCount.domain_id)
    )
    return {domain_id: int(addresses) for domain_id, addresses in db.session.execute(query)}


def recipient(asked: Asked) -> tuple[Domain | None, User | None]:
    """The domain that is asked about, if it is kept here, and the user who receives the mail."""
    if asked.address is not None:
        return users.recipient(asked.address)
    name = db.session.get(DomainName, asked.domain) if asked.domain else None
    return (name.domain if name is not None else None), None


def create_credential(name: str) -> str:
    """A password for a mail server; it is kept nowhere. Raises RefusedError for a name that is in use."""
    if not name or ":" in name or not name.isprintable():
        raise RefusedError("The name must have at least one character, and no colon.")
    secret = secrets.token_urlsafe(SECRET_BYTES)
    db.session.add(Credential(name=name, digest=_digest(secret)))
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        raise RefusedError(
            f"There are credentials named {name} already. Revoke them first, or choose another name."
        ) from None
    return secret


def credentials() -> Sequence[Credential]:
    return db.session.scalars(select(Credential).order_by(Credential.name)).all()


def revoke_credential(name: str) -> None:
    """Raises RefusedError when there are none of this name."""
    gone = db.session.execute(delete(Credential).where(Credential.name == name).returning(Credential.id)).all()
    db.session.commit()
    if not gone:
        raise RefusedError(f"There are no credentials named {name}. See: flask perimeter credentials list")


def opens(name: str, secret: str) -> bool:
    """Whether a mail server's name and password belong together; a name that nobody has takes as long."""
    digest = db.session.scalar(select(Credential.digest).where(Credential.name == driver.plain(name)))
    return hmac.compare_digest(_digest(secret), digest or _NOBODY)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


_HOLDERS = """
    select a.key, u.address, u.status, u.reason, u.missing_since
      from addresses a join users u on u.id = a.user_id where a.key = any(%s)
"""
_ACCEPTED = """
    select u.address, a.key
      from (select id, address from users
             where domain_id = %(domain)s and address > %(after)s and status <> 'disabled'
             order by address limit %(limit)s) u
      join addresses a on a.user_id = u.id
"""
