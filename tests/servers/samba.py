"""A Samba Active Directory domain controller of our own, in a folder, on a loopback address of its own.

The programs come from Debian's packages samba, samba-ad-provision, samba-dsdb-modules, samba-vfs-modules and ldb-tools.
A controller's ports are fixed (389 and 636) and its database belongs to root: only root can run one.
"""

import os
import secrets
import socket
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import ldap3

from tests.servers.apt import find
from tests.servers.ldif import Value, entries_of, entry_ldif, in_bytes, parent_of
from tests.servers.passwords import write_private
from tests.servers.pki import Pki
from tests.servers.process import Child, ServerError, run
from tests.servers.samba_config import NETBIOS, REALM, SUFFIX, account_ldif, schema_steps

ADDRESS = "127.0.0.2"
PROGRAMS = ("samba", "samba-tool", "ldbadd", "ldbmodify")
PROVISION = Path("/usr/share/samba/setup/provision.ldif")


def why_no_samba() -> str:
    """Why no domain controller can run here, or nothing."""
    if os.geteuid() != 0:
        return "Samba's domain controller runs as root only: run these tests as root"
    if missing := [name for name in PROGRAMS if find(name) is None]:
        return f"{', '.join(missing)} not installed: python -m tests.servers.apt samba ldbadd"
    return "" if PROVISION.exists() else "Debian's package samba-ad-provision is not installed"


class SambaAd:
    """A running domain example.test with the branch OU=Staff, and the account reader in it."""

    suffix = SUFFIX
    staff = f"OU=Staff,{SUFFIX}"
    plain_port = 389
    tls_port = 636

    def __init__(self, folder: Path, pki: Pki, entries: Iterable[str], address: str) -> None:
        self.folder = folder
        self.address = address
        self.log = folder / "samba.log"
        self.admin_password = f"aA1!{secrets.token_urlsafe(12)}"
        self.reader_password = f"aA1!{secrets.token_urlsafe(12)}"
        self.reader_dn = f"CN=reader,{self.staff}"
        self._certificate = pki.issue("dc1", ["dc1.example.test", "localhost"], [address], folder=folder)
        self._ca_file = pki.ca_file
        self._provision()
        self._load(entries)
        self._child = self._launch()

    @classmethod
    def start(cls, folder: Path, pki: Pki, entries: Iterable[str] = (), *, address: str = ADDRESS) -> Self:
        """Provision a domain in an empty folder, load `entries` (LDIF, below OU=Staff) and serve."""
        if why := why_no_samba():
            raise ServerError(why)
        folder = folder.resolve()
        folder.mkdir(parents=True, exist_ok=True, mode=0o755)
        return cls(folder, pki, entries, address)

    def add(self, ldif: str) -> None:
        """Add every entry of an LDIF text."""
        with self._admin() as connection:
            for dn, attributes in entries_of(ldif):
                connection.add(dn, attributes=attributes)

    def modify(self, dn: str, changes: Mapping[str, Sequence[Value]]) -> None:
        """Give attributes new values; an empty sequence removes the attribute."""
        replaced = {name: [(ldap3.MODIFY_REPLACE, in_bytes(values))] for name, values in changes.items()}
        with self._admin() as connection:
            connection.modify(dn, replaced)

    def delete(self, *dns: str) -> None:
        with self._admin() as connection:
            for dn in dns:
                connection.delete(dn)

    def rename(self, dn: str, new_rdn: str, new_parent: str | None = None) -> str:
        """Rename an entry, and move it if a parent is given; returns its new DN. Its objectGUID stays."""
        with self._admin() as connection:
            connection.modify_dn(dn, new_rdn, new_superior=new_parent)
        return f"{new_rdn},{new_parent or parent_of(dn)}"

    def stop(self) -> None:
        self._child.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @contextmanager
    def _admin(self) -> Iterator[Any]:  # ldap3's types are incomplete: each call on it would need an ignore
        """A connection of the administrator. The certificate of our own child is not checked."""
        server = ldap3.Server(self.address, self.tls_port, use_ssl=True, get_info=ldap3.NONE, connect_timeout=10)
        connection = ldap3.Connection(
            server,
            f"Administrator@{REALM.lower()}",
            self.admin_password,
            auto_bind=ldap3.AUTO_BIND_NO_TLS,
            raise_exceptions=True,
            check_names=False,
            receive_timeout=30,
        )
        try:
            yield connection
        finally:
            connection.unbind()

    @property
    def _config(self) -> Path:
        return self.folder / "etc" / "smb.conf"

    def _provision(self) -> None:
        options = {
            "realm": REALM,
            "domain": NETBIOS,
            "server-role": "dc",
            "dns-backend": "NONE",
            "adminpass": self.admin_password,
            "host-name": "dc1",
            "host-ip": self.address,
            "targetdir": str(self.folder),
            "backend-store": "mdb",
            "backend-store-size": "1Gb",
        }
        command = [_program("samba-tool"), "domain", "provision", "--use-rfc2307"]
        command += [f"--{name}={value}" for name, value in options.items()]
        command += [f"--option={text}" for text in (f"interfaces={self.address}/8", "bind interfaces only=yes")]
        run("samba-tool", command, self.log)

    def _load(self, entries: Iterable[str]) -> None:
        for step in schema_steps():
            self._ldb("ldbmodify", step, "--option=dsdb:schema update allowed=true")
        self._ldb("ldbadd", entry_ldif(self.staff, {"objectClass": ["organizationalUnit"]}))
        self._ldb("ldbadd", account_ldif("reader", self.staff, password=self.reader_password))
        self._ldb("ldbadd", "".join(entries))

    def _ldb(self, program: str, ldif: str, *options: str) -> None:
        """Change the database directly, while nothing serves it: passwords and the schema are taken as they come."""
        file = self.folder / "load.ldif"
        write_private(file, ldif)
        database = self.folder / "private" / "sam.ldb"
        command = [_program(program), f"--configfile={self._config}", "-H", str(database), *options, str(file)]
        run(program, command, self.log)
        file.unlink()

    def _launch(self) -> Child:
        certificate, key = self._certificate
        settings = {
            "server services": "ldap",
            "dcerpc endpoint servers": "",
            "pid directory": str(self.folder),
            "ncalrpc dir": str(self.folder / "ncalrpc"),
            "winbindd socket directory": str(self.folder / "wb"),
            "ntp signd socket directory": str(self.folder / "ntp"),
            "tls certfile": str(certificate),
            "tls keyfile": str(key),
            "tls cafile": str(self._ca_file),
        }
        command = [_program("samba"), "-s", str(self._config), "--foreground", "--no-process-group", "--debug-stdout"]
        command += [f"--option={name}={value}" for name, value in settings.items()]
        child = Child("samba", command, self.log)
        child.wait_until(lambda: all(_answers(self.address, port) for port in (self.plain_port, self.tls_port)))
        return child


def _answers(address: str, port: int) -> bool:
    try:
        with socket.create_connection((address, port), timeout=1):
            return True
    except OSError:
        return False


def _program(name: str) -> str:
    found = find(name)
    if found is None:
        raise ServerError(f"{name} is missing: {why_no_samba()}.")
    return found
