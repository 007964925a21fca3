"""flask sources add-office365: a tenant as a source, with an app of its own."""

import datetime as dt
from pathlib import Path
from urllib.parse import urlsplit

import click
from flask import current_app

from console import certificates, credentials
from console.certificates import CertificateError
from console.cli import find, source_options
from console.cli.output import json_option, note, secret_from_stdin
from console.cli.sources import added, commands
from console.core.address import parse_domain
from console.core.clouds import CLOUDS, WORLDWIDE
from console.core.errors import AddressError
from console.credentials import AppCertificate
from console.microsoft import is_guid
from console.models import Source, SourceKind
from console.settings import Settings
from console.store import expiry, sources


def _tenant(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    """A tenant's ID, or one of its domains."""
    try:
        return value.lower() if is_guid(value) else parse_domain(value)
    except AddressError:
        raise click.BadParameter("it must be the Directory (tenant) ID, or one of the tenant's domains.") from None


def _client_id(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if not is_guid(value):
        raise click.BadParameter("it must be the Application (client) ID of the app.")
    return value.lower()


def _certificate(_ctx: click.Context, _param: click.Parameter, value: Path | None) -> AppCertificate | None:
    """The certificate and its key in a file."""
    if value is None:
        return None
    try:
        with value.open("rb") as file:
            return credentials.read(file.read(certificates.LIMIT + 1))
    except CertificateError as error:
        raise click.BadParameter(f"{value}: {error.sentence}") from None


def _url(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str:
    """An address without its path."""
    try:
        parts = urlsplit(value or "")
        right = parts.scheme == "https" and bool(parts.hostname) and (parts.port or 443) > 0
    except ValueError:
        right = False
    if value and (not right or parts.path.strip("/") or parts.query or "@" in parts.netloc):
        raise click.BadParameter("it must be https:// and the name of a host, without anything after it.")
    return (value or "").rstrip("/")


@commands.command("add-office365")
@click.argument("domain")
@click.option("--tenant", required=True, callback=_tenant, help="The Directory (tenant) ID, or one of its domains.")
@click.option("--client-id", required=True, callback=_client_id, help="The Application (client) ID of the app.")
@click.option("--secret-stdin", is_flag=True, help="Read the app's client secret from standard input.")
@click.option(
    "--certificate",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    callback=_certificate,
    help="Or a PEM file with the app's certificate and its private key.",
)
@click.option(
    "--secret-expires",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="The client secret's last day, 2027-03-31. A certificate says it itself.",
)
@click.option("--cloud", type=click.Choice(list(CLOUDS)), help=f"The tenant's cloud; {WORLDWIDE} if not given.")
@click.option("--authority", callback=_url, metavar="URL", help="Where apps sign in, in another cloud than these.")
@click.option("--graph", callback=_url, metavar="URL", help="Where the directory is read there.")
@source_options.ca_file
@source_options.of_every_kind
@json_option
def add_office365(
    *,
    domain: str,
    tenant: str,
    client_id: str,
    secret_stdin: bool,
    certificate: AppCertificate | None,
    secret_expires: dt.datetime | None,
    cloud: str | None,
    authority: str,
    graph: str,
    ca_pem: str,
    name: str | None,
    group: str | None,
    review: bool,
    interval: str,
    as_json: bool,
) -> None:
    """Add a Microsoft 365 tenant as a source of DOMAIN's users. Prints its number.

    The app is one of the tenant's own, with the application permissions User.Read.All, Group.Read.All and, to tell
    shared mailboxes and rooms from people, MailboxSettings.Read. Nothing is read yet: try it with flask sources test.
    """
    if secret_stdin == (certificate is not None):
        raise click.UsageError("Give --secret-stdin or --certificate.")
    if bool(authority) != bool(graph) or (authority and cloud):
        raise click.UsageError("Give --authority and --graph together, and then no --cloud.")
    if certificate is not None and secret_expires is not None:
        raise click.UsageError("--secret-expires is for a client secret: the end of a certificate is read from it.")
    into = find.domain(domain)
    chosen_group = find.group(into, group)
    settings: Settings = current_app.extensions["settings"]
    usual = "" if settings.microsoft.elsewhere or authority else WORLDWIDE
    source = Source(
        domain_id=into.id,
        group_id=chosen_group.id,
        kind=SourceKind.OFFICE365.value,
        name=(name or "").strip() or into.name,
        mode="review" if review else "automatic",
        interval_minutes=None if interval == "off" else int(interval),
        settings={
            "tenant": tenant,
            "client_id": client_id,
            "credential": "certificate" if certificate else "secret",
            "cloud": cloud or usual,
            **({"authority": authority, "graph": graph} if authority else {}),
            "ca_pem": ca_pem,
        },
        secret=current_app.extensions["sealer"].seal(certificate.pem if certificate else secret_from_stdin("Secret")),
    )
    expiry.renew(source, certificate.expires_on if certificate else secret_expires.date() if secret_expires else None)
    sources.save(source)
    for warning in (certificates.expiry_warning(ca_pem), expiry.told(source)):
        if warning:
            note(warning)
    added(source, as_json=as_json)
