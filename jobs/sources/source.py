"""What every way of filling the list promises to the pipeline."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from console.core.address import Address
from console.core.person import Snapshot


class Progress(Protocol):
    """Told how far a source has come: "connecting", "binding", then "reading" with the entries read so far.

    It may raise to interrupt; the source then closes its connection and lets the exception through.
    """

    def __call__(self, stage: str, done: int = 0, total: int | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class Trial:
    """What Test connection found: `facts` are pairs of a label and a plain sentence, in the order to show them.

    `found` counts the entries that are recipients, `samples` are the first ten of their addresses. `warnings` are
    sentences about what works, but not as it should.
    """

    facts: tuple[tuple[str, str], ...]
    found: int
    samples: tuple[Address, ...]
    warnings: tuple[str, ...] = ()


class Source(Protocol):
    """One configured directory. Both calls raise SourceError when it cannot be read to its end."""

    def fetch(self, progress: Progress, since: Mapping[str, Any] | None = None) -> Snapshot:
        """Read everything; or, given the watermark of an earlier snapshot, only what changed since, if that misses
        nothing. A source that cannot do so reads everything then too."""
        ...

    def test(self, progress: Progress) -> Trial:
        """Read as `fetch` does, to say what it would find."""
        ...
