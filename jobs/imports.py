"""An import: read the file, show what it would do, and do that once a person said so."""

from collections.abc import Sequence
from typing import Any

from console.core.errors import RefusedError, StaleError
from console.core.guard import guard_file
from console.core.imports import Mode, Verdict, verify
from console.core.person import Origin, Snapshot
from console.core.plan import Plan
from console.core.reconcile import Rules
from console.models import Domain, Run, db, now
from console.store import domains, roster, runs, sources, uploads, users
from jobs import pipeline
from jobs.garbage import uncollected
from jobs.interrupt import Cancelled
from jobs.pipeline import Progress
from jobs.sources.csv.recognised import ColumnsUnknown, Recognised
from jobs.sources.csv.settings import CsvSettings
from jobs.sources.csv.source import CsvSource

CHANGED = "The list changed since this file was verified, so it was verified anew: look at it once more."


def execute(run: Run, progress: Progress) -> None:
    """Verify the file of a claimed import, or apply what was approved; verify it anew if the list changed since."""
    if not run.approved:
        _verify(run, progress)
        return
    try:
        pipeline.execute(run, None, progress)
    except StaleError:
        if not runs.anew(run.id):
            raise
        uploads.forget_plan(run.id)
        db.session.commit()
        _verify(run, progress, CHANGED)


@uncollected()
def _verify(run: Run, progress: Progress, *reasons: str) -> None:
    """Keep what the file would do, for a person to look at."""
    upload = uploads.of_run(run.id)
    if upload is None:
        raise RefusedError("The file of this import is no longer kept. Upload it again.")
    options, name = dict(upload.options), upload.name
    mode = Mode(options["mode"])
    try:
        snapshot, recognised = _read(run, options, progress)
    except ColumnsUnknown as unknown:
        trial = _trial(unknown.recognised, mode, Verdict(Plan()), _billable(run.domain_id))
        _wait(run, Plan(), (*reasons, unknown.sentence), {**trial, "needs_columns": True})
        return
    progress("comparing", snapshot.read, snapshot.read)
    verdict = _compare(run.domain, snapshot, mode, options, name)
    plan = verdict.plan
    reasons = (*reasons, *guard_file(plan, owned=uploads.owned(run.domain_id)))
    _wait(run, plan, reasons, _trial(recognised, mode, verdict, _billable(run.domain_id)))


def _read(run: Run, options: dict[str, Any], progress: Progress) -> tuple[Snapshot, Recognised]:
    """The content is not kept longer than it takes: it may be as large as all that is made of it."""
    source = CsvSource(uploads.content(run.id), CsvSettings.from_json(run.domain.name, options))
    db.session.commit()
    snapshot = source.fetch(progress)
    if source.recognised is None:
        raise TypeError("a file that was read is recognised")
    return snapshot, source.recognised


def _compare(domain: Domain, snapshot: Snapshot, mode: Mode, options: dict[str, Any], name: str) -> Verdict:
    groups = {group.name: group.id for group in domains.groups(domain.id)}
    target = int(options["group_id"])
    rules = Rules(
        domain=domain.name,
        alias_domains=frozenset(domain.aliases),
        group_id=target if target in groups.values() else domains.default_group(domain.id).id,
        origin=Origin.CSV,
        source_name=name,
        updates=mode is not Mode.ADD,
        removes=mode is Mode.REPLACE,
        now=now(),
    )
    labels = {source.id: source.label for source in sources.of_domain(domain.id)}
    listed = roster.of_domain(domain.id)
    db.session.commit()
    return verify(snapshot, listed, rules, groups, labels)


def _wait(run: Run, plan: Plan, reasons: Sequence[str], trial: dict[str, Any]) -> None:
    if not runs.wait(run.id, plan, reasons, trial):
        raise Cancelled


def _trial(recognised: Recognised, mode: Mode, verdict: Verdict, billable: int) -> dict[str, Any]:
    """What a person looks at before the plan itself."""
    return {
        **recognised.to_json(),
        "needs_columns": False,
        "billable": {"before": billable, "after": billable + verdict.plan.billable},
        "mode": mode.value,
        "new_groups": list(verdict.new_groups),
    }


def _billable(domain_id: int) -> int:
    return users.totals(domain_id).billable
