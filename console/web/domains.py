"""Domains: the list, a new one, and one domain's settings."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from console import tokens
from console.core.address import display_domain, parse_domain
from console.core.errors import AddressError, RefusedError
from console.core.first_run import Step
from console.core.recipient import Mode
from console.models import Domain
from console.store import domains, notices, rejections, sources, users
from console.web import access, first_run
from console.web.forms.domain import AliasDomainForm, DomainForm, NoticesForm, PerimeterForm, PlusTagsForm
from console.web.shell import domain_crumbs, say

pages = Blueprint("domains", __name__)
LIST = [{"label": "Domains"}]
SAID = {
    Mode.OFF: "The perimeter is off: mail servers accept every address at {}.",
    Mode.MONITOR: "Mail servers accept every address at {}, and the report shows what would be rejected.",
    Mode.ENFORCE: "Mail to addresses at {} that are not on the list is rejected from now on.",
}
NOBODY = "The list accepts 0 addresses: all mail to {} would be rejected. Fill the list first, or tick the box below."


@pages.get("/")
def home() -> Response:
    return redirect(url_for("domains.index"))


@pages.get("/domains")
def index() -> str:
    found = domains.visible(access.me())
    totals = domains.totals(domain.id for domain in found)
    trouble = sources.in_trouble([domain.id for domain in found])
    return render_template(
        "domains/list.html",
        domains=found,
        totals=totals,
        trouble=trouble,
        steps=None if found else first_run.steps(),
        crumbs=LIST,
    )


@pages.get("/domains/new")
def new() -> str:
    access.writer()
    return _new(DomainForm())


@pages.post("/domains/new")
def create() -> Response | tuple[str, int]:
    admin = access.writer()
    form = DomainForm()
    if form.validate_on_submit():
        try:
            domain = domains.add(form.domain_name, form.alias_names, admin)
        except RefusedError as error:
            # The sentence begins with the name that is taken.
            taken = form.name if error.sentence.startswith(f"{form.domain_name} ") else form.aliases
            taken.errors = [error.sentence]
        else:
            say(f"{display_domain(domain.name)} is added. Now fill its list of users.")
            return redirect(url_for("ways.choose", name=domain.name))
    return _new(form), 422


@pages.get("/domains/<name>/settings")
def show(name: str) -> str:
    domain = access.domain(name)
    return _show(domain, AliasDomainForm(), PlusTagsForm(plus_tags=domain.plus_tags))


@pages.post("/domains/<name>/aliases")
def add_alias(name: str) -> Response | tuple[str, int]:
    domain = access.domain(name, write=True)
    form = AliasDomainForm()
    if form.validate_on_submit():
        try:
            domains.add_alias(domain, form.domain_name)
        except RefusedError as error:
            form.name.errors = [error.sentence]
        else:
            say(f"Mail to {display_domain(form.domain_name)} is accepted like mail to {display_domain(domain.name)}.")
            return redirect(url_for("domains.show", name=domain.name))
    return _show(domain, form, PlusTagsForm(formdata=None, plus_tags=domain.plus_tags)), 422


@pages.post("/domains/<name>/aliases/<alias>/remove")
def remove_alias(name: str, alias: str) -> Response:
    domain = access.domain(name, write=True)
    if domains.remove_alias(domain, alias):
        say(f"{display_domain(alias)} is no longer an alias domain: mail to it is not accepted any more.")
    return redirect(url_for("domains.show", name=domain.name))


@pages.post("/domains/<name>/plus-tags")
def plus_tags(name: str) -> Response:
    domain = access.domain(name, write=True)
    on = PlusTagsForm().plus_tags.data
    domains.set_plus_tags(domain, bool(on))
    say("Plus tags are accepted." if on else "Plus tags are no longer accepted: jane+news@ is an unknown address now.")
    return redirect(url_for("domains.show", name=domain.name))


@pages.post("/domains/<name>/notices")
def notify(name: str) -> Response | tuple[str, int]:
    domain = access.domain(name, write=True)
    form = NoticesForm()
    if form.validate_on_submit():
        notices.set_addresses(domain, form.wanted)
        told = ", ".join(form.wanted)
        say(f"Notices go to {told}." if told else "Nobody gets notices any more.")
        return redirect(url_for("domains.show", name=domain.name))
    tags = PlusTagsForm(formdata=None, plus_tags=domain.plus_tags)
    return _show(domain, AliasDomainForm(formdata=None), tags, form), 422


@pages.post("/domains/<name>/perimeter")
def perimeter(name: str) -> Response | tuple[str, int]:
    domain = access.domain(name, write=True)
    form = PerimeterForm()
    if form.validate_on_submit():
        mode = Mode(form.mode.data)
        if mode is not Mode.ENFORCE or form.sure.data or users.totals(domain.id).accepted:
            domains.set_perimeter(domain, mode)
            say(SAID[mode].format(display_domain(domain.name)))
            return redirect(url_for("domains.show", name=domain.name))
        form.mode.errors = [NOBODY.format(display_domain(domain.name))]
    tags = PlusTagsForm(formdata=None, plus_tags=domain.plus_tags)
    return _show(domain, AliasDomainForm(formdata=None), tags, mode_form=form), 422


@pages.get("/domains/<name>/delete")
def ask_delete(name: str) -> str:
    return _ask(access.domain(name, write=True))


@pages.post("/domains/<name>/delete")
def delete(name: str) -> Response | tuple[str, int]:
    domain = access.domain(name, write=True)
    shown = display_domain(domain.name)
    if not _is_name(request.form.get("confirm", ""), domain):
        return _ask(domain, error=f"Type {shown} to delete it."), 422
    source_ids = [source.id for source in sources.of_domain(domain.id)]
    domains.delete(domain)
    for source_id in source_ids:
        tokens.forget(access.redis(), source_id)
    say(f"{shown} is deleted, with its users and sources.")
    return redirect(url_for("domains.index"))


def _is_name(text: str, domain: Domain) -> bool:
    try:
        return parse_domain(text) == domain.name
    except AddressError:
        return False


def _new(form: DomainForm) -> str:
    crumbs = [{"label": "Domains", "href": url_for("domains.index")}, {"label": "Add domain"}]
    empty = not domains.visible(access.me())
    return render_template(
        "domains/new.html", form=form, steps=first_run.steps(Step.DOMAIN) if empty else None, crumbs=crumbs
    )


def _show(
    domain: Domain,
    alias_form: AliasDomainForm,
    tags_form: PlusTagsForm,
    notices_form: NoticesForm | None = None,
    mode_form: PerimeterForm | None = None,
) -> str:
    told = NoticesForm(formdata=None, addresses="\n".join(domain.notify))
    return render_template(
        "domains/show.html",
        domain=domain,
        alias_form=alias_form,
        tags_form=tags_form,
        notices_form=notices_form or told,
        mode_form=mode_form or PerimeterForm(formdata=None, mode=domain.perimeter_mode),
        accepted=users.totals(domain.id).accepted,
        rejected=rejections.totals(domain.id),
        sends_mail=current_app.extensions["settings"].sends_mail,
        crumbs=domain_crumbs(domain, "Settings", here="domains.show"),
    )


def _ask(domain: Domain, error: str = "") -> str:
    users, billable = domains.totals([domain.id]).get(domain.id, (0, 0))
    return render_template(
        "domains/delete.html",
        domain=domain,
        users=users,
        billable=billable,
        sources=len(sources.of_domain(domain.id)),
        error=error,
        crumbs=domain_crumbs(domain, "Delete", here="domains.show"),
    )
