"""The settings about Microsoft: what each may be, and what goes together."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from console import certificates, credentials
from console.certificates import CertificateError
from console.core.clouds import CLOUDS, WORLDWIDE
from console.credentials import AppCertificate
from console.microsoft import Microsoft, is_guid

Value = Callable[..., Any]
"""Reads a variable: its name, how its text is read, and what stands for one that is not set."""


class CombinationError(ValueError):
    """Variables that do not go together; the sentence names them."""


def read(value: Value, sign_in: bool) -> Microsoft:
    """Raises CombinationError; what is wrong with one variable alone is for `value` to tell."""
    usual = CLOUDS[WORLDWIDE]
    client_id: str = value("MICROSOFT_CLIENT_ID", _client_id, default="")
    secret: str = value("MICROSOFT_CLIENT_SECRET", str, default="")
    expires: dt.date | None = value("MICROSOFT_SECRET_EXPIRES", _day, default="")
    certificate: AppCertificate | None = value("MICROSOFT_CERTIFICATE", _certificate, default="")
    login: str = value("MICROSOFT_LOGIN_URL", _host, default="")
    graph: str = value("MICROSOFT_GRAPH_URL", _host, default="")
    tenant: str = value("MICROSOFT_SIGN_IN_TENANT", _tenant_id, default="")
    _check(client_id, secret, certificate, expires)
    if bool(login) != bool(graph):
        missing = "MICROSOFT_GRAPH_URL" if login else "MICROSOFT_LOGIN_URL"
        raise CombinationError(f"{missing} is not set: the sign-in and the Graph of one cloud go together")
    if sign_in and not client_id:
        raise CombinationError("MICROSOFT_CLIENT_ID is not set, and SIGN_IN_WITH_MICROSOFT needs it")
    if sign_in and not tenant:
        raise CombinationError(
            "MICROSOFT_SIGN_IN_TENANT is not set, and SIGN_IN_WITH_MICROSOFT needs it: the ID of the only tenant whose "
            "people may sign in"
        )
    return Microsoft(
        client_id=client_id,
        credential=certificate.pem if certificate else secret,
        expires_on=certificate.expires_on if certificate else expires,
        login_url=login or usual.authority,
        graph_url=graph or usual.graph_url,
        ca_pem=value("MICROSOFT_CA_FILE", _authorities, default=""),
        sign_in_tenant=tenant if sign_in else "",
    )


def _check(client_id: str, secret: str, certificate: AppCertificate | None, expires: dt.date | None) -> None:
    if secret and certificate:
        raise CombinationError("MICROSOFT_CLIENT_SECRET and MICROSOFT_CERTIFICATE are both set: one of them is enough")
    if client_id and not (secret or certificate):
        raise CombinationError(
            "MICROSOFT_CLIENT_SECRET is not set, nor MICROSOFT_CERTIFICATE: the app of MICROSOFT_CLIENT_ID needs one"
        )
    if not client_id and (secret or certificate):
        raise CombinationError("MICROSOFT_CLIENT_ID is not set: a secret or a certificate is of no use without it")
    if expires and not secret:
        why = "a certificate tells by itself when it ends" if certificate else "MICROSOFT_CLIENT_SECRET is not set"
        raise CombinationError(f"MICROSOFT_SECRET_EXPIRES is of no use: {why}")


def _client_id(text: str) -> str:
    if text and not is_guid(text):
        raise ValueError("it must be the Application (client) ID of an app, 00001111-aaaa-2222-bbbb-3333cccc4444")
    return text.lower()


def _tenant_id(text: str) -> str:
    if text and not is_guid(text):
        raise ValueError("it must be the ID of a tenant, as the Overview page of Microsoft Entra shows it")
    return text.lower()


def _host(text: str) -> str:
    try:
        parts = urlsplit(text)
        right = parts.scheme == "https" and bool(parts.hostname) and (parts.port or 443) > 0
    except ValueError:
        right = False
    if text and (not right or parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc):
        raise ValueError("it must be https:// and the name of a host, without anything after it")
    return text.rstrip("/")


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise ValueError("it must be a day, 2027-03-31: the last one on which the client secret is good") from None


def _certificate(text: str) -> AppCertificate | None:
    """A PEM text, in which \\n may stand for its line breaks, or the name of a file with one.

    One that has expired is told on the pages, and is no reason not to start: all else works without it.
    """
    if not text:
        return None
    pem = text.replace("\\n", "\n").encode() if text.startswith("-----BEGIN") else _content(text)
    try:
        return credentials.read(pem, ended=True)
    except CertificateError as error:
        raise ValueError(f"it cannot be used. {error.sentence.rstrip('.')}") from None


def _authorities(text: str) -> str:
    if not text:
        return ""
    try:
        return certificates.read(_content(text))
    except CertificateError as error:
        raise ValueError(f"it cannot be used. {error.sentence.rstrip('.')}") from None


def _content(name: str) -> bytes:
    try:
        return Path(name).read_bytes()[: certificates.LIMIT + 1]
    except OSError as error:
        raise ValueError(f"it names a file that cannot be read ({error.strerror})") from None
