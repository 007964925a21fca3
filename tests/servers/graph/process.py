"""A stand-in in a process of its own: for measurements, in which it must not share a core with what is measured."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.servers.graph.tenant import READS
from tests.servers.passwords import write_private
from tests.servers.process import Child, on_free_port

_ROOT = Path(__file__).parents[3]
_RUN = (
    "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); "
    "runpy.run_module('tests.servers.graph', run_name='__main__')"
)


class GraphProcess:
    """A running stand-in; it is stopped with the process that started it."""

    def __init__(self, child: Child, said: dict[str, str], secret: str) -> None:
        self._child = child
        self.pid = child.pid
        self.url, self.tenant_id, self.client_id = said["url"], said["tenant"], said["client_id"]
        self.ca_file = Path(said["ca_file"])
        self.secret = secret

    @classmethod
    def start(
        cls,
        folder: Path,
        *,
        secret: str,
        users: int = 1000,
        groups: int = 20,
        domain: str = "contoso.example",
        permissions: Sequence[str] = READS,
        redirects: Sequence[str] = (),
        page_delay: float = 0.0,
        port: int | None = None,
    ) -> Self:
        """Serve a tenant with so many users and groups; see tenant.many."""
        folder.mkdir(parents=True, exist_ok=True)
        secret_file = folder / "secret"
        write_private(secret_file, secret.encode())
        given = {
            "secret-file": secret_file,
            "users": users,
            "groups": groups,
            "domain": domain,
            "page-delay": page_delay,
        }
        repeated = [("permission", value) for value in permissions] + [("redirect", value) for value in redirects]
        options = [f"--{name}={value}" for name, value in (*given.items(), *repeated)]
        log = folder / "graph.log"

        def launch(number: int) -> tuple[Child, dict[str, str]]:
            start = log.stat().st_size if log.exists() else 0
            command = [sys.executable, "-c", _RUN, str(_ROOT), str(folder / "pki"), "--port", str(number), *options]
            child = Child("the Graph stand-in", command, log)
            said: list[dict[str, str]] = []

            def ready() -> bool:
                lines = log.read_text()[start:].splitlines(keepends=True)
                said.extend(json.loads(line) for line in lines if line.startswith("{") and line.endswith("\n"))
                return bool(said)

            child.wait_until(ready)
            return child, said[0]

        return cls(*on_free_port(launch, port), secret)

    def stop(self) -> None:
        self._child.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
