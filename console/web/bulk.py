"""Many users at once, from the Users page: what a change would do to those that are selected, and the change itself."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from console.core.bulk import Act, Bulk
from console.core.errors import RefusedError, StaleError
from console.models import Domain, Run
from console.store import bulk, discovery, domains, records, users
from console.store.bulk import AT_ONCE, NO_CHANGE, NOBODY, Selection, Told
from console.store.user_order import Order
from console.store.users import PAGE
from console.web import access, bulk_words
from console.web.places import row_ids
from console.web.runs import queued
from console.web.shell import domain_crumbs, say
from console.web.user_filters import Links, filters_from

pages = Blueprint("bulk", __name__)
SPOTS = ("after", "before")


@pages.get("/domains/<name>/users/change")
def confirm(name: str) -> str | Response:
    """Say what would happen, and ask."""
    wish = _wish(access.domain(name, write=True), request.args)
    told = wish.look()
    if wish.bulk is None or told is None or not told.outlook.changes:
        say(wish.refusal(told), "info" if told is not None and told.outlook.selected else "error")
        return redirect(wish.list_url)
    outlook = told.outlook
    return render_template(
        "users/bulk.html",
        domain=wish.domain,
        title=bulk_words.asked(wish.bulk, outlook.changes, wish.group),
        submit=bulk_words.asked(wish.bulk, outlook.changes, wish.group),
        points=bulk_words.points(
            wish.bulk,
            outlook,
            billable=users.totals(wish.domain.id).billable,
            discovering=discovery.is_on(wish.domain.id),
            gone=max(len(wish.selection.ids) - outlook.selected, 0),
        ),
        by_worker=outlook.selected > AT_ONCE,
        danger=wish.bulk.act in (Act.DELETE, Act.DISABLE),
        fields=[*wish.fields(), ("seen", told.seen)],
        list_url=wish.list_url,
        crumbs=domain_crumbs(wish.domain, "Change users", here="users.index"),
    )


@pages.post("/domains/<name>/users/change")
def change(name: str) -> Response:
    """Do what was told, to the very users of whom it was told."""
    wish = _wish(access.domain(name, write=True), request.form)
    told = wish.look()
    if wish.bulk is None or told is None:
        say(wish.refusal(told), "error")
        return redirect(wish.list_url)
    wanted, group = wish.bulk, wish.group
    try:
        run = bulk.perform(
            wish.domain,
            access.me(),
            wish.selection,
            wanted,
            seen=request.form.get("seen", ""),
            wish=lambda number: bulk_words.asked(wanted, number, group),
            title=lambda number: bulk_words.done(wanted, number, group),
        )
    except StaleError as error:
        say(error.sentence, "warning")
        return redirect(wish.url)
    except RefusedError as error:
        say(error.sentence, "error")
        return redirect(wish.list_url)
    if run.is_open:
        queued(run)
        return redirect(url_for("runs.show", run_id=run.id))
    _told(wish.domain, run, told)
    return redirect(wish.list_url)


def _told(domain: Domain, run: Run, told: Told) -> None:
    """Say what was done, with the billable mailboxes in numbers, and how to take it back."""
    total, more = users.totals(domain.id).billable, told.outlook.billable
    said = [f"{run.title}.", bulk_words.stay(told.outlook), bulk_words.mailboxes(total - more, more)]
    say(" ".join(part for part in said if part), undo=run.id)


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: an act (None: none that there is), whom it is for, and the list from which it came."""

    domain: Domain
    bulk: Bulk | None
    group: str
    selection: Selection
    links: Links
    spots: dict[str, str]

    def look(self) -> Told | None:
        """What it would do now; None where there is no act, or nobody is selected."""
        nobody = self.selection.filters is None and not self.selection.ids
        return None if self.bulk is None or nobody else bulk.look(self.domain.id, self.selection, self.bulk)

    def refusal(self, told: Told | None) -> str:
        """Why there is nothing to ask for."""
        if self.bulk is None:
            return "Choose what is to become of the users."
        return NO_CHANGE if told is not None and told.outlook.selected else NOBODY

    @property
    def list_url(self) -> str:
        return self.links(**self.spots)

    @property
    def url(self) -> str:
        """The address of the page that says what would happen."""
        fields: dict[str, Any] = {}
        for name, value in self.fields():
            fields.setdefault(name, []).append(value)
        return url_for("bulk.confirm", name=self.domain.name, **fields)

    def fields(self) -> list[tuple[str, str]]:
        """All of it as the fields of a form."""
        chosen = [("matching", "1")] if self.selection.filters is not None else []
        chosen += [("user", str(user_id)) for user_id in self.selection.ids]
        place = {**self.links.present, **self.spots}
        return [("act", str(self.bulk)), *chosen, *((name, str(value)) for name, value in place.items() if value)]


def _wish(domain: Domain, args: MultiDict[str, str]) -> Wish:
    """What an address line or a form asks for. A group of another domain is no group."""
    groups, sources = domains.groups(domain.id), users.sources(domain.id)
    filters = filters_from(args, groups, sources)
    names = records.group_names(domain.id)
    wanted = Bulk.parse(args.get("act", ""))
    if wanted is not None and wanted.act is Act.GROUP and wanted.group_id not in names:
        wanted = None
    every = args.get("matching") == "1"
    return Wish(
        domain=domain,
        bulk=wanted,
        group=names.get(wanted.group_id, "") if wanted is not None else "",
        selection=Selection(filters=filters) if every else Selection(ids=row_ids(args.getlist("user"), PAGE)),
        links=Links(domain, filters, groups, sources, Order.parse(args.get("sort", ""))),
        spots={name: args[name].replace("\x00", "") for name in SPOTS if args.get(name)},
    )
