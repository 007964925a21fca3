"""flask domains smtp and check-smtp: the mail servers that a domain's mail goes on to."""

import click

from console.cli import checks, execution, find, report
from console.cli.domains import commands
from console.cli.output import Exit, json_option, note, print_json, print_table, say
from console.core.address import Address, display_domain, parse, split
from console.core.delivery import PORT, PRIORITY, Encryption, mail_host
from console.core.errors import RefusedError
from console.models import DeliveryServer, Domain, Run, RunState
from console.store import runs, smtp


def _host(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    try:
        return mail_host(value) if value is not None else None
    except RefusedError as error:
        raise click.BadParameter(error.sentence) from None


@commands.command("smtp")
@click.argument("name")
@click.option("--host", metavar="H", callback=_host, help="The server's name or IP address.")
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, show_default=True)
@click.option(
    "--tls",
    type=click.Choice([kind.value for kind in Encryption]),
    help="Whether the connection is encrypted: opportunistic for a new server.",
)
@click.option("--priority", type=click.IntRange(0, 65535), help=f"The lowest is asked first; {PRIORITY} for a new one.")
@click.option("--remove", is_flag=True, help="Remove this server.")
@json_option
def servers(
    *, name: str, host: str | None, port: int, tls: str | None, priority: int | None, remove: bool, as_json: bool
) -> None:
    """Add a mail server of the domain NAME, change it or remove it; without --host, list them.

    A server is known by its host and port.
    """
    domain = find.domain(name)
    if host is None:
        if tls is not None or priority is not None or remove:
            raise click.UsageError("Name the server with --host.")
        _list(domain, as_json=as_json)
        return
    server = smtp.at(domain.id, host, port)
    if remove:
        if server is None:
            raise RefusedError(f"{host}, port {port}, is no mail server of {domain.name}.")
        smtp.remove(server)
        told = f"{host}, port {port}, is removed."
    else:
        done = "added" if server is None else "changed"
        told = f"{host}, port {port}, is {done}. Try it: flask domains check-smtp {name}"
        server = server or DeliveryServer(
            domain_id=domain.id, host=host, port=port, tls=Encryption.OPPORTUNISTIC.value, priority=PRIORITY
        )
        server.tls = tls or server.tls
        server.priority = server.priority if priority is None else priority
        smtp.save(server)
    if as_json:
        _list(domain, as_json=True)
    else:
        say(told)


@commands.command("check-smtp")
@click.argument("name")
@click.option("--known", metavar="ADDRESS", help="A recipient who exists; the first active user if not given.")
@execution.run_options
@json_option
def check(name: str, known: str | None, queued: bool, quiet: bool, as_json: bool) -> None:
    """Ask the mail servers of the domain NAME which recipients they accept. Sends no mail.

    The exit status is 0 only if they refuse unknown recipients.
    """
    domain = find.domain(name)
    recipient = parse(known, default_domain=domain.name) if known is not None else None
    if recipient is not None and split(recipient)[1] not in {domain.name, *domain.aliases}:
        raise click.UsageError(f"--known must be a recipient of {domain.name}: other servers are not asked.")
    run = _begin(domain, recipient)
    run_id = run.id
    trouble = execution.carry_out(run, queued=queued, quiet=quiet)
    ended = find.run(run_id)
    found = checks.finding(ended)
    if trouble or ended.state != RunState.SUCCEEDED or found is None or found.is_good:
        report.finish(run_id, as_json=as_json, error=trouble)
    if as_json:
        print_json(report.document(ended))
    else:
        report.print_run(ended)
    note(f"Error: the mail server {found.words}.")
    raise click.exceptions.Exit(Exit.FAILED)


def _begin(domain: Domain, known: Address | None) -> Run:
    """A new check. One that still waits for a worker is taken instead: it is the same work."""
    runs.sweep()
    try:
        return smtp.start_check(domain, None, known, title="from the command line")
    except RefusedError:
        busy = smtp.open_check(domain.id)
        if busy is None:
            raise
    if busy.state == RunState.QUEUED:
        note(f"Run {busy.id} waited for a worker and is taken up.")
        return busy
    raise RefusedError(f"A check of {domain.name} is under way as run {busy.id}. Wait until it has ended.")


def _list(domain: Domain, *, as_json: bool) -> None:
    found = smtp.of_domain(domain.id)
    if as_json:
        print_json([{"host": row.host, "port": row.port, "tls": row.tls, "priority": row.priority} for row in found])
    elif not found:
        note(f"There is no mail server yet. Add one with: flask domains smtp {domain.name} --host H")
    else:
        rows = [(display_domain(row.host), row.port, row.priority, row.tls) for row in found]
        print_table(("SERVER", "PORT", "PRIORITY", "TLS"), rows)
