"""What the runner is asked for on its command line."""

import argparse
import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from console.core.address import parse
from console.core.errors import AddressError
from tests.demo.crew import ROOT
from tests.demo.directory import DOMAIN
from tests.servers.ports import LOOPBACK

STATE = ROOT / ".local"
OWNER = "owner@rollcall.example"


@dataclass(frozen=True)
class Options:
    """`state` is the folder for everything, `owner` whose account it is if somebody was named, `listen` an address."""

    sample: bool
    migrate: bool
    reset: bool
    state: Path
    owner: str
    listen: str

    @property
    def default_owner(self) -> str:
        """Whose account is made where nobody was named."""
        return f"admin@{DOMAIN}" if self.sample else OWNER


def options_from(arguments: Sequence[str]) -> Options:
    """Ends the program with status 2 and a sentence for what makes no sense."""
    parser = argparse.ArgumentParser(prog="python -m tests.demo", description="Run Rollcall on this machine.")
    parser.add_argument("--sample", action="store_true", help="with the sample company Brightfield")
    parser.add_argument("--migrate", action="store_true", help="only bring the database to this version's tables")
    parser.add_argument("--reset", action="store_true", help="forget what earlier starts have left")
    parser.add_argument("--state", type=Path, help="the folder for everything (default: .local, or .local/demo)")
    parser.add_argument("--owner", type=_email, help="whose account it is")
    parser.add_argument("--listen", default=LOOPBACK, type=_ip, help="the address to listen on (default: %(default)s)")
    given = parser.parse_args(arguments)
    state: Path = given.state or (STATE / "demo" if given.sample else STATE)
    if given.reset and os.environ.get("DATABASE_URL", "").strip():
        parser.error("--reset is for the database in the folder, and DATABASE_URL names another one.")
    return Options(given.sample, given.migrate, given.reset, state.resolve(), given.owner or "", given.listen)


def _email(text: str) -> str:
    try:
        return parse(text)
    except AddressError as error:
        raise argparse.ArgumentTypeError(error.sentence) from None


def _ip(text: str) -> str:
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no IPv4 address") from None
