"""What a worker does with a run: hold it, claim it, execute it, and tell how it ended."""

import logging
import smtplib
from collections.abc import Callable

from flask import current_app
from redis import Redis

from console import live, logs, queue, tokens
from console.core.errors import RefusedError, SourceError, StaleError
from console.models import DatabaseError, Run, RunKind, Source, SourceKind, db
from console.secrets import Sealer
from console.settings import Settings
from console.store import discovery as switches
from console.store import notices, resets, runs, sources
from jobs import account_mail, bulk, checks, discovery, imports, mail, office365, pipeline, probe_list, undo
from jobs import sign_in as signing_in
from jobs.interrupt import Cancelled, Interrupted
from jobs.sources.ldap.settings import LdapSettings
from jobs.sources.ldap.source import LdapSource
from jobs.sources.source import Source as Adapter

log = logging.getLogger(__name__)

Adapters = Callable[[Source, Sealer, Settings], Adapter]


def deliver(notice_id: int) -> None:
    """Send a notice that is due; one that the relay refuses is tried again later, by the clock."""
    settings: Settings = current_app.extensions["settings"]
    notice = notices.take(notice_id) if settings.sends_mail else None
    if notice is None:
        return
    try:
        composer = mail if notice.domain_id is not None else account_mail
        message = composer.compose(notice, base_url=settings.base_url, sender=settings.mail_from)
        mail.Relay.from_url(settings.smtp_url).send(message)
    except (OSError, smtplib.SMTPException) as error:
        log.warning("notice %s was not sent: %s", notice_id, type(error).__name__)
        # A relay may repeat what it refuses, and a mail to a person may hold a link that opens their account.
        said = f": {error}" if notice.domain_id is not None else ""
        notices.failed(notice_id, f"{type(error).__name__}{said}"[:500])
    else:
        notices.sent(notice_id)


def sign_in(ticket: str) -> None:
    """Check a sign-in at Microsoft, of which the job knows nothing but where it waits."""
    signing_in.check(ticket)


def probe(domain_id: int) -> None:
    """Ask about the addresses that mail to a domain came for and that nobody has."""
    redis: Redis = current_app.extensions["redis"]
    queue.probe_begins(redis, domain_id)
    try:
        discovery.probe(domain_id, redis, current_app.extensions["settings"])
    except Interrupted:
        # What was asked for without an answer on record is still due, and the clock has it asked for again.
        db.session().invalidate()
    finally:
        db.session.rollback()


def reset(ticket: str) -> None:
    """Send a link for a new password, if there is such an account; the job knows nothing but where the wish waits."""
    wish = tokens.take(current_app.extensions["redis"], current_app.extensions["sealer"], queue.RESET_WISH, ticket)
    notice_id = resets.ask(wish["email"]) if wish else None
    if notice_id is not None:
        deliver(notice_id)


def adapter_for(source: Source, sealer: Sealer, settings: Settings) -> Adapter:
    """The adapter of a source's kind, with its secret unsealed. Raises RefusedError when no key opens it."""
    if source.kind == SourceKind.OFFICE365:
        return office365.adapter(source, sealer, settings, current_app.extensions["redis"])
    # The secret is no variable here: RQ keeps tracebacks, and tools that read them show the variables of each frame.
    return LdapSource(
        LdapSettings.from_json(source.settings, sealer.unseal(source.secret), allow_local=settings.allow_local_targets)
    )


def provision(run_id: int, adapters: Adapters = adapter_for) -> None:
    """Work on a queued run, in an application context; nothing happens when another process has it or it has ended."""
    redis: Redis = current_app.extensions["redis"]
    with logs.of_run(run_id), runs.held(run_id) as mine:
        if not mine or not runs.claim(run_id):
            return
        run = runs.get(run_id)
        if run is None:
            return
        domain_id, source_id, kind = run.domain_id, run.source_id, run.kind
        live.tick(redis, run_id, domain_id)
        try:
            _execute(run, redis, adapters)
        except Cancelled:
            db.session.rollback()
            runs.cancelled(run_id)
        except Interrupted:
            # It may have come in the middle of a statement, and then the connection cannot even roll back.
            db.session().invalidate()
            runs.interrupt(run_id, runs.INTERRUPTED)
        except (SourceError, StaleError, RefusedError) as error:
            db.session.rollback()
            runs.fail(run_id, error.sentence, getattr(error, "detail", ""))
            if isinstance(error, SourceError) and source_id is not None and kind == RunKind.SYNC:
                sources.failed(source_id, error.sentence)
        except Exception as error:
            log.exception("run %s failed", run_id)
            _unexpected(run_id, error)
            raise
        finally:
            db.session.rollback()
            if kind == RunKind.CHECK:
                _settle()
            live.tick(redis, run_id, domain_id)


def _settle() -> None:
    """Turn discovery on or off where it waited for this check; the clock does it if the database is away now."""
    try:
        switches.settle()
    except DatabaseError as error:
        log.warning("discovery is not settled: the database does not answer: %s", type(error).__name__)


def _execute(run: Run, redis: Redis, adapters: Adapters) -> None:
    if run.kind == RunKind.IMPORT:
        imports.execute(run, pipeline.Progress(redis, run.id, run.domain_id))
        return
    if run.kind == RunKind.MANUAL:
        bulk.execute(run, pipeline.Progress(redis, run.id, run.domain_id))
        return
    if run.kind == RunKind.UNDO:
        undo.execute(run, pipeline.Progress(redis, run.id, run.domain_id))
        return
    if run.kind == RunKind.CHECK:
        checks.execute(run, redis, current_app.extensions["settings"])
        return
    if run.kind == RunKind.DISCOVERY:
        probe_list.execute(run, redis, current_app.extensions["settings"])
        return
    adapter = None
    if run.source is not None and not run.approved:
        adapter = adapters(run.source, current_app.extensions["sealer"], current_app.extensions["settings"])
    about = runs.last_read(run.source_id) if run.source_id else None
    pipeline.execute(run, adapter, pipeline.Progress(redis, run.id, run.domain_id, about))


def _unexpected(run_id: int, error: Exception) -> None:
    """Tell the truth about a fault of our own, as far as the database can still be told; a sweep does it otherwise."""
    away = isinstance(error, DatabaseError)
    trouble = "The database did not answer" if away else "Something went wrong in Rollcall itself"
    try:
        db.session.rollback()
        runs.fail(
            run_id,
            f"{trouble}. Nothing was changed: run it again; if it comes again, the log has more under “run {run_id}”.",
        )
    except DatabaseError:
        log.warning("run %s: its end could not be recorded; the next sweep will", run_id)
