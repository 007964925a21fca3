"""What a check of delivery servers shows: each server's steps, what they say together, and what to change."""

from typing import Any

from console.core.advice import advice
from console.core.delivery import Finding
from console.models import Run
from console.store import discovery

STEPS = {
    "resolve": "Name",
    "connect": "Connection",
    "banner": "Banner",
    "ehlo": "EHLO",
    "tls": "Encryption",
    "mail": "MAIL FROM",
    "known": "Known recipient",
    "unknown": "Random recipient",
}


def shown(run: Run) -> dict[str, object]:
    """The parts of a check's page, also while it is at work."""
    finding = found(run)
    return {
        "steps": STEPS,
        "finding": finding,
        "findings": Finding,
        "servers": (run.trial or {}).get("servers", ()),
        "advice": advice(finding) if finding is not None and not run.is_working else (),
        "waits": discovery.waits_for(run),
    }


def found(run: Run) -> Finding | None:
    """What all the servers together are worth; None until the last of them was asked."""
    value = (run.trial or {}).get("finding")
    return Finding(value) if value else None


def by_place(run: Run | None) -> dict[tuple[str, int], Finding]:
    """What a check found, by a server's host and port."""
    servers: list[dict[str, Any]] = (run.trial or {}).get("servers", []) if run is not None else []
    return {(row["host"], row["port"]): Finding(row["finding"]) for row in servers if row["finding"]}
