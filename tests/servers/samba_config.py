"""What a Samba Active Directory is loaded with before it serves: Exchange's attributes, a reader, and more entries."""

from collections.abc import Iterator, Mapping, Sequence

from tests.servers.ldif import Attributes, entry_ldif

REALM = "EXAMPLE.TEST"
SUFFIX = "DC=example,DC=test"
NETBIOS = "EXAMPLE"
SCHEMA = f"CN=Schema,CN=Configuration,{SUFFIX}"

NORMAL, DISABLED = 512, 514
"""userAccountControl of an account with a password."""

# Those of Exchange's attributes that Rollcall reads. The OIDs are not Exchange's: they lie in an arc that Microsoft
# leaves to whoever makes one from a random GUID. Syntaxes are those of [MS-ADTS] section 3.1.1.2.2.2: boolean, 64 bits,
# 32 bits, text.
_ARC = "1.2.840.113556.1.8000.2554.24942.47246.23603.18088.33810.13335501.16344607"
_EXCHANGE: Mapping[str, tuple[str, str]] = {
    "msExchHideFromAddressLists": ("2.5.5.8", "1"),
    "msExchRecipientTypeDetails": ("2.5.5.16", "65"),
    "msExchRecipientDisplayType": ("2.5.5.9", "2"),
    "targetAddress": ("2.5.5.12", "64"),
}
_CLASS = "rollcallMailStorage"
_HOLDERS = ("User", "Group", "Contact")


def schema_steps() -> Iterator[str]:
    """Changes to the schema as LDIF, one after the other: each needs the one before to be in force."""
    added = ""
    for number, (name, (syntax, om_syntax)) in enumerate(_EXCHANGE.items(), 1):
        added += _change(
            f"CN={name},{SCHEMA}",
            "add",
            {
                "objectClass": ["attributeSchema"],
                "attributeID": [f"{_ARC}.1.{number}"],
                "attributeSyntax": [syntax],
                "oMSyntax": [om_syntax],
                "isSingleValued": ["TRUE"],
                "lDAPDisplayName": [name],
            },
        )
    yield added
    yield _change(
        f"CN={_CLASS},{SCHEMA}",
        "add",
        {
            "objectClass": ["classSchema"],
            "governsID": [f"{_ARC}.2.1"],
            "lDAPDisplayName": [_CLASS],
            "objectClassCategory": ["3"],
            "subClassOf": ["top"],
            "mayContain": list(_EXCHANGE),
        },
    )
    held = {"add": ["auxiliaryClass"], "auxiliaryClass": [_CLASS]}
    yield "".join(_change(f"CN={holder},{SCHEMA}", "modify", held) for holder in _HOLDERS)


def account_ldif(name: str, parent: str, *, password: str = "", **attributes: Sequence[str | bytes]) -> str:
    """A user named `name` below `parent`; `attributes` add to what it needs or replace it.

    An account with a password is enabled unless userAccountControl says otherwise, one without is disabled.
    """
    held: dict[str, Sequence[str | bytes]] = {
        "objectClass": ["top", "person", "organizationalPerson", "user"],
        "sAMAccountName": [name],
        "userPrincipalName": [f"{name}@{REALM.lower()}"],
        "userAccountControl": [str(NORMAL if password else DISABLED)],
    }
    if password:
        held["unicodePwd"] = [quoted(password)]
    return entry_ldif(f"CN={name},{parent}", held | attributes)


def quoted(password: str) -> bytes:
    """A password as the attribute unicodePwd takes it ([MS-ADTS] section 3.1.1.3.1.5)."""
    return f'"{password}"'.encode("utf-16-le")


def _change(dn: str, kind: str, attributes: Attributes) -> str:
    return entry_ldif(dn, {"changetype": [kind], **attributes})
