"""The overview of a domain, its first page: whether it is well, what waits for a decision, and how it came along."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from console.core.days import DayCount
from console.core.first_run import Mark, Step
from console.core.overview import verdict
from console.core.person import Kind, Origin
from console.core.recipient import Mode
from console.models import DomainDay
from console.store import overview
from console.store.overview import Facts
from console.web import access, day_charts, first_run, ways
from console.web.day_charts import Chart, Numbers
from console.web.overview_lines import lines, servers_found
from console.web.shell import domain_crumbs

pages = Blueprint("overview", __name__)
ORIGINS = [item.value for item in (Origin.SOURCE, Origin.MANUAL, Origin.CSV, Origin.DISCOVERY)]
KINDS = [item.value for item in Kind]


@dataclass(frozen=True, slots=True)
class Checklist:
    """What is done of the steps that a new domain takes."""

    users: bool
    servers: bool
    perimeter: bool

    @property
    def is_over(self) -> bool:
        return self.users and self.servers and self.perimeter


@pages.get("/domains/<name>")
def show(name: str) -> str:
    domain = access.domain(name)
    facts = overview.facts(domain)
    found = lines(facts)
    mode = Mode(domain.perimeter_mode)
    weight, sentence = verdict([line.weight for line in found], mode, facts.users, facts.today.accepted)
    checklist = _checklist(facts)
    over = checklist.is_over or domain.checklist_done
    return render_template(
        "overview/show.html",
        domain=domain,
        facts=facts,
        lines=found,
        weight=weight,
        sentence=sentence,
        mode=mode,
        checklist=None if over else checklist,
        steps=None if over else _steps(checklist),
        ways=ways.WAYS,
        charts=_charts(facts),
        shown_days=overview.SHOWN_DAYS,
        crumbs=domain_crumbs(domain, "Overview", here="overview.show"),
    )


@pages.post("/domains/<name>/checklist/dismiss")
def dismiss(name: str) -> Response:
    """Put the checklist away, for everybody."""
    domain = access.domain(name, write=True)
    overview.put_away_checklist(domain)
    return redirect(url_for("overview.show", name=domain.name))


def _checklist(facts: Facts) -> Checklist:
    finding = servers_found(facts)
    return Checklist(
        users=facts.users > 0,
        servers=finding is not None and finding.is_good,
        perimeter=facts.domain.perimeter_mode != Mode.OFF,
    )


def _steps(checklist: Checklist) -> tuple[Mark, ...] | None:
    """Where the console's first domain is, which is at its end once somebody is on the list."""
    here = Step.WORKS if checklist.users else Step.WAY
    return first_run.steps(here, users=checklist.users, works=checklist.is_over)


def _charts(facts: Facts) -> dict[str, Chart | None]:
    """By the name that the page has for it; None where there is nothing to show."""
    days, today = facts.days, facts.today
    return {
        "origins": day_charts.of_list(days, today, lambda day: day.origins or {}, ORIGINS),
        "kinds": day_charts.of_list(days, today, lambda day: day.kinds or {}, KINDS),
        "billable": day_charts.of_list(days, today, _billable, ["billable"]),
        "accepted": day_charts.of_list(days, today, _accepted, ["accepted"]),
        "rejected": day_charts.of_mail(days, today.day),
    }


def _billable(day: DomainDay | DayCount) -> Numbers:
    return {"billable": day.billable or 0}


def _accepted(day: DomainDay | DayCount) -> Numbers:
    return {"accepted": day.accepted or 0}
