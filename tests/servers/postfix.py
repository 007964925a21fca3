"""A Postfix of our own on a loopback port: the mail server in front, which asks who is a recipient.

The programs come from Debian's package postfix; the machine's own mail server, if it has one, is neither used nor
touched. Postfix starts as root alone, and its programs then give that up.
"""

import os
import pwd
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.apt import find
from tests.servers.ports import LOOPBACK, answers, free_port
from tests.servers.process import Child, on_free_port

DAEMONS = Path("/usr/lib/postfix/sbin")
# As `postfix check` makes them, which looks at much besides and takes some seconds.
QUEUE = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace")


def why_no_postfix() -> str:
    """Why this machine cannot run one; empty if it can."""
    if find("postfix") is None or not (DAEMONS / "master").exists():
        return "postfix is not installed"
    return "" if os.geteuid() == 0 else "postfix needs root"


@dataclass(frozen=True)
class Config:
    """Who is let in, and where mail goes on to.

    `doors` are ports on which mail is taken, each with the lines of main.cf that hold there alone.
    """

    folder: Path
    relay_to: int
    domains: Sequence[str]
    doors: Sequence[tuple[int, Mapping[str, str]]]

    def main(self) -> str:
        transports = ", ".join(f"{{ {name} = smtp:[{LOOPBACK}]:{self.relay_to} }}" for name in self.domains)
        lines = {
            "compatibility_level": "3.6",
            "config_directory": str(self.folder / "etc"),
            "queue_directory": str(self.folder / "queue"),
            "data_directory": str(self.folder / "data"),
            "command_directory": "/usr/sbin",
            "daemon_directory": str(DAEMONS),
            "maillog_file_prefixes": str(self.folder),
            "maillog_file": str(self.folder / "mail.log"),
            "myhostname": "gateway.example.test",
            "mydestination": "",
            "mynetworks": "",
            "inet_interfaces": LOOPBACK,
            "inet_protocols": "ipv4",
            "smtputf8_enable": "yes",
            "parent_domain_matches_subdomains": "",
            "relay_domains": ", ".join(self.domains),
            "relay_recipient_maps": "",
            "transport_maps": f"inline:{{ {transports} }}",
            "smtp_dns_support_level": "disabled",
            "smtp_host_lookup": "native",
            "alias_maps": "",
            "alias_database": "",
            "local_recipient_maps": "",
            "smtpd_relay_restrictions": "reject_unauth_destination",
            "smtpd_peername_lookup": "no",
            # A test talks faster than a stranger may, and makes more mistakes.
            "smtpd_client_connection_count_limit": "0",
            "smtpd_hard_error_limit": "100000",
            "smtpd_soft_error_limit": "100000",
            "smtpd_error_sleep_time": "0s",
            "smtpd_junk_command_limit": "100000",
            "in_flow_delay": "0s",
        }
        return "".join(f"{name} = {value}\n" for name, value in lines.items())

    def master(self) -> str:
        """The usual services, none of them in a chroot."""
        rows = [
            *(f"{LOOPBACK}:{port} inet n - n - - smtpd{_options(settings)}" for port, settings in self.doors),
            "pickup unix n - n 60 1 pickup",
            "cleanup unix n - n - 0 cleanup",
            "qmgr unix n - n 300 1 qmgr",
            "rewrite unix - - n - - trivial-rewrite",
            "bounce unix - - n - 0 bounce",
            "defer unix - - n - 0 bounce",
            "trace unix - - n - 0 bounce",
            "proxymap unix - - n - - proxymap",
            "smtp unix - - n - - smtp",
            "relay unix - - n - - smtp",
            "error unix - - n - - error",
            "retry unix - - n - - error",
            "anvil unix - - n - 1 anvil",
            "scache unix - - n - 1 scache",
            "postlog unix-dgram n - n - 1 postlogd",
        ]
        return "\n".join(rows) + "\n"


class Postfix:
    """A running mail server that takes mail for some domains and hands it on to a port of this machine."""

    def __init__(self, config: Config, ports: Mapping[str, int]) -> None:
        self.config = config
        self.ports = ports
        self.log = config.folder / "mail.log"
        self._write()
        self._child = self._launch()

    @classmethod
    def start(cls, *, relay_to: int, domains: Sequence[str], doors: Mapping[str, Mapping[str, str]]) -> "Postfix":
        """Serve on free ports, one for each of the doors, which have names.

        Raises ServerError, with the end of the log, when it does not start.
        """

        def launch(first: int) -> "Postfix":
            # Not a folder of pytest's, which only root may enter.
            folder = Path(tempfile.mkdtemp(prefix="rollcall-postfix-"))
            folder.chmod(0o755)
            ports = dict(zip(doors, (first, *(free_port() for _ in doors)), strict=False))
            served = [(ports[name], settings) for name, settings in doors.items()]
            return cls(Config(folder, relay_to, domains, served), ports)

        return on_free_port(launch, None)

    @property
    def said(self) -> str:
        """Everything in its log."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def stop(self) -> None:
        self._child.stop()
        shutil.rmtree(self.config.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _write(self) -> None:
        folder = self.config.folder
        owner = pwd.getpwnam("postfix")
        for name in ("etc", "queue", "queue/pid"):
            (folder / name).mkdir()
        for name in ("data", "queue/maildrop", "queue/public", *(f"queue/{name}" for name in QUEUE)):
            (folder / name).mkdir(mode=0o700)
            os.chown(folder / name, owner.pw_uid, owner.pw_gid)
        (folder / "etc" / "main.cf").write_text(self.config.main())
        (folder / "etc" / "master.cf").write_text(self.config.master())

    def _launch(self) -> Child:
        command = [str(DAEMONS / "master"), "-c", str(self.config.folder / "etc"), "-d"]
        child = Child("Postfix", command, self.config.folder / "master.log")
        child.wait_until(lambda: all(map(answers, self.ports.values())))
        return child


def _options(settings: Mapping[str, str]) -> str:
    return "".join(f" -o {{ {name} = {value} }}" for name, value in settings.items())
