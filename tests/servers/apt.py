"""Programs that come from Debian packages: where they are, and installing what is missing.

python -m tests.servers.apt slapd chromium
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

PACKAGES = {
    "slapd": "slapd",
    "chromium": "chromium",
    "samba": "samba samba-ad-provision samba-dsdb-modules samba-vfs-modules",
    "ldbadd": "ldb-tools",
    "postfix": "postfix",
}
"""Program to package, or to several of which only one has a program; other names are taken for both."""

SERVICES = {"slapd": ["slapd"], "samba": ["samba-ad-dc", "smbd", "nmbd"], "postfix": ["postfix"]}
"""Packages to the network services that they bring, which nobody asked for here."""

SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/local/bin", "/usr/bin", "/bin")
"""Where packages put programs; an ordinary user's PATH lacks the sbin ones."""

POLICY = Path("/usr/sbin/policy-rc.d")


class MissingPackagesError(RuntimeError):
    """Programs that are not there and could not be installed; the message says what to do."""


def find(program: str) -> str | None:
    """The full path of a program, looked for on the PATH and where packages put them."""
    return shutil.which(program, path=os.pathsep.join([os.environ.get("PATH", ""), *SYSTEM_FOLDERS]))


def ensure(packages: Mapping[str, str], *, root: bool | None = None) -> None:
    """Install the packages (program to package) whose programs are missing, or raise MissingPackagesError.

    Only root can (which is who runs this, unless `root` says), and only with apt-get; everyone else is told
    the command. No service is started: not now, since policy-rc.d forbids it, and not at the next boot, since
    it is disabled.
    """
    missing = sorted({name for program, names in packages.items() if find(program) is None for name in names.split()})
    if not missing:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if find("apt-get") is None:
        raise MissingPackagesError(
            f"Not installed: {', '.join(missing)}. Install them with this system's package manager."
        )
    if not (os.geteuid() == 0 if root is None else root):
        raise MissingPackagesError(f"Not installed: {', '.join(missing)}. Run: sudo {' '.join(command)}")
    with _no_services():
        _run(["apt-get", "update"])
        _run(command)
    services = [service for package in missing for service in SERVICES.get(package, ())]
    if services and Path("/run/systemd/system").exists():
        _run(["systemctl", "disable", *services])


def _run(command: Sequence[str]) -> None:
    try:
        subprocess.run(command, check=True, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"})
    except subprocess.CalledProcessError as error:
        raise MissingPackagesError(f"{' '.join(command)} failed with status {error.returncode}; see above.") from error


@contextmanager
def _no_services() -> Iterator[None]:
    """Keep packages from starting their services while they are installed (invoke-rc.d(8), status 101).

    The policy forbids only as long as this process lives, so that one left behind by a power cut does no
    harm.
    """
    if POLICY.exists():  # the administrator, or a container image, has one already
        yield
        return
    POLICY.write_text(f"#!/bin/sh\nkill -0 {os.getpid()} 2>/dev/null && exit 101\nexit 0\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink(missing_ok=True)


def main(programs: Sequence[str]) -> int:
    """Ensure the programs named; 1 when some are missing and could not be installed."""
    try:
        ensure({program: PACKAGES.get(program, program) for program in programs})
    except MissingPackagesError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
