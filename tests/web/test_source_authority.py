"""The certificate of an own authority: pasted or sent as a file, with or without JavaScript."""

import io
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from console import certificates
from console.models import Domain
from console.store import sources
from tests.servers.pki import Pki
from tests.web.client import Browser, page
from tests.web.source_form import GOOD, NEW, only


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("pki"), "Brightfield Root")


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return Pki(tmp_path_factory.mktemp("other"), "Other Root")


@pytest.fixture(scope="module")
def expired(pki: Pki) -> Path:
    return pki.issue("Old Root", ["dc1.brightfield.example"], expired=True)[0]


def sent(content: bytes, name: str = "root.cer", **typed: Any) -> dict[str, Any]:
    """The form with a file."""
    return {**GOOD, **typed, "ca_file": (io.BytesIO(content), name)}


def kept(domain: Domain) -> str:
    pem: str = only(domain).settings["ca_pem"]
    return pem


def test_a_pasted_authority_is_kept(client: Browser, domain: Domain, pki: Pki) -> None:
    authority = pki.ca_file.read_text()
    pasted = f"Our own:\r\n{authority}"
    assert client.submit(NEW, **{**GOOD, "host": "192.0.2.10", "ca_pem": pasted}).status_code == 302
    assert kept(domain) == authority
    assert "checked against your own authority" in client.page("/sources/1").text
    form = client.page("/sources/1/edit").form()
    assert str(form["ca_pem"]).split() == authority.split()


def test_a_file_ends_in_the_same_place_as_a_pasted_text(client: Browser, domain: Domain, pki: Pki) -> None:
    authority = pki.ca_file.read_bytes()
    der = x509.load_pem_x509_certificate(authority).public_bytes(serialization.Encoding.DER)
    for number, content in enumerate((authority, der), 1):
        response = client.submit(NEW, **sent(content, host="192.0.2.10"))
        assert response.location == f"/sources/{number}"
    assert [source.settings["ca_pem"] for source in sources.of_domain(domain.id)] == [authority.decode()] * 2
    assert all("ca_file" not in source.settings for source in sources.of_domain(domain.id))


def test_htmx_is_led_on_by_a_header(client: Browser, domain: Domain, pki: Pki) -> None:
    form = next(form for form in client.page(NEW).all("form") if form.attributes.get("hx-post") == NEW)
    assert form.attributes["enctype"] == "multipart/form-data"
    response = client.submit_htmx(NEW, **sent(pki.ca_file.read_bytes()))
    assert (response.status_code, response.headers["HX-Redirect"], response.text) == (204, "/sources/1", "")
    assert kept(domain) == pki.ca_file.read_text()
    saved = client.submit_htmx("/sources/1/edit", **{**GOOD, "ca_pem": ""})
    assert (saved.status_code, saved.headers["HX-Redirect"]) == (204, "/sources/1")
    assert kept(domain) == ""


def test_of_two_the_file_counts_and_the_form_says_so(client: Browser, domain: Domain, pki: Pki, other: Pki) -> None:
    assert "A file that is chosen counts" in client.page(NEW).one("ca_file-help").text
    assert client.submit(NEW, **sent(pki.ca_file.read_bytes(), ca_pem=other.ca_file.read_text())).status_code == 302
    assert kept(domain) == pki.ca_file.read_text()
    client.submit("/sources/1/edit", **sent(other.ca_file.read_bytes(), ca_pem="what is no certificate"))
    assert kept(domain) == other.ca_file.read_text()


def test_a_good_file_is_not_lost_when_another_field_is_refused(client: Browser, domain: Domain, pki: Pki) -> None:
    refused = page(client.submit(NEW, **sent(pki.ca_file.read_bytes(), port="x")), 422)
    assert str(refused.form()["ca_pem"]).split() == pki.ca_file.read_text().split()
    assert "Brightfield Root" in refused.text


def test_what_is_kept_is_told_in_words(client: Browser, domain: Domain, pki: Pki, expired: Path) -> None:
    client.submit(NEW, **sent(pki.ca_file.read_bytes() + expired.read_bytes()))
    [listed] = [item for item in client.page("/sources/1/edit").all("ul") if "Certificates" in str(item.attributes)]
    root, old = certificates.told(kept(domain))
    assert f"Brightfield Root issued by itself, valid until {root.valid_until:%-d %B %Y}" in listed.text
    assert f"Old Root issued by Brightfield Root, expired on {old.valid_until:%-d %B %Y}" in listed.text


def test_one_that_has_expired_is_kept_with_a_warning(client: Browser, domain: Domain, expired: Path, pki: Pki) -> None:
    shown = client.act(NEW, **sent(expired.read_bytes()))
    assert "Expired among the certificates of your authority: Old Root" in shown.text
    assert kept(domain) == expired.read_text()
    assert "Expired among" in client.act("/sources/1/edit", **{**GOOD, "ca_pem": kept(domain)}).text
    assert "Expired among" not in client.act("/sources/1/edit", **sent(pki.ca_file.read_bytes())).text


def test_a_file_with_a_private_key_is_refused_and_never_shown(client: Browser, domain: Domain, pki: Pki) -> None:
    certificate, key = pki.issue("dc1", ["dc1.brightfield.example"])
    both = certificate.read_bytes() + key.read_bytes()
    as_file = page(client.submit(NEW, **sent(both)), 422)
    assert "This holds a private key" in as_file.error("ca_file")
    pasted = page(client.submit(NEW, **{**GOOD, "ca_pem": both.decode()}), 422)
    assert "This holds a private key" in pasted.error("ca_pem")
    twice = page(client.submit(NEW, **sent(both, ca_pem=both.decode())), 422)
    for refused in (as_file, pasted, twice):
        assert "PRIVATE KEY" not in refused.html
    assert not sources.of_domain(domain.id)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no certificate", "This is not a certificate in PEM form"),
        (b"\x89PNG\r\n\x1a\n", "This is not a certificate in PEM form"),
        (b"", "This is not a certificate in PEM form"),
        (b"x" * (certificates.LIMIT + 1), "This is more than 64 KB"),
    ],
)
def test_what_is_no_certificate_gets_its_sentence_beside_the_file(
    client: Browser, domain: Domain, content: bytes, said: str
) -> None:
    assert said in page(client.submit(NEW, **sent(content)), 422).error("ca_file")
    assert said in page(client.submit_htmx(NEW, **sent(content)), 422).error("ca_file")
    assert not sources.of_domain(domain.id)
