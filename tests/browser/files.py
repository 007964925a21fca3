"""Exported lists of users, as an administrator finds them in the downloads folder."""

import csv
import io
from pathlib import Path

HEADERS = (
    *("Display name", "DirSyncEnabled", "User principal name", "Object Id", "First name", "Last name", "When created"),
    *("Soft deletion time stamp", "Title", "Department", "Preferred data location", "City", "CountryOrRegion"),
    *("Office", "StateOrProvince", "Usage location", "Last dirsync time", "Block credential", "Licenses"),
    *("Password never expires", "Last password change time stamp", "Mobile Phone", "Phone number", "Postal code"),
    *("Preferred language", "Street address", "Fax", "Proxy addresses"),
)
CREATED = "2024-05-13 08:21:07Z"


def microsoft_365(domain: str) -> bytes:
    """The admin center's “Export users”: three mailboxes, a guest, somebody deleted, and one of another domain."""
    rows = [
        _row(f"jane.doe@{domain}", "Jane", "Doe", also=[f"jane@{domain}", f"sales@{domain}"]),
        _row(f"bjoern@{domain}", "Björn", "Åberg"),
        _row(f"info@{domain}", "", "", blocked=True),
        _row(f"partner_elsewhere.example#EXT#@{domain.partition('.')[0]}.onmicrosoft.com", "Pat", "Partner"),
        _row(f"leaver@{domain}", "Lea", "Ver", deleted="2026-01-31 16:02:44Z"),
        _row("someone@elsewhere.example", "Some", "One"),
    ]
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADERS, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def _row(
    login: str, first: str, last: str, *, also: list[str] | None = None, deleted: str = "", blocked: bool = False
) -> dict[str, str]:
    return {
        "Display name": f"{first} {last}".strip() or login.partition("@")[0].title(),
        "DirSyncEnabled": "False",
        "User principal name": login,
        "Object Id": "3f2c8a51-7d7e-4c43-9c0b-2f64d1b0a9e1",
        "First name": first,
        "Last name": last,
        "When created": CREATED,
        "Soft deletion time stamp": deleted,
        "Usage location": "DE",
        "Block credential": str(blocked),
        "Licenses": "Unlicensed" if blocked else "Microsoft 365 Business Standard",
        "Password never expires": "False",
        "Last password change time stamp": CREATED,
        "Proxy addresses": "+".join([f"SMTP:{login}", *(f"smtp:{alias}" for alias in also or ())]),
    }


def save(folder: Path, content: bytes, name: str = "users_24_11_2026 09_12_33.csv") -> Path:
    """The file on the disk of the one who exported it."""
    path = folder / name
    path.write_bytes(content)
    return path
