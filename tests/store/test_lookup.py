"""Finding users, addresses and domains over all that one may see."""

import pytest
from sqlalchemy import text

from console.models import Admin, Domain, Role, db
from console.store import lookup
from console.store.lookup import Found
from tests import factories
from tests.factories import manual_user
from tests.plans import reading_whole_lists

OTHER = "lakeside.example"


def find(admin: Admin, typed: str, few: int = 8) -> Found:
    return lookup.find(admin, typed, users_limit=few, domains_limit=few)


def users(found: Found) -> list[str]:
    return [hit.user.address for hit in found.users]


def names(found: Found) -> list[str]:
    return [domain.name for domain in found.domains]


@pytest.fixture
def other(domain: Domain) -> Domain:
    """A second domain; in both of them is somebody."""
    other = factories.domain(OTHER, ["lakeside-group.example"])
    factories.users(
        domain,
        manual_user("ada", aliases=["countess"], first_name="Ada", last_name="Byron-King"),
        manual_user("adam", first_name="Adam"),
        manual_user("weiß", last_name="Weiß"),
    )
    factories.users(
        other,
        manual_user(f"ada@{OTHER}", last_name="of the Lake"),
        manual_user(f"boss@{OTHER}", aliases=[f"countess.two@{OTHER}"], first_name="Nevada"),
    )
    return other


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("ada", [f"ada@{factories.DOMAIN}", f"ada@{OTHER}", f"adam@{factories.DOMAIN}", f"boss@{OTHER}"]),
        ("AD", [f"ada@{factories.DOMAIN}", f"ada@{OTHER}", f"adam@{factories.DOMAIN}"]),
        ("countess", [f"ada@{factories.DOMAIN}", f"boss@{OTHER}"]),
        ("king byr", [f"ada@{factories.DOMAIN}"]),
        ("evada", [f"boss@{OTHER}"]),
        (f"ada@{OTHER}", [f"ada@{OTHER}"]),
        ("ada@lake", [f"ada@{OTHER}"]),
        ("ada@lakeside-gr", [f"ada@{OTHER}"]),
        ("ada lakeside", [f"ada@{OTHER}", f"boss@{OTHER}"]),
        ("ada nowhere", []),
        ("WEIß", [f"weiß@{factories.DOMAIN}"]),
        ("100%", []),
        ("___", []),
        ("", []),
        ("  ", []),
    ],
)
def test_users_of_every_domain_are_found(alice: Admin, other: Domain, typed: str, expected: list[str]) -> None:
    assert users(find(alice, typed)) == expected


@pytest.mark.parametrize("typed", ["countess@brightfield.example", "Countess+tag@brightfield.example"])
def test_who_receives_the_very_address_is_at_the_top(alice: Admin, other: Domain, typed: str) -> None:
    assert users(find(alice, typed))[0] == "ada@brightfield.example"


def test_an_address_of_an_alias_domain_leads_to_whoever_receives_its_mail(alice: Admin, other: Domain) -> None:
    (hit,) = find(alice, "countess.two@lakeside-group.example").users
    assert (hit.user.address, hit.alias) == (f"boss@{OTHER}", f"countess.two@{OTHER}")


def test_domains_are_found_by_each_of_their_names(alice: Admin, other: Domain) -> None:
    factories.domain("xn--bcher-kva.example")
    assert names(find(alice, "lake")) == [OTHER]
    assert names(find(alice, "side-group")) == [OTHER]
    assert names(find(alice, "example")) == ["brightfield.example", OTHER, "xn--bcher-kva.example"]
    assert names(find(alice, "büch")) == ["xn--bcher-kva.example"]
    assert names(find(alice, "_")) == []
    found = find(alice, "example", few=2)
    assert (len(found.domains), found.more_domains) == (2, True)


@pytest.mark.parametrize("typed", ["a", "ada", f"ada@{OTHER}", "lake", "ada lakeside", f"ada+x@{OTHER}", "countess"])
def test_an_admin_of_one_domain_finds_nothing_of_another(other: Domain, domain: Domain, typed: str) -> None:
    limited = factories.admin("dora@rollcall.example", Role.ADMIN, only=[domain])
    found = find(limited, typed)
    assert {hit.user.domain_id for hit in found.users} <= {domain.id}
    assert set(names(found)) <= {domain.name}
    assert users(find(limited, "ad")) == [f"ada@{domain.name}", f"adam@{domain.name}"]


def test_an_admin_of_no_domain_finds_nothing(other: Domain, domain: Domain) -> None:
    limited = factories.admin("dora@rollcall.example", Role.ADMIN, only=[domain])
    limited.domains = []
    db.session.commit()
    assert (find(limited, "ada"), find(limited, "example").domains) == (Found("ada", [], []), [])


def test_no_more_are_shown_than_asked_for(alice: Admin, domain: Domain) -> None:
    factories.many(domain, 20)
    found = find(alice, "user")
    assert (len(found.users), found.more, found.given_up) == (8, True, False)


def test_what_takes_too_long_is_given_up_and_the_rest_is_told(
    alice: Admin, other: Domain, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = text("pg_sleep(20) is not null")
    monkeypatch.setattr(lookup, "PATIENCE", 30)
    monkeypatch.setattr(lookup, "_conditions", lambda *_: [slow])
    found = find(alice, "ada")
    assert (users(found), found.given_up) == (
        ["ada@brightfield.example", f"ada@{OTHER}", "adam@brightfield.example"],
        True,
    )
    assert db.session.scalar(text("show statement_timeout")) == "0"
    assert find(alice, "nobody") == Found("nobody", [], [], given_up=True)


@pytest.mark.parametrize("limited", [False, True])
def test_no_search_reads_the_whole_list(alice: Admin, domain: Domain, limited: bool) -> None:
    factories.many(domain, 3000)
    factories.analyze()
    admin = factories.admin("dora@rollcall.example", Role.ADMIN, only=[domain]) if limited else alice
    # Three thousand are read as fast as they are looked up: at a million the planner does by itself what it does here.
    db.session.execute(text("set local enable_seqscan = off"))
    for typed in ("user0012", "Number 1999", "u001999@brightfield.example", "user", "umber", "u"):
        assert reading_whole_lists(lambda typed=typed: find(admin, typed)) == []  # type: ignore[misc]
