"""Whose tenant a mail domain is, which Microsoft's sign-in tells anybody who asks for the domain by its name."""

import re
from urllib.parse import urlsplit

from console.core.errors import SourceError
from jobs.sources.office365 import aadsts, trust
from jobs.sources.office365.asking import answered
from jobs.sources.office365.patience import Clock, Patience
from jobs.sources.office365.settings import Office365Settings
from jobs.sources.office365.wire import Question, Wire
from jobs.sources.source import Progress

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UNKNOWN = "AADSTS90002"


def check(settings: Office365Settings, domain: str, progress: Progress) -> None:
    """Raise SourceError unless `domain` is one of the tenant's own; the tenant has to be named by its ID."""
    progress("connecting")
    trust.check_target(settings, settings.authority)
    wire = Wire(settings)
    try:
        patience = Patience(settings.patience, Clock(), lambda: progress("connecting"))
        question = Question("GET", f"{settings.authority}/{domain}/v2.0/.well-known/openid-configuration")
        reply = answered(wire, settings, patience, question, f"while asking whose domain {domain} is")
    finally:
        wire.close()
    found = _tenant(str(reply.content.get("issuer") or "")) if reply.status == 200 else ""
    if not found and _UNKNOWN not in str(reply.content.get("error_description") or ""):
        raise aadsts.refused(settings, reply.content)
    if found != settings.tenant.lower():
        raise SourceError(
            f"{domain} is not a domain of the tenant that was connected, so nothing was read from it. Connect again, "
            f"and sign in at Microsoft as an administrator of the tenant to which {domain} belongs.",
            permanent=True,
            detail=f"{domain} belongs to {f'the tenant {found}' if found else 'no tenant'}, not to {settings.tenant}.",
        )


def _tenant(issuer: str) -> str:
    """The tenant's ID in the issuer's address, in whatever cloud: https://login.example/ID/v2.0."""
    parts = [part.lower() for part in urlsplit(issuer).path.split("/")]
    return next((part for part in parts if _GUID.fullmatch(part)), "")
