"""People for a directory, as LDIF: one with every peculiarity wanted, or a hundred thousand alike."""

import uuid
from collections.abc import Iterable, Iterator

from tests.servers.ldif import Attributes, entry_ldif, rdn

SUFFIX = "dc=example,dc=test"
PEOPLE = "ou=people"
GROUPS = "ou=groups"

ENABLED = 512
DISABLED = 514
"""userAccountControl of a normal account; bit 2 is what disables it."""


def person_dn(uid: str, suffix: str = SUFFIX) -> str:
    return f"{rdn('uid', uid)},{PEOPLE},{suffix}"


def group_dn(cn: str, suffix: str = SUFFIX) -> str:
    return f"{rdn('cn', cn)},{GROUPS},{suffix}"


def person_ldif(
    uid: str,
    *,
    suffix: str = SUFFIX,
    given: str = "",
    sn: str = "",
    display: str = "",
    mail: str | None = None,
    proxy: Iterable[str] = (),
    uac: int | None = ENABLED,
    guid: uuid.UUID | None = None,
    more: Attributes | None = None,
) -> str:
    """An inetOrgPerson below ou=people, and an adMailUser too where it has Active Directory attributes.

    `proxy` holds proxyAddresses as they are stored, with their type ("SMTP:ann@example.test"). With
    `uac=None`, no `proxy` and no `guid` the entry looks as in an ordinary OpenLDAP. `more` adds or overrides
    attributes.
    """
    name = display or f"{given} {sn}".strip() or uid
    attributes: dict[str, Iterable[str | bytes]] = {
        "uid": [uid],
        "cn": [name],
        "sn": [sn or uid],
        "givenName": [given] if given else [],
        "displayName": [display] if display else [],
        "mail": [mail] if mail else [],
        "proxyAddresses": proxy,
        "userAccountControl": [str(uac)] if uac is not None else [],
        "objectGUID": [guid.bytes_le] if guid else [],
    }
    attributes |= more or {}
    kept = {attribute: list(values) for attribute, values in attributes.items()}
    classes: list[str | bytes] = ["inetOrgPerson"]
    if more or any(kept[attribute] for attribute in ("proxyAddresses", "userAccountControl", "objectGUID")):
        classes.append("adMailUser")
    return entry_ldif(person_dn(uid, suffix), {"objectClass": classes} | kept)


def group_ldif(
    cn: str,
    *,
    suffix: str = SUFFIX,
    members: Iterable[str] = (),
    mail: str | None = None,
    proxy: Iterable[str] = (),
    guid: uuid.UUID | None = None,
) -> str:
    """A groupOfNames below ou=groups, mail-enabled when it has an address; `members` are DNs."""
    dn = group_dn(cn, suffix)
    return entry_ldif(
        dn,
        {
            "objectClass": ["groupOfNames", "adMailUser"],
            "cn": [cn],
            "member": list(members) or [dn],  # the class insists on one
            "mail": [mail] if mail else [],
            "proxyAddresses": list(proxy),
            "objectGUID": [guid.bytes_le] if guid else [],
        },
    )


def many_people(count: int, domain: str = "example.test", suffix: str = SUFFIX) -> Iterator[str]:
    """AD-shaped people user000000 and on, one at a time; every tenth is disabled.

    Each has a primary address, an alias in alias.<domain>, an X.500 address that is not mail, and an
    objectGUID that stays the same from call to call.
    """
    for number in range(count):
        uid = f"user{number:06d}"
        yield person_ldif(
            uid,
            suffix=suffix,
            given="User",
            sn=f"{number:06d}",
            display=f"User {number:06d}",
            mail=f"{uid}@{domain}",
            proxy=[
                f"SMTP:{uid}@{domain}",
                f"smtp:{uid}@alias.{domain}",
                f"X500:/o=Org/ou=Exchange/cn=Recipients/cn={uid}",
            ],
            uac=DISABLED if number % 10 == 0 else ENABLED,
            guid=uuid.uuid5(uuid.NAMESPACE_DNS, f"{uid}.{domain}"),
            more={"sAMAccountName": [uid], "uSNChanged": [str(1000 + number)]},
        )
