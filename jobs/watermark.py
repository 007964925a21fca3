"""How a sync reads its source: only what changed since the last one, or in full whenever anything is in doubt.

A read of changes is safe only if the list still is what the last sync made of it, and if that sync settled everything:
an entry that did not change is not seen again, so nothing may be waiting for it.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from console.core.person import Snapshot
from console.core.plan import Action, Plan
from console.models import Run, Source, now
from console.store import conflicts, domains, sources

# A full read at least daily; a little less than a day, so that it comes round at the same hour.
FULL_EVERY = dt.timedelta(hours=23)


@dataclass(frozen=True, slots=True)
class Start:
    """Where a read starts: at `since`, when the list was of version `list_version`; or in full where that is None, and
    `why`, as a sentence, where changes were asked for."""

    since: Mapping[str, Any] | None = None
    list_version: int = 0
    why: str = ""


def start(run: Run, source: Source) -> Start:
    """How a run of this source reads it."""
    if not run.by_schedule:
        return Start()
    held = source.watermark
    if not held:
        return Start()
    why = _doubt(source, held)
    return Start(why=why) if why else Start(held["since"], held["list"])


def _doubt(source: Source, held: Mapping[str, Any]) -> str:
    """Why what changed would not be enough, or nothing."""
    if source.full_read_at is None or now() - source.full_read_at >= FULL_EVERY:
        return "That is done once a day."
    if held.get("settings") != fingerprint(source):
        return "The settings of the source or the names of the domain changed."
    if held.get("list") != domains.list_version(source.domain_id):
        return "The list was changed since the last sync by something else than this source."
    if conflicts.count(source.id):
        return "The last sync left conflicts, which may have been settled in the directory."
    if sources.leavers_due(source.id, now() - dt.timedelta(days=source.grace_days)):
        return "The grace period of users who are missing has ended."
    return ""


def too_little(source: Source, plan: Plan) -> str:
    """Why a plan made from changes alone is not to be trusted, so that the source is read in full after all."""
    if any(step.action is Action.CONFLICT for step in plan.steps):
        return "What changed clashes with what is on the list."
    if not plan.read and not plan.writes:
        return ""
    if conflicts.kept(source.id):
        return "Addresses were left with others by a person's decision, and may be free now."
    if sources.has_exempt(source.id):
        return "Some users are exempt from sync, and what their entries claim may be free now."
    return ""


def kept(source: Source, snapshot: Snapshot, list_version: int) -> dict[str, Any] | None:
    """What is stored with a source once its plan is applied; None where the next read has to be in full.

    An entry without a key cannot be told to be gone.
    """
    if not snapshot.watermark or any(person.key is None for person in snapshot.people):
        return None
    return {"since": dict(snapshot.watermark), "settings": fingerprint(source), "list": list_version}


def fingerprint(source: Source) -> str:
    """Changes with whatever decides which entries a source has, and what is made of them. Nothing secret is in it."""
    said = [source.kind, source.settings, source.domain.name, sorted(source.domain.aliases)]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
