"""What the page of an import shows beside what every run shows."""

from collections.abc import Sequence
from typing import Any

from console.models import Run, RunState
from console.store import domains, records, remarks, uploads
from console.web.forms.upload import ColumnsForm, OptionsForm


def shown(run: Run) -> dict[str, object]:
    """What was skipped, by reason; while the import waits the forms that change how it is read; and of one that came to
    nothing whether its file is still there."""
    found: dict[str, object] = {"reasons": remarks.by_reason(run.id), "group_names": group_names(run)}
    if run.state in uploads.CAME_TO_NOTHING:
        found["has_file"] = uploads.has_content(run.id)
    if run.state == RunState.NEEDS_APPROVAL:
        found["seen"] = seen(run)
        found |= {"options_form": options_form(run), "columns_form": columns_form(run), "columns": columns(run)}
    return found


def group_names(run: Run) -> dict[int, str]:
    """The names of groups by id; the group -n of a planned user is the n-th that the file adds."""
    new = enumerate((run.trial or {}).get("new_groups", ()), start=1)
    return records.group_names(run.domain_id) | {-number: str(name) for number, name in new}


def seen(run: Run) -> str:
    """Which reading of the file a page shows: what it would do may be another thing after the next one."""
    return run.started_at.isoformat() if run.started_at else ""


def columns(run: Run) -> Sequence[dict[str, Any]]:
    """The columns of the file as they were recognised: index, name, meaning, samples."""
    found: Sequence[dict[str, Any]] = (run.trial or {}).get("columns", ())
    return found


def columns_form(run: Run) -> ColumnsForm:
    form = ColumnsForm(formdata=None)
    form.fill(columns(run), header=bool((run.trial or {}).get("header")))
    return form


def options_form(run: Run) -> OptionsForm:
    upload = uploads.of_run(run.id)
    chosen = dict(upload.options) if upload else {}
    form = OptionsForm(formdata=None, mode=chosen.get("mode", "update"), group=chosen.get("group_id"))
    form.offer(domains.groups(run.domain_id))
    return form
