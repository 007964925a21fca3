"""Who receives the mail of an address, however a mail server spells it."""

import pytest

from console.core.address import asked
from console.models import Domain
from console.store import domains, users
from tests import factories
from tests.factories import address, manual_user


@pytest.fixture
def tagged(app: object) -> Domain:
    domain = factories.domain(aliases=["bf.example"])
    factories.users(
        domain, manual_user("ada", aliases=["countess"]), manual_user("bob+list", None), manual_user("weiß", None)
    )
    return domain


@pytest.mark.parametrize(
    ("asked_for", "holder"),
    [
        ("ada@brightfield.example", "ada"),
        ("<Ada@BrightField.Example>", "ada"),
        ("countess@brightfield.example", "ada"),
        ("countess@bf.example", "ada"),
        ("ada+news@brightfield.example", "ada"),
        ("countess+a+b@bf.example", "ada"),
        ("bob+list@brightfield.example", "bob+list"),
        ("bob+list+x@brightfield.example", None),
        ("weiss@brightfield.example", "weiß"),
        ("nobody@brightfield.example", None),
        ("+ada@brightfield.example", None),
    ],
)
def test_the_user_who_receives_the_mail_of_an_address(tagged: Domain, asked_for: str, holder: str | None) -> None:
    domain, one = users.recipient(asked(asked_for))
    assert domain == tagged
    assert (one.address if one else None) == (address(holder) if holder else None)


def test_where_plus_tags_are_off_a_tagged_address_is_another_one(tagged: Domain) -> None:
    domains.set_plus_tags(tagged, False)
    assert users.recipient(address("ada+news")) == (tagged, None)
    assert users.recipient(address("bob+list"))[1] is not None


def test_a_user_with_the_tagged_address_itself_comes_before_the_one_without_the_tag(tagged: Domain) -> None:
    factories.users(tagged, manual_user("ada+news", None))
    one = users.recipient(address("ada+news"))[1]
    assert one is not None
    assert one.address == address("ada+news")


def test_an_address_of_no_domain_here_is_nobody_s(tagged: Domain) -> None:
    assert users.recipient(address("ada@elsewhere.example")) == (None, None)


def test_an_alias_domain_s_address_that_is_too_long_for_the_domain_is_nobody_s(app: object) -> None:
    long = ".".join(["x" * 60] * 3) + ".example"
    domain = factories.domain(long, aliases=["short.example"])
    assert users.recipient(address("y" * 64 + "@short.example")) == (domain, None)
