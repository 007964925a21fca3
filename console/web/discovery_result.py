"""What the page of a discovery shows: what was asked, what the mail server said, and what comes of it."""

from console.models import Run, RunState
from console.store import users

WORDS = {"yes": ("accepted", "green"), "no": ("refused", "grey"), "unknown": ("no answer", "amber")}


def shown(run: Run) -> dict[str, object]:
    """The parts of the page, also while the run is at work; none for what arriving mail has added."""
    if run.trial is None:
        return {"verdicts": None}
    verdicts = {name: int(run.trial.get(name) or 0) for name in ("asked", "yes", "no", "unknown", "listed", "total")}
    found: dict[str, object] = {"verdicts": verdicts, "last": (run.trial.get("last") or ())[::-1], "answers": WORDS}
    if run.state == RunState.NEEDS_APPROVAL:
        before = users.totals(run.domain_id).billable
        found["billable"] = {"before": before, "after": before + int(run.counts.get("created", 0))}
    return found
