"""Add User, several at once: a text is looked at line by line, and what can be added is one run with one undo."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console.core.additions import MOST, Judged, Verdict, counts, read
from console.core.errors import RefusedError, StaleError
from console.core.person import BILLABLE, Kind
from console.models import Domain
from console.store import additions, domains
from console.web import access
from console.web.forms.several import SeveralForm
from console.web.shell import domain_crumbs, say

pages = Blueprint("add_several", __name__)
CHECK, REST = "check", "rest"
SHOWN = 100
"""So many of the users that can be added are listed; all that cannot are."""


@pages.get("/domains/<name>/users/new/several")
def new(name: str) -> str:
    domain = access.domain(name, write=True)
    return _page(domain, SeveralForm(group=domains.default_group(domain.id).id), [])


@pages.post("/domains/<name>/users/new/several")
def submit(name: str) -> Response | str | tuple[str, int]:
    """Look at the lines, or add their users: all of them, or with `do` those that can be added."""
    domain = access.domain(name, write=True)
    wanted = request.form.get("do", "")
    form = SeveralForm()
    form.offer(domains.groups(domain.id))
    if not form.validate_on_submit():
        return _page(domain, form, []), 200 if wanted == CHECK else 422
    lines = read(form.lines.data or "", domain.name)
    if len(lines) > MOST or not lines:
        form.lines.errors = [_number(len(lines))]
        return _page(domain, form, []), 200 if wanted == CHECK else 422
    judged = additions.judge(domain, access.me(), lines)
    if wanted == CHECK:
        return _page(domain, form, judged)
    left = [item for item in judged if item.verdict is not Verdict.ADD]
    if left and wanted != REST:
        form.lines.errors = [_cannot(len(left))]
        return _page(domain, form, judged), 422
    try:
        run = additions.add(domain, access.me(), judged, kind=Kind(form.kind.data), group_id=form.group.data)
    except (RefusedError, StaleError) as error:
        form.lines.errors = [error.sentence]
        return _page(domain, form, additions.judge(domain, access.me(), lines)), 422
    added = len(judged) - len(left)
    said = "1 user is added" if added == 1 else f"{added:,} users are added"
    say(f"{said}: mail to {'it' if added == 1 else 'them'} is accepted from now on.", undo=run.id)
    kept = [item.line for item in left if item.verdict is not Verdict.TWICE]
    if not kept:
        return redirect(url_for("users.index", name=domain.name))
    form.lines.data = "\n".join(dict.fromkeys(line.text for line in kept))
    return _page(domain, form, additions.judge(domain, access.me(), read(form.lines.data, domain.name)))


def _page(domain: Domain, form: SeveralForm, judged: list[Judged]) -> str:
    form.offer(domains.groups(domain.id))
    good = [item for item in judged if item.verdict is Verdict.ADD]
    return render_template(
        "users/several.html",
        domain=domain,
        form=form,
        good=good[:SHOWN],
        bad=[item for item in judged if item.verdict is not Verdict.ADD],
        number=counts(judged)[Verdict.ADD],
        billable=form.kind.data in BILLABLE,
        most=MOST,
        crumbs=domain_crumbs(domain, "Add several users", here="users.index"),
    )


def _number(lines: int) -> str:
    if not lines:
        return "Enter an address in each line."
    return f"These are {lines:,} lines. Up to {MOST:,} go here: import more of them as a CSV file."


def _cannot(lines: int) -> str:
    return "1 line cannot be added: see below." if lines == 1 else f"{lines:,} lines cannot be added: see below."
