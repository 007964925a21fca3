"""The sample company's other half, which is in Microsoft 365: a tenant at a stand-in, and its domain, connected."""

import secrets
from contextlib import ExitStack
from pathlib import Path

from console.core.errors import RollcallError
from console.models import Admin, Domain, RunKind, Source, SourceKind
from console.store import domains, sources
from tests.demo.work import CompanyError, Say, Watch, work
from tests.servers.graph.process import GraphProcess
from tests.servers.process import ServerError

DOMAIN = "lakeside.example"
SOURCE = "Lakeside"
USERS, GROUPS = 240, 12
BACK = "/connect/office-365"


class Lakeside:
    """The tenant, with its certificates in a folder. What is in it is the same at every start."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "graph"
        self._tenant = ""
        self._trouble = ""

    def serve(self, stack: ExitStack, address: str) -> dict[str, str]:
        """Start the stand-in for a console at this address; the variables by which it knows its app there.

        None where it does not start: the rest of the sample does without.
        """
        try:
            graph = stack.enter_context(
                GraphProcess.start(
                    self._folder,
                    secret=secrets.token_urlsafe(24),
                    users=USERS,
                    groups=GROUPS,
                    domain=DOMAIN,
                    redirects=(address + BACK,),
                )
            )
        except ServerError as error:
            self._trouble = str(error)
            return {}
        self._tenant = graph.tenant_id
        return {
            "MICROSOFT_CLIENT_ID": graph.client_id,
            "MICROSOFT_CLIENT_SECRET": graph.secret,
            "MICROSOFT_LOGIN_URL": graph.url,
            "MICROSOFT_GRAPH_URL": graph.url,
            "MICROSOFT_CA_FILE": str(graph.ca_file),
        }

    def present(self, owner: Admin, watch: Watch, say: Say) -> str:
        """Load the domain unless an earlier start did; a sentence about what is missing, if anything is."""
        if domains.named(DOMAIN) is not None or not self._tenant:
            return f"The sample is without its tenant. {self._trouble}" if self._trouble else ""
        try:
            run = work(RunKind.SYNC, self._connect(domains.add(DOMAIN, [], owner)), owner, watch)
        except (CompanyError, RollcallError) as error:
            return f"The sample's tenant is not whole: {error}"
        say(f"{run.counts['created']} users came from the tenant of {DOMAIN}.")
        return ""

    def _connect(self, domain: Domain) -> Source:
        """As if an administrator had pressed Connect and accepted."""
        return sources.save(
            Source(
                domain_id=domain.id,
                group_id=domains.default_group(domain.id).id,
                kind=SourceKind.OFFICE365.value,
                name=SOURCE,
                settings={"connected": True, "tenant": self._tenant},
            )
        )
