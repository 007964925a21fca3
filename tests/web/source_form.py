"""What the form of a new source sends, and what is stored of it."""

from flask import Flask

from console.models import Domain, Source
from console.secrets import Sealer
from console.store import sources
from tests import factories

NEW = f"/domains/{factories.DOMAIN}/sources/new/active-dir"
SECRET = "correct horse battery staple"
# Everything that the form of a new source sends.
GOOD = {
    "name": "Head office",
    "host": "dc1.brightfield.example",
    "port": "636",
    "tls": "ldaps",
    "user_dn": "CN=Rollcall,OU=Service,DC=brightfield,DC=example",
    "password": SECRET,
    "search_base": "OU=Staff,DC=brightfield,DC=example",
    "filter": "(department=Sales)",
    "ca_pem": "",
    "group": "1",
    "interval": "240",
    "mode": "review",
    "grace_days": "7",
    "guard_percent": "30",
    "guard_owned_from": "20",
    "sync_people": "y",
    "sync_groups": "y",
    "scope": "onelevel",
    "preset": "openldap",
    "map_last_name": "surname",
}


def unsealed(app: Flask, source: Source) -> str:
    sealer: Sealer = app.extensions["sealer"]
    return sealer.unseal(source.secret)


def only(domain: Domain) -> Source:
    (found,) = sources.of_domain(domain.id)
    return found
