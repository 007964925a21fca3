"""A check of a domain's delivery servers: ask them, and note each step where the pages show it."""

import ipaddress
from urllib.parse import urlsplit

from redis import Redis

from console import live
from console.core.address import Address
from console.core.delivery import Finding, overall
from console.core.errors import RefusedError
from console.models import DeliveryServer, Run, db
from console.settings import Settings
from console.store import runs, smtp
from jobs.interrupt import Cancelled
from jobs.smtp.check import Report, check
from jobs.smtp.server import Server


def execute(run: Run, redis: Redis, settings: Settings) -> None:
    """Check the servers of a claimed run's domain. Raises RefusedError, Cancelled; the list is never changed."""
    run_id, domain_id, domain = run.id, run.domain_id, run.domain.name
    known = (run.trial or {}).get("known")
    reports = [Report(server_for(row, settings)) for row in smtp.of_domain(domain_id)]
    db.session.commit()
    if not reports:
        raise RefusedError("There is no mail server to check any more.")

    def found() -> dict[str, object]:
        findings = [report.finding for report in reports if report.finding is not None]
        finding = overall(findings).value if len(findings) == len(reports) else None
        return {"known": known, "finding": finding, "servers": [report.to_json() for report in reports]}

    def watch() -> None:
        asked = next((report for report in reports if report.finding is None), reports[-1])
        going_on = smtp.note(run_id, found(), f"asking {asked.server.host}")
        live.tick(redis, run_id, domain_id)
        if not going_on:
            raise Cancelled

    check(reports, domain, Address(known) if known else None, watch)
    if all(report.finding is Finding.UNREACHABLE for report in reports):
        runs.fail(run_id, reports[0].why)
        return
    runs.succeed(run_id)
    db.session.commit()


def server_for(row: DeliveryServer, settings: Settings) -> Server:
    """A delivery server as a callout needs it."""
    return Server(
        row.host,
        row.port,
        encryption=row.encryption,
        greeting=_greeting(settings.base_url),
        allow_local=settings.allow_local_targets,
    )


def _greeting(base_url: str) -> str:
    """The console's own name, where it is one that EHLO may give: a full name."""
    name = urlsplit(base_url).hostname or ""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name if "." in name and name.isascii() else ""
    return ""
