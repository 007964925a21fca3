"""Passwords that servers keep in their own folder, readable by their owner only."""

import os
import secrets
from pathlib import Path


def kept_password(file: Path) -> str:
    """The password in `file`; on the first call a random one is made and written there, with mode 0600.

    Loopback is no protection on a machine with several users: a database superuser may run programs, and
    whoever may write to the queue decides what a worker runs.
    """
    if not file.exists():
        write_private(file, secrets.token_urlsafe(24))
    return file.read_text().strip()


def write_private(file: Path, text: str | bytes) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(text.encode() if isinstance(text, str) else text)
    fresh.replace(file)
