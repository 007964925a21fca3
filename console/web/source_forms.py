"""Adding a User Source, and changing its settings."""

from flask import render_template, url_for
from werkzeug.wrappers import Response

from console import certificates, tokens
from console.core.clouds import WORLDWIDE
from console.models import Domain, Source, SourceKind
from console.store import domains, sources
from console.web import access
from console.web.forms.office365 import ConnectedForm, Office365Form
from console.web.forms.source import PORT, LdapForm
from console.web.shell import move_to, say
from console.web.sources import pages, sync_crumbs

Form = LdapForm | Office365Form | ConnectedForm

WAYS = {"active-dir": SourceKind.LDAP, "office-365": SourceKind.OFFICE365}
"""The choices of Add > Choose, as they stand in addresses."""

NEW = "/domains/<name>/sources/new/<any('active-dir', 'office-365'):way>"


@pages.get(NEW)
def new(name: str, way: str) -> str:
    domain = access.domain(name, write=True)
    group = domains.default_group(domain.id).id
    if WAYS[way] is SourceKind.LDAP:
        return _new(domain, way, LdapForm(name=domain.name, port=PORT, group=group))
    cloud = "" if access.microsoft().elsewhere else WORLDWIDE
    return _new(domain, way, Office365Form(name=domain.name, group=group, cloud=cloud))


@pages.post(NEW)
def create(name: str, way: str) -> Response | tuple[str, int]:
    domain = access.domain(name, write=True)
    form: Form = LdapForm() if WAYS[way] is SourceKind.LDAP else Office365Form()
    _offer(form, domain)
    if not form.validate_on_submit():
        return _new(domain, way, form), 422
    source = Source(domain_id=domain.id, kind=WAYS[way].value)
    _store(form, source)
    say("The source is added. Test the connection, look at a preview, then sync.")
    _warn(source)
    return move_to(url_for("sources.show", source_id=source.id))


@pages.get("/sources/<id:source_id>/edit")
def edit(source_id: int) -> str:
    source = access.source(source_id, write=True)
    form = _kind(source)(formdata=None)
    form.fill(source)
    return _edit(source, form)


@pages.post("/sources/<id:source_id>/edit")
def save(source_id: int) -> Response | tuple[str, int]:
    source = access.source(source_id, write=True)
    form = _kind(source)()
    _offer(form, source.domain, source)
    form.remember(source)
    if not form.validate_on_submit():
        return _edit(source, form), 422
    _store(form, source)
    say("Saved. Test the connection to see that it still works.")
    _warn(source)
    return move_to(url_for("sources.show", source_id=source.id))


def _kind(source: Source) -> type[LdapForm] | type[Office365Form] | type[ConnectedForm]:
    if source.kind == SourceKind.LDAP:
        return LdapForm
    return ConnectedForm if source.connected else Office365Form


def _offer(form: Form, domain: Domain, source: Source | None = None) -> None:
    form.offer(domains.groups(domain.id))
    if isinstance(form, Office365Form):
        form.offer_clouds(access.microsoft(), source)


def _store(form: Form, source: Source) -> None:
    """Tokens that were handed out for what is stored now are of no use any more."""
    form.store(source)
    if form.secret_to_keep is not None:
        source.secret = access.sealer().seal(form.secret_to_keep)
    sources.save(source)
    tokens.forget(access.redis(), source.id)


def _new(domain: Domain, way: str, form: Form) -> str:
    _offer(form, domain)
    kind = WAYS[way]
    return render_template(
        "sources/new.html",
        domain=domain,
        kind=kind,
        form=form,
        microsoft=access.microsoft(),
        crumbs=sync_crumbs(domain, kind.label),
    )


def _edit(source: Source, form: Form) -> str:
    _offer(form, source.domain, source)
    kind = SourceKind(source.kind)
    crumbs = sync_crumbs(source.domain, "Settings", source)
    return render_template("sources/edit.html", source=source, kind=kind, form=form, crumbs=crumbs)


def _warn(source: Source) -> None:
    """An authority that has expired is kept, since other settings are changed while a new one is on its way."""
    expired = certificates.expiry_warning(source.settings.get("ca_pem", ""))
    if expired:
        say(expired, "warning")
