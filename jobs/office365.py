"""An Office 365 source put together: whose app it reads with, what it remembers, and whose tenant it may be."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from redis import Redis

from console.core.errors import SourceError
from console.core.person import Kind, Snapshot
from console.microsoft import Microsoft
from console.models import Source
from console.secrets import Sealer
from console.settings import Settings
from console.store import mailboxes
from console.tokens import SealedTokens
from jobs.sources.office365 import owner
from jobs.sources.office365.settings import Office365Settings
from jobs.sources.office365.source import Office365Source
from jobs.sources.source import Progress, Trial
from jobs.sources.source import Source as Adapter

NO_APP = (
    "This tenant was connected through the console's own app, and there is none any more: its operator sets "
    "MICROSOFT_CLIENT_ID, or you add the tenant anew with an app of your own."
)
# What a person chooses, also for a tenant that is connected. All else is the operator's there: a client secret of
# theirs must go to no host that an administrator of a domain names.
_CHOSEN = ("tenant", "sync_people", "sync_shared", "sync_groups")


@dataclass(frozen=True, slots=True)
class StoredKinds:
    """What is known of a source's mailboxes."""

    source_id: int

    def load(self) -> Mapping[str, Kind]:
        return mailboxes.kinds(self.source_id)

    def save(self, found: Mapping[str, Kind]) -> None:
        mailboxes.keep(self.source_id, found)


@dataclass(frozen=True, slots=True)
class Owned:
    """A connected tenant, which is read only if the domain is its own.

    Whoever comes back from Microsoft's consent page names the tenant, and nobody proves that it is theirs: without
    this, an administrator of any domain could name a tenant that others have connected, and see its people.
    """

    reader: Office365Source
    settings: Office365Settings
    domain: str

    def fetch(self, progress: Progress, since: Mapping[str, Any] | None = None) -> Snapshot:
        # What changed follows a full read with the same settings, which asked this already.
        if since is None:
            owner.check(self.settings, self.domain, progress)
        return self.reader.fetch(progress, since)

    def test(self, progress: Progress) -> Trial:
        owner.check(self.settings, self.domain, progress)
        return self.reader.test(progress)


def adapter(source: Source, sealer: Sealer, settings: Settings, redis: Redis) -> Adapter:
    """The reader of a source. Raises RefusedError when no key opens its secret, SourceError for wrong settings."""
    read = _settings(source, sealer, settings)
    reader = Office365Source(read, SealedTokens(redis, sealer, source.id), StoredKinds(source.id))
    return Owned(reader, read, source.domain.name) if source.connected else reader


def _settings(source: Source, sealer: Sealer, settings: Settings) -> Office365Settings:
    """No secret is a variable here: tools that read tracebacks show the variables of each frame."""
    microsoft = settings.microsoft
    domains = (source.domain.name, *source.domain.aliases)
    local = settings.allow_local_targets
    if source.connected:
        if not microsoft.connects:
            raise SourceError(NO_APP, permanent=True)
        data = {name: value for name, value in source.settings.items() if name in _CHOSEN}
        data |= {"client_id": microsoft.client_id, **_here(microsoft), "ca_pem": microsoft.ca_pem}
        return Office365Settings.from_json(data, microsoft.credential, domains=domains, allow_local=local)
    data = dict(source.settings)
    if not data.get("cloud") and not data.get("authority"):
        data |= _here(microsoft)
    data["ca_pem"] = data.get("ca_pem") or microsoft.ca_pem
    return Office365Settings.from_json(data, sealer.unseal(source.secret), domains=domains, allow_local=local)


def _here(microsoft: Microsoft) -> dict[str, str]:
    """Where Microsoft is for this console."""
    return {"authority": microsoft.login_url, "graph": microsoft.graph_url}
