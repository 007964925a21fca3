"""The configuration of our own OpenLDAP server, slapd.conf(5), and the entries it begins with."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.servers.ldif import Attributes
from tests.servers.people import GROUPS, PEOPLE

SCHEMAS = Path("/etc/ldap/schema")
MODULES = Path("/usr/lib/ldap")
AD_SCHEMA = Path(__file__).with_name("adlike.schema")

UNPAGED_LIMIT = 1000
"""Active Directory's MaxPageSize: what a client gets that does not page."""


@dataclass(frozen=True)
class Config:
    """One directory; passwords in it are plain text, which the file's mode has to protect.

    A `provider` lets others replicate it, and so tells its newest change in contextCSN.
    """

    folder: Path
    suffix: str
    certificate: tuple[Path, Path]
    ca_file: Path
    admin_password: str
    reader_password: str
    require_tls: bool
    size_limit: int | None
    max_page: int | None
    provider: bool = False

    @property
    def file(self) -> Path:
        return self.folder / "slapd.conf"

    @property
    def database(self) -> Path:
        return self.folder / "db"

    @property
    def loaded_marker(self) -> Path:
        return self.database / "loaded"

    @property
    def admin_dn(self) -> str:
        return f"cn=admin,{self.suffix}"

    @property
    def reader_dn(self) -> str:
        return f"cn=reader,{self.suffix}"

    def text(self) -> str:
        """slapd.conf. The database is not synced to disk: it is loaded anew sooner than repaired."""
        schemas = [SCHEMAS / f"{name}.schema" for name in ("core", "cosine", "inetorgperson")]
        lines = [f'include "{schema}"' for schema in [*schemas, AD_SCHEMA]]
        lines += [
            f'pidfile "{self.folder / "slapd.pid"}"',
            f'argsfile "{self.folder / "slapd.args"}"',
            f'modulepath "{MODULES}"',
            "moduleload back_mdb",
            *(["moduleload syncprov"] if self.provider else []),
            f'TLSCACertificateFile "{self.ca_file}"',
            f'TLSCertificateFile "{self.certificate[0]}"',
            f'TLSCertificateKeyFile "{self.certificate[1]}"',
        ]
        if self.require_tls:
            lines.append("security simple_bind=128")
        lines += [
            "database mdb",
            f'suffix "{self.suffix}"',
            f'rootdn "{self.admin_dn}"',
            f'rootpw "{self.admin_password}"',
            f'directory "{self.database}"',
            "maxsize 4294967296",
            "dbnosync",
            "index objectClass eq",
            "index mail,proxyAddresses,sAMAccountName eq,pres",
            "index entryUUID,objectGUID eq",
            "access to attrs=userPassword by anonymous auth by * none",
            f'access to * by dn.exact="{self.reader_dn}" read by * none',
            f'limits dn.exact="{self.reader_dn}" {self._limits()}',
            *(["overlay syncprov"] if self.provider else []),
        ]
        return "\n".join(lines) + "\n"

    def base_entries(self) -> Iterator[tuple[str, Attributes]]:
        """The suffix, its two branches and the reader."""
        name, _, value = self.suffix.split(",")[0].partition("=")
        if name.lower() != "dc":
            raise ValueError(f"the suffix must begin with dc=, and {self.suffix!r} does not")
        yield self.suffix, {"objectClass": ["domain"], "dc": [value]}
        for branch in (PEOPLE, GROUPS):
            ou = branch.partition("=")[2]
            yield f"{branch},{self.suffix}", {"objectClass": ["organizationalUnit"], "ou": [ou]}
        reader = {"cn": ["reader"], "sn": ["reader"], "userPassword": [self.reader_password]}
        yield self.reader_dn, {"objectClass": ["person"]} | reader

    def _limits(self) -> str:
        """limits(5) of the reader: `pr` is the largest page, `prtotal` the total of all pages."""
        plain = self.size_limit if self.size_limit is not None else UNPAGED_LIMIT
        page = self.max_page if self.max_page is not None else "unlimited"
        total = self.size_limit if self.size_limit is not None else "unlimited"
        return f"size.soft={plain} size.hard={plain} size.pr={page} size.prtotal={total}"
