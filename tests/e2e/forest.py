"""What the tests' Active Directory holds: people of every combination, and what else stands in a directory."""

import itertools
from collections.abc import Iterator

from tests.servers.ldif import entry_ldif
from tests.servers.samba import SambaAd
from tests.servers.samba_config import DISABLED, account_ldif

BRANCH = f"OU=Berlin,{SambaAd.staff}"
MEMBERS = 1600
PASSWORD = "aA1!password-of-an-account"
PROXIES: tuple[tuple[str, ...], ...] = ((), ("SMTP",), ("smtp",), ("smtp", "SMTP", "sip", "X500"))
COMBINATIONS = list(itertools.product((False, True), PROXIES, (False, True), (False, True)))


def combination(number: int) -> str:
    """A person with mail or not, proxyAddresses or not, disabled or not, hidden from address lists or not."""
    mail, proxies, disabled, hidden = COMBINATIONS[number]
    name = f"person{number:02d}"
    values = {
        "SMTP": f"SMTP:{name}.primary@example.test",
        "smtp": f"smtp:{name}.alias@example.test",
        "sip": f"sip:{name}@example.test",
        "X500": f"X500:/o=Org/cn={name}",
    }
    return account_ldif(
        name,
        SambaAd.staff,
        password="" if disabled else PASSWORD,
        mail=[f"{name}@example.test"] if mail else [],
        proxyAddresses=[values[kind] for kind in proxies],
        msExchHideFromAddressLists=["TRUE"] if hidden else [],
    )


def expected(number: int) -> tuple[str, ...]:
    """The addresses of that person, the primary first."""
    mail, proxies, _, _ = COMBINATIONS[number]
    name = f"person{number:02d}"
    addresses = [f"{name}.primary@example.test"] if "SMTP" in proxies else []
    addresses += [f"{name}@example.test"] if mail else []
    addresses += [f"{name}.alias@example.test"] if "smtp" in proxies else []
    return tuple(addresses)


def others() -> Iterator[str]:
    """What else stands in a directory: a branch, a group and its members, a contact, other mailboxes and accounts."""
    yield entry_ldif(BRANCH, {"objectClass": ["organizationalUnit"]})
    members = [f"CN=member{number:04d},{SambaAd.staff}" for number in range(MEMBERS)]
    yield from (entry_ldif(dn, {"objectClass": ["contact"]}) for dn in members)
    group = {"objectClass": ["group"], "sAMAccountName": ["everyone"], "groupType": ["8"], "member": members}
    addresses = ["SMTP:everyone@example.test", "smtp:all@example.test"]
    held = {"mail": ["everyone@example.test"], "proxyAddresses": addresses}
    yield entry_ldif(f"CN=everyone,{SambaAd.staff}", group | held)
    elsewhere = {"mail": ["partner@elsewhere.test"], "targetAddress": ["SMTP:partner@elsewhere.test"]}
    yield entry_ldif(f"CN=partner,{SambaAd.staff}", {"objectClass": ["contact"], **elsewhere})
    for name, details in (("info", "4"), ("room", "16"), ("beamer", "32"), ("linked", "2"), ("cloud", "2147483648")):
        yield account_ldif(name, SambaAd.staff, mail=[f"{name}@example.test"], msExchRecipientTypeDetails=[details])
    yield account_ldif("SystemMailbox{1f05a927-0001}", SambaAd.staff, mail=["system@example.test"])
    yield account_ldif("locked", SambaAd.staff, password=PASSWORD)
    yield account_ldif("disabled", SambaAd.staff, password=PASSWORD, userAccountControl=[str(DISABLED)])
    yield account_ldif("expired", SambaAd.staff, password=PASSWORD, accountExpires=["132000000000000000"])
    yield account_ldif("newcomer", SambaAd.staff, password=PASSWORD, pwdLastSet=["0"])


def entries() -> Iterator[str]:
    """Everything, as LDIF."""
    yield from map(combination, range(len(COMBINATIONS)))
    yield from others()
