"""Which program made a file, as far as its headers tell, and what that says of its cells."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from console.core.user_csv import HEADER
from jobs.sources.csv.headers import meaning_of, plain
from jobs.sources.csv.settings import Meaning


@dataclass(frozen=True, slots=True)
class Format:
    """A label for people. In the console's `own` format local parts may stand alone, spreadsheets' formulas are
    guarded, and an empty cell of aliases says that there are none.
    """

    label: str
    own: bool = False


OWN = Format("Rollcall’s own format", own=True)
MICROSOFT_365 = Format("Microsoft 365 admin center")
ENTRA = Format("Microsoft Entra")
POWERSHELL = Format("Exchange PowerShell")
EXCHANGE = Format("Exchange admin center")
GOOGLE = Format("Google Workspace")
HORNETSECURITY = Format("Hornetsecurity")
MESH = Format("Mesh or Bitdefender")
PROOFPOINT = Format("Proofpoint Essentials")
PAIRS = Format("pairs of an address and an alias, as SonicWall has them")
LIST = Format("one address in each line")
BY_HEADERS = Format("columns told by their headers")
BY_CONTENT = Format("columns told by what is in them")
BY_HAND = Format("columns chosen by hand")

_OWN_NAMES = frozenset(map(plain, HEADER))
_LICENSES = {"licenses", "lizenzen", "licences", "licencias", "licenties", "blockcredential"}


def format_of(names: Sequence[str]) -> Format:
    """The format that a header is from."""
    words = {plain(name) for name in names}
    meanings = {meaning_of(name) for name in names}
    if is_own(names):
        return OWN
    if any("[required]" in name.lower() for name in names) or {"orgunitpath", "newprimaryemail"} <= words:
        return GOOGLE
    if {"userprincipalname", "usertype"} <= words or {"userprincipalname", "mail"} <= words:
        return ENTRA
    if Meaning.LOGIN in meanings and (Meaning.ALL_ADDRESSES in meanings or words & _LICENSES):
        return MICROSOFT_365
    if "primarysmtpaddress" in words or "recipienttypedetails" in words:
        return POWERSHELL
    if {Meaning.NAME, Meaning.KIND, Meaning.ADDRESS} <= meanings:
        return EXCHANGE
    if {"aliases", "environment"} <= words:
        return HORNETSECURITY
    if len(words & {"emailalias", "role", "vip"}) >= 2:
        return MESH
    if {Meaning.FIRST_NAME, Meaning.LAST_NAME} <= meanings and "emailalias1" in words:
        return PROOFPOINT
    return BY_HEADERS


def is_own(names: Collection[str]) -> bool:
    """Whether all headers are the console's own, in whatever order; the first column needs none."""
    words = [plain(name) for name in names]
    while words and not words[-1]:
        words.pop()  # A spreadsheet may have added empty columns.
    if len(set(words)) < len(words):
        return False
    if "address" in words:
        return set(words) <= _OWN_NAMES
    return len(words) > 2 and set(words[1:]) <= _OWN_NAMES
