"""flask sources: the directories from which lists are synced."""

import click
from flask import current_app

from console import certificates
from console.cli import execution, find, report, source_options
from console.cli.output import ID, Noun, json_option, note, print_json, print_table, say, secret_from_stdin
from console.core.errors import SourceError
from console.core.hosts import servers
from console.models import RunKind, RunState, Source, SourceKind
from console.store import expiry, runs, sources

commands = Noun("sources", help="The directories from which lists are synced.")


def _hosts(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> str:
    """The servers as the field Host holds them."""
    text = ", ".join(value.strip() for value in values)
    try:
        servers(text, 636)
    except SourceError as error:
        raise click.BadParameter(error.sentence) from None
    return text


@commands.command("add-ldap")
@click.argument("domain")
@click.option(
    "--host",
    required=True,
    multiple=True,
    callback=_hosts,
    help="The server's name, as its certificate has it, or NAME:PORT. Several are tried in the order given.",
)
@click.option("--port", type=click.IntRange(1, 65535), help="636 with ldaps and 389 otherwise, if not given.")
@click.option("--user-dn", default="", metavar="DN", help="Who signs in to search; needs --password-stdin.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--search-base", default="", metavar="DN", help="Where the users are; else the server proposes it.")
@click.option(
    "--tls",
    type=click.Choice(["none", "starttls", "ldaps"]),
    help="How the connection is encrypted: starttls if not given with port 389, else ldaps.",
)
@source_options.ca_file
@click.option("--no-verify", is_flag=True, help="Do not check the server's certificate. Unsafe.")
@click.option("--filter", "ldap_filter", default="", metavar="FILTER", help="Only entries that match this too.")
@source_options.of_every_kind
@json_option
def add_ldap(
    *,
    domain: str,
    host: str,
    port: int | None,
    user_dn: str,
    password_stdin: bool,
    search_base: str,
    tls: str | None,
    ca_pem: str,
    no_verify: bool,
    ldap_filter: str,
    name: str | None,
    group: str | None,
    review: bool,
    interval: str,
    as_json: bool,
) -> None:
    """Add an Active Directory, or another LDAP directory, as a source of DOMAIN's users. Prints its number.

    Nothing is read yet: try it with flask sources test, then flask sources preview.
    """
    user_dn = user_dn.strip()
    if bool(user_dn) != password_stdin:
        raise click.UsageError("Give both --user-dn and --password-stdin, or neither to search without signing in.")
    into = find.domain(domain)
    chosen_group = find.group(into, group)
    encryption = tls or ("starttls" if port == 389 else "ldaps")
    password = secret_from_stdin("Password") if password_stdin else ""
    source = sources.save(
        Source(
            domain_id=into.id,
            group_id=chosen_group.id,
            kind=SourceKind.LDAP.value,
            name=(name or "").strip() or servers(host, 636)[0][0],
            mode="review" if review else "automatic",
            interval_minutes=None if interval == "off" else int(interval),
            settings={
                "host": host,
                "port": port or (636 if encryption == "ldaps" else 389),
                "tls": encryption,
                "user_dn": user_dn,
                "search_base": search_base.strip(),
                "filter": ldap_filter.strip(),
                "ca_pem": ca_pem,
                "verify": not no_verify,
            },
            secret=current_app.extensions["sealer"].seal(password),
        )
    )
    if expired := certificates.expiry_warning(ca_pem):
        note(expired)
    added(source, as_json=as_json)


def added(source: Source, *, as_json: bool) -> None:
    """Answer a command that has added a source."""
    if as_json:
        print_json(_document(source))
    else:
        say(str(source.id))
        note(f"{source.label} is added to {source.domain.name}. Try it with: flask sources test {source.id}")


@commands.command("list")
@json_option
def show_all(as_json: bool) -> None:
    """List the sources of every domain."""
    found = sources.every()
    if as_json:
        print_json([_document(source) for source in found])
    elif not found:
        note("There are no sources yet. Add one with: flask sources add-ldap, or add-office365")
    else:
        rows = [(s.id, s.domain.name, s.label, s.endpoint, _schedule(s), _health(s)) for s in found]
        print_table(("SOURCE", "DOMAIN", "NAME", "SERVER", "SYNCS", "STATE"), rows)


@commands.command("test")
@click.argument("source_id", metavar="ID", type=ID)
@execution.run_options
@json_option
def test(source_id: int, queued: bool, quiet: bool, as_json: bool) -> None:
    """Try the connection, and show what the directory holds. Changes nothing."""
    _run(RunKind.TEST, source_id, queued=queued, quiet=quiet, as_json=as_json)


@commands.command("preview")
@click.argument("source_id", metavar="ID", type=ID)
@execution.run_options
@json_option
def preview(source_id: int, queued: bool, quiet: bool, as_json: bool) -> None:
    """Show what a sync would do. Changes nothing."""
    _run(RunKind.PREVIEW, source_id, queued=queued, quiet=quiet, as_json=as_json)


@commands.command("sync")
@click.argument("source_id", metavar="ID", type=ID)
@click.option("--approve", is_flag=True, help="Do it even when it would wait for approval.")
@execution.run_options
@json_option
def sync(source_id: int, approve: bool, queued: bool, quiet: bool, as_json: bool) -> None:
    """Make the list say what the directory says.

    A first sync, and one that would remove many users, waits for approval: exit status 3.
    """
    if approve and queued:
        raise click.UsageError("--approve is not for --queue: approve the run when it waits, with flask runs approve.")
    waiting = runs.open_run(find.source(source_id).id, RunKind.SYNC)
    if waiting is not None and waiting.kind == RunKind.SYNC and waiting.state == RunState.NEEDS_APPROVAL:
        if not approve:
            report.finish(waiting.id, as_json=as_json)
        # What was read then may be out of date: the approval is for what the directory says now.
        if runs.discard(waiting.id):
            note(f"Run {waiting.id}, which waited for approval, is discarded: the directory is read again.")
    _run(RunKind.SYNC, source_id, approve=approve, queued=queued, quiet=quiet, as_json=as_json)


def _run(kind: RunKind, source_id: int, *, queued: bool, quiet: bool, as_json: bool, approve: bool = False) -> None:
    run = execution.begin(kind, find.source(source_id))
    run_id = run.id
    trouble = execution.carry_out(run, queued=queued, quiet=quiet)
    if approve and runs.approve(run_id):
        for reason in run.waits_because:
            note(f"Approved: {reason}")
        execution.carry_out(run, queued=False, quiet=quiet)
    report.finish(run_id, as_json=as_json, error=trouble)


def _schedule(source: Source) -> str:
    return f"every {source.interval_minutes} minutes" if source.interval_minutes else "when asked"


def _health(source: Source) -> str:
    if ending := expiry.told(source):
        return ending.partition(".")[0]
    if source.failures:
        return f"failing: {source.last_error}"
    return f"read {source.last_success_at:%Y-%m-%d %H:%M} UTC" if source.last_success_at else "not synced yet"


def _document(source: Source) -> dict[str, object]:
    """Nothing in it is secret."""
    return {
        "id": source.id,
        "domain": source.domain.name,
        "kind": source.kind,
        "name": source.name,
        "group": source.group.name,
        "server": source.endpoint,
        "mode": source.mode,
        "interval_minutes": source.interval_minutes,
        "failures": source.failures,
        "last_success_at": source.last_success_at.isoformat() if source.last_success_at else None,
        "last_error": source.last_error or None,
        "secret_expires_on": source.secret_expires_on.isoformat() if source.secret_expires_on else None,
    }
