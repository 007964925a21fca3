"""An OpenLDAP server of our own, in a folder, on loopback, over plain LDAP (with StartTLS) and LDAPS.

The programs come from Debian's package slapd; the machine's own directory, if it has one, is neither used nor
touched.
"""

import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import ldap3

from tests.servers import people, slapd_config
from tests.servers.apt import find
from tests.servers.ldif import Value, entries_of, entry_ldif, in_bytes, parent_of
from tests.servers.passwords import kept_password, write_private
from tests.servers.pki import Pki
from tests.servers.ports import LOOPBACK, answers
from tests.servers.process import Child, ServerError, on_free_port, run


def slapd_available() -> bool:
    """Whether this machine has OpenLDAP's server."""
    return find("slapd") is not None


class Slapd:
    """A running directory with the suffix, ou=people, ou=groups and the account `reader_dn` in it.

    Only the reader and the administrator see entries: an anonymous client is let in and finds nothing.
    """

    def __init__(self, folder: Path, config: slapd_config.Config, plain_port: int, tls_port: int) -> None:
        self.folder = folder
        self.config = config
        self.suffix = config.suffix
        self.plain_port = plain_port
        self.tls_port = tls_port
        self.log = folder / "slapd.log"
        self.admin_dn = config.admin_dn
        self.admin_password = config.admin_password
        self.reader_dn = config.reader_dn
        self.reader_password = config.reader_password
        self.people_dn = f"{people.PEOPLE},{config.suffix}"
        self.groups_dn = f"{people.GROUPS},{config.suffix}"
        self._child = self._launch()

    @classmethod
    def start(
        cls,
        folder: Path,
        pki: Pki,
        entries: Iterable[str] = (),
        *,
        suffix: str = people.SUFFIX,
        host_name: str = "dc1.example.test",
        certificate: tuple[Path, Path] | None = None,
        require_tls: bool = False,
        size_limit: int | None = None,
        max_page: int | None = None,
        provider: bool = False,
        reader_password: str | None = None,
        plain_port: int | None = None,
        tls_port: int | None = None,
    ) -> Self:
        """Load `entries` (LDIF, below the suffix) and serve; ports are free ones unless given.

        A folder that was loaded before is served as it was left, and `entries` are then not looked at.
        The certificate is for `host_name`, localhost and 127.0.0.1 unless one (file, key file) is given.
        `require_tls`: a password over a plain connection is refused (confidentialityRequired, 13).
        `size_limit`: the reader gets that many entries in total and then sizeLimitExceeded (4), paging or
        not; otherwise it may page through everything, but gets no more than 1,000 entries without paging, as
        from Active Directory. `max_page`: larger pages are refused with sizeLimitExceeded.
        `provider`: it tells its newest change in contextCSN.
        """
        folder = folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        names = [host_name, "localhost"]
        config = slapd_config.Config(
            folder=folder,
            suffix=suffix,
            certificate=certificate or pki.issue("slapd", names, [LOOPBACK], folder=folder),
            ca_file=pki.ca_file,
            admin_password=secrets.token_urlsafe(12),
            reader_password=reader_password or kept_password(folder / "reader.password"),
            require_tls=require_tls,
            size_limit=size_limit,
            max_page=max_page,
            provider=provider,
        )
        write_private(config.file, config.text())
        _load(config, entries)
        return on_free_port(
            lambda plain: on_free_port(lambda tls: cls(folder, config, plain, tls), tls_port), plain_port
        )

    @property
    def plain_url(self) -> str:
        return f"ldap://{LOOPBACK}:{self.plain_port}"

    @property
    def tls_url(self) -> str:
        return f"ldaps://{LOOPBACK}:{self.tls_port}"

    @property
    def pid(self) -> int:
        return self._child.pid

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
        """Rename an entry, and move it if a parent is given; returns its new DN. Its entryUUID stays."""
        with self._admin() as connection:
            connection.modify_dn(dn, new_rdn, new_superior=new_parent)
        return f"{new_rdn},{new_parent or parent_of(dn)}"

    def clear(self, base: str | None = None) -> int:
        """Remove everything right below `base` (by default ou=people); returns how many entries that were."""
        with self._admin() as connection:
            connection.search(base or self.people_dn, "(objectClass=*)", ldap3.LEVEL, attributes=["1.1"])
            found = [entry["dn"] for entry in connection.response or []]
            for dn in found:
                connection.delete(dn)
        return len(found)

    def stop(self) -> None:
        self._child.stop()

    def kill(self) -> None:
        """End the server without warning, as a crash would."""
        self._child.kill()

    def restart(self) -> None:
        """Stop if it runs, and serve the same entries on the same ports again."""
        self.stop()
        self._child = self._launch()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _launch(self) -> Child:
        command = [_program("slapd"), "-f", str(self.config.file), "-h", f"{self.plain_url}/ {self.tls_url}/"]
        child = Child("slapd", [*command, "-d", "stats"], self.log)
        child.wait_until(lambda: answers(self.plain_port) and answers(self.tls_port))
        return child

    @contextmanager
    def _admin(self) -> Iterator[Any]:  # Any: the stubs of ldap3 leave what is called on it untyped
        """A connection of the administrator, over TLS since plain passwords may be refused.

        The certificate is not checked: it may be a deliberately wrong one, and the server is our own child.
        """
        server = ldap3.Server(LOOPBACK, self.tls_port, use_ssl=True, get_info=ldap3.NONE, connect_timeout=10)
        connection = ldap3.Connection(
            server,
            self.admin_dn,
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


def _load(config: slapd_config.Config, entries: Iterable[str]) -> None:
    """Fill an empty database with slapadd, which is some fifty times faster than adding entries over LDAP.

    A marker file says that it was filled to its end; half of one, from an interrupted start, is thrown away.
    """
    if config.loaded_marker.exists():
        return
    shutil.rmtree(config.database, ignore_errors=True)
    config.database.mkdir(mode=0o700)
    ldif = config.folder / "load.ldif"
    with ldif.open("w", encoding="utf-8") as out:
        for dn, attributes in config.base_entries():
            out.write(entry_ldif(dn, attributes))
        out.writelines(entries)
    command = [_program("slapadd"), "-q", "-f", str(config.file), "-l", str(ldif)]
    run("slapadd", command, config.folder / "slapd.log")
    ldif.unlink()
    config.loaded_marker.touch()


def _program(name: str) -> str:
    found = find(name)
    if found is None:
        raise ServerError(f"{name} is missing: install Debian's package slapd (apt-get install slapd).")
    return found
