"""The directory of the sample company Brightfield: some two hundred entries of every shape that real ones have."""

import uuid
from collections.abc import Iterator
from functools import partial

from tests.demo.names import Name, people, plain
from tests.servers.people import DISABLED, ENABLED, group_ldif, person_dn, person_ldif
from tests.servers.slapd import Slapd

DOMAIN = "brightfield.example"
ALIAS_DOMAIN = "brightfield-group.example"
SUFFIX = "dc=brightfield,dc=example"

STAFF = 148
BRANCH = 16
LEFT = 6

# userAccountControl of an account that is switched off and whose password never expires: 66050 = 0x10202.
DISABLED_FOR_EVER = DISABLED + 0x10000

# msExchRecipientTypeDetails
SHARED, ROOM, EQUIPMENT = 4, 16, 32

_SHARED = ("Accounts", "Careers", "Info", "Purchasing", "Reception", "Returns", "Sales", "Service Desk")
_ROOMS = ("Room Aurora", "Room Fjord", "Room Küche", "Room Mistral", "Room Savanne")
_EQUIPMENT = ("Beamer 2", "Laser cutter", "Van HB-RF 204")
_LISTS = ("All staff", "Apprentices", "Board", "Drivers", "First aid", "Project Lighthouse", "Works council")

_person = partial(person_ldif, suffix=SUFFIX)
_group = partial(group_ldif, suffix=SUFFIX)


def entries() -> Iterator[str]:
    """The directory as it is at first, as LDIF."""
    staff, branch, left = _everybody()
    for number, name in enumerate(staff):
        yield _member_of_staff(number, name)
    for name in branch:  # a smaller directory that was merged in: no Exchange, no userAccountControl
        yield _person(name.local, given=name.first, sn=name.last, mail=_at(name.local), uac=None)
    for number, name in enumerate(left):
        uac = DISABLED if number % 2 else DISABLED_FOR_EVER
        yield _mailbox(name, proxy=[f"SMTP:{_at(name.local)}"], uac=uac)
    for titles, kind in ((_SHARED, SHARED), (_ROOMS, ROOM), (_EQUIPMENT, EQUIPMENT)):
        for title in titles:
            yield _without_a_person(title, kind)
    for number, title in enumerate(_LISTS):
        members = [person_dn(name.local, SUFFIX) for name in staff[number :: len(_LISTS)]]
        local = _local(title)
        yield _group(title, members=members, mail=_at(local), proxy=[f"SMTP:{_at(local)}"], guid=_guid(local))
    yield from _odd()


def move_on(slapd: Slapd) -> None:
    """A week passes: somebody marries, somebody leaves, somebody begins."""
    staff, _, _ = _everybody()
    bride, leaver = staff[11], staff[23]
    was, now = _at(bride.local), _at(f"{plain(bride.first)}.ferrari")
    slapd.modify(
        person_dn(bride.local, SUFFIX),
        {"sn": ["Ferrari"], "mail": [now], "proxyAddresses": [f"SMTP:{now}", f"smtp:{was}", _x500(bride.local)]},
    )
    slapd.delete(person_dn(leaver.local, SUFFIX))
    slapd.add(_mailbox(Name("Matteo", "Ferrari", "matteo.ferrari"), proxy=[f"SMTP:{_at('matteo.ferrari')}"]))


def _everybody() -> tuple[list[Name], list[Name], list[Name]]:
    names = people(STAFF + BRANCH + LEFT)
    return names[:STAFF], names[STAFF : STAFF + BRANCH], names[STAFF + BRANCH :]


def _member_of_staff(number: int, name: Name) -> str:
    """A mailbox as Exchange leaves it after some years; every few have something that the others have not."""
    proxy = [f"SMTP:{_at(name.local)}", _x500(name.local), f"sip:{_at(name.local)}"]
    first, _, last = name.local.partition(".")
    if last and number % 2 == 0:
        proxy.append(f"smtp:{first[0]}{last}{number}@{DOMAIN}")
    if number % 9 == 0:
        proxy.append(f"smtp:{name.local}@{ALIAS_DOMAIN}")
    if number % 37 == 6:  # the letters of the name itself, as RFC 6531 allows
        proxy.append(f"smtp:{name.first}.{name.last}@{DOMAIN}".replace(" ", "").lower())
    if number % 31 == 7:  # somebody typed it in capitals
        proxy[0] = proxy[0][:5] + proxy[0][5:].upper()
    return _mailbox(name, proxy=proxy)


def _odd() -> Iterator[str]:
    """What makes a report worth reading: clashes, typing errors, strangers, and what Exchange makes for itself."""
    both = Name("Marguerite", "Oyelaran", "marguerite.oyelaran"), Name("Piotr", "Zieliński", "piotr.zielinski")
    for name in both:  # two claim one alias
        yield _mailbox(name, proxy=[f"SMTP:{_at(name.local)}", f"smtp:{_at('export')}"])
    third = Name("Solveig", "Lindahl", "solveig.lindahl")  # claims what is a shared mailbox's own address
    yield _mailbox(third, proxy=[f"SMTP:{_at(third.local)}", f"smtp:{_at('info')}"])
    group = Name("Ravi", "Menon", "ravi.menon")  # his primary address is in the alias domain
    yield _mailbox(group, proxy=[f"SMTP:ravi.menon@{ALIAS_DOMAIN}"], mail=f"ravi.menon@{ALIAS_DOMAIN}")
    outside = Name("Tamara", "Quist", "tamara.quist")
    yield _mailbox(outside, proxy=["SMTP:tamara@quist-consulting.example"], mail="tamara@quist-consulting.example")
    yield _mailbox(Name("Gerd", "Hinrichs", "gerd.hinrichs"), proxy=[], mail=f"gerd hinrichs@{DOMAIN}")
    for local in ("HealthMailbox3f1c0d9e", "SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}"):
        yield _mailbox(Name("", local, local), proxy=[f"SMTP:{local}@{DOMAIN}"], mail=f"{local}@{DOMAIN}")


def _mailbox(name: Name, *, proxy: list[str], mail: str | None = None, uac: int = ENABLED) -> str:
    return _person(
        name.local,
        given=name.first,
        sn=name.last,
        display=name.full,
        mail=mail or _at(name.local),
        proxy=proxy,
        uac=uac,
        guid=_guid(name.local),
        more={"sAMAccountName": [name.local[:20]], "msExchRecipientTypeDetails": ["1"]},
    )


def _without_a_person(title: str, kind: int) -> str:
    """A shared mailbox, a room or a device: an account that nobody signs in to, so it is switched off."""
    local = _local(title)
    return _person(
        local,
        sn=title,
        display=title,
        mail=_at(local),
        proxy=[f"SMTP:{_at(local)}", _x500(local)],
        uac=DISABLED,
        guid=_guid(local),
        more={"sAMAccountName": [local], "msExchRecipientTypeDetails": [str(kind)]},
    )


def _local(title: str) -> str:
    return title.lower().replace(" ", "-").replace("ü", "ue")


def _at(local: str) -> str:
    return f"{local}@{DOMAIN}"


def _x500(local: str) -> str:
    return f"X500:/o=Brightfield/ou=Exchange Administrative Group/cn=Recipients/cn={local}"


def _guid(local: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_DNS, f"{local}.{DOMAIN}")
