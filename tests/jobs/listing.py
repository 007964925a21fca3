"""Lists of addresses on demand, worked on as a worker does."""

from console.core.discovery import Taking
from console.models import Domain, Run
from console.store import records, uploads
from jobs import tasks
from tests import factories
from tests.jobs.fake import now as current


def begin(domain: Domain, text: str | bytes, taking: Taking = Taking.REVIEW) -> Run:
    content = text.encode() if isinstance(text, str) else text
    return uploads.start_discovery(domain, None, name="pasted", content=content, taking=taking)


def work(run: Run) -> Run:
    tasks.provision(run.id)
    return current(run)


def asked(domain: Domain, text: str | bytes, taking: Taking = Taking.REVIEW) -> Run:
    return work(begin(domain, text, taking))


def lines(*locals_: str) -> str:
    return "\n".join(factories.address(local) for local in locals_)


def skipped(run: Run) -> dict[str, str]:
    return {issue.what.partition("@")[0]: issue.why for issue in records.issues(run.id)}
