"""The account that PostgreSQL runs under, since it refuses to run as root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.servers.process import ServerError

NAME = "rollcall-postgres"
PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin", "/usr/bin", "/bin"])

CAPABILITIES = ("", "dac_read_search", "dac_override")
"""What the account may need besides its own rights, least first: see `choose`."""


@dataclass(frozen=True)
class Account:
    """Who runs the server; `prefix` is put before each of its commands, and is empty for an ordinary user."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    def own(self, path: Path) -> None:
        """Hand a file or folder to the account; nothing to do where the account made it itself."""
        if self.prefix:
            os.chown(path, self.uid, self.gid)


def choose(data: Path, program: Path) -> Account:
    """The account for the data folder `data`: the user who runs this or, under root, one that is not root.

    Under root it is the folder's present owner, so that a project can be run as root and as its user in turn,
    or else an account of its own, which is made on first use.

    That account must reach the program and the folder although the project may lie in a closed place such as
    /root (mode 0700). Opening up the folders on the way for everybody would be a surprise, so the account
    gets the one capability that lets it pass (capabilities(7)): to read anywhere or, where a container
    withholds that one, to override permissions. access(2) heeds it only with the secure bit "no setuid
    fixup". A process of root's had both.
    """
    if os.geteuid() != 0:
        _refuse_foreign(data)
        return Account(os.geteuid(), os.getegid())
    owner = data.stat() if data.exists() else None
    if owner is not None and owner.st_uid != 0:
        uid, gid = owner.st_uid, owner.st_gid
    else:
        own = _own_account()
        uid, gid = own.pw_uid, own.pw_gid
    for capability in CAPABILITIES:
        prefix = _prefix(uid, gid, capability)
        if _reaches(prefix, program, data.parent):
            return Account(uid, gid, prefix)
    raise ServerError(
        f"PostgreSQL does not run as root, and user {uid}, which would run it, cannot reach {program}"
        f" or {data.parent}. Run this as an ordinary user, or move the project to where others may enter."
    )


def _prefix(uid: int, gid: int, capability: str) -> tuple[str, ...]:
    setpriv = shutil.which("setpriv", path=PATH)
    if setpriv is None:
        raise ServerError("PostgreSQL does not run as root, and setpriv (util-linux) is missing: use an ordinary user.")
    prefix = (setpriv, f"--reuid={uid}", f"--regid={gid}", "--clear-groups")
    if not capability:
        return prefix
    raised = f"+{capability}"
    return (*prefix, "--securebits=+no_setuid_fixup", f"--inh-caps={raised}", f"--ambient-caps={raised}")


def _reaches(prefix: tuple[str, ...], program: Path, folder: Path) -> bool:
    """Whether the account can run the program and enter the folder, tried by doing it.

    -V makes postgres look for itself, which fails on the same check that a real start would fail on.
    """
    script = 'test -r "$1" && cd "$2" && exec "$1" -V'
    command = [*prefix, "/bin/sh", "-c", script, "sh", str(program), str(folder)]
    return subprocess.run(command, capture_output=True, cwd="/", check=False).returncode == 0


def _own_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(NAME)
    except KeyError:
        pass
    useradd = shutil.which("useradd", path=PATH)
    if useradd is None:
        raise ServerError(f"PostgreSQL does not run as root, and useradd is missing: make a user named {NAME}.")
    options = ["--system", "--no-create-home", "--home-dir=/nonexistent", "--shell=/usr/sbin/nologin"]
    made = subprocess.run([useradd, *options, NAME], capture_output=True, text=True, check=False)
    try:
        return pwd.getpwnam(NAME)  # another process may have made it at the same moment
    except KeyError:
        raise ServerError(f"useradd could not make the user {NAME}: {made.stderr.strip()}") from None


def _refuse_foreign(data: Path) -> None:
    if data.exists() and data.stat().st_uid != os.geteuid():
        raise ServerError(
            f"The database in {data} belongs to user {data.stat().st_uid}: run this as that user or as root."
        )
