"""The sample company without its directory, and what becomes of one that was loaded before."""

from pathlib import Path

from flask import Flask

from console.models import Admin
from console.store import domains, sources, users
from tests.demo.company import WITH_DIRECTORY, WITHOUT, Company
from tests.demo.directory import DOMAIN


def load(company: Company, owner: Admin) -> None:
    company.load(owner, None, watch=lambda: None, say=lambda _: None)


def test_without_a_directory_there_are_a_few_dozen_users_and_no_source(
    app: Flask, alice: Admin, tmp_path: Path
) -> None:
    company = Company(tmp_path)
    load(company, alice)
    domain = domains.named(DOMAIN)
    assert domain is not None
    assert len(users.every(domain.id)) == 40
    assert sources.of_domain(domain.id) == []
    assert company.loaded == WITHOUT


def test_what_is_loaded_is_told_only_while_it_is_there(app: Flask, alice: Admin, tmp_path: Path) -> None:
    company = Company(tmp_path)
    assert not company.loaded
    load(company, alice)
    domain = domains.named(DOMAIN)
    assert domain is not None
    domains.delete(domain)
    assert not company.loaded


def test_clearing_makes_room_for_another_start(app: Flask, alice: Admin, tmp_path: Path) -> None:
    company = Company(tmp_path)
    (tmp_path / "slapd").mkdir()
    load(company, alice)
    company.clear()
    assert domains.named(DOMAIN) is None
    assert not (tmp_path / "slapd").exists()
    load(company, alice)
    assert company.loaded == WITHOUT != WITH_DIRECTORY
