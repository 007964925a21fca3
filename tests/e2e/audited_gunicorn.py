"""Configuration for gunicorn that notes where its processes connect to, in the file that CONNECTIONS names."""

import os
import sys
from typing import Any


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        with open(os.environ["CONNECTIONS"], "a", encoding="utf-8") as notes:
            notes.write(f"{arguments[1]!r}\n")


def post_worker_init(worker: Any) -> None:
    """Called in each process before its first request. A hook of this kind cannot be taken away again."""
    sys.addaudithook(_note)
