"""The settings of a source as its page shows them: pairs of a label and what is set."""

from markupsafe import Markup

from console.core.clouds import CLOUDS
from console.models import Source, SourceKind
from console.web.shell import breakable

Fact = tuple[str, str | Markup]

_ENCRYPTION = {"ldaps": "TLS (LDAPS)", "starttls": "StartTLS", "none": "none"}
_RECIPIENTS = {"sync_people": "people", "sync_shared": "shared, room and equipment mailboxes", "sync_groups": "groups"}


def of(source: Source) -> list[Fact]:
    """What is different from kind to kind; nothing secret."""
    return _office365(source) if source.kind == SourceKind.OFFICE365 else _ldap(source)


def _ldap(source: Source) -> list[Fact]:
    settings = source.settings
    return [
        ("Host", settings["host"]),
        ("Port", settings["port"]),
        ("Encryption", _ENCRYPTION[settings["tls"]]),
        ("Certificate", _checked(source)),
        ("User DN", breakable(settings.get("user_dn") or "") or "nobody (anonymous)"),
        ("Password", "stored, sealed" if source.secret else "none"),
        ("Search base", breakable(settings.get("search_base") or "") or "as the server proposes"),
        ("Further filter", settings.get("filter") or "none"),
    ]


def _checked(source: Source) -> str:
    if source.settings["tls"] == "none":
        return "not used"
    if source.settings.get("verify") is False:
        return "not checked"
    return "checked against your own authority" if source.settings.get("ca_pem") else "checked"


def _office365(source: Source) -> list[Fact]:
    settings = source.settings
    wanted = [label for name, label in _RECIPIENTS.items() if settings.get(name, True)]
    synced: list[Fact] = [("Synced", ", ".join(wanted))]
    if source.connected:
        return [("Tenant", settings["tenant"]), ("App", "this console's, accepted in the tenant"), *synced]
    what = "Certificate" if settings.get("credential") == "certificate" else "Client secret"
    ends = source.secret_expires_on
    kept = "stored, sealed" + (f", expires on {ends.day} {ends:%B %Y}" if ends else ", no date of its end")
    return [
        ("Tenant", settings["tenant"]),
        ("Client ID", settings["client_id"]),
        (what, kept if source.secret else "none"),
        ("Cloud", _cloud(settings)),
        *synced,
    ]


def _cloud(settings: dict[str, object]) -> str:
    if settings.get("authority"):
        return str(settings["authority"]).removeprefix("https://")
    cloud = CLOUDS.get(str(settings.get("cloud") or ""))
    return cloud.label if cloud is not None else "as this console is set up"
