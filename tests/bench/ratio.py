"""Two things measured in turns in one run, so that a noisy machine is noisy for both."""

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

RESULTS = Path(__file__).parent.parent.parent / "test-results" / "bench.json"


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def ratio(name: str, work: Callable[[], object], floor: Callable[[], object], *, rounds: int) -> float:
    """The median time of `work` in units of the median time of `floor`; both are noted in test-results/bench.json."""
    work(), floor()
    measured = [(seconds(work), seconds(floor)) for _ in range(rounds)]
    mine = statistics.median(pair[0] for pair in measured)
    other = statistics.median(pair[1] for pair in measured)
    note(name, {"seconds": round(mine, 5), "floor_seconds": round(other, 5), "ratio": round(mine / other, 3)})
    return mine / other


def note(name: str, values: dict[str, float]) -> None:
    """Keep a measurement beside those of the other benchmarks of this folder, and print it."""
    RESULTS.parent.mkdir(exist_ok=True)
    known = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    RESULTS.write_text(json.dumps({**known, name: values}, indent=2, sort_keys=True) + "\n")
    print(f"\n{name}: {values}")
