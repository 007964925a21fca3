"""What the perimeter asks the store."""

import pytest
from flask import Flask

from console.core.person import Status
from console.core.recipient import Mode, read
from console.models import Domain
from console.store import domains, perimeter
from tests import factories
from tests.factories import manual_user


def test_every_name_of_a_domain_leads_to_its_mode_and_the_version_of_its_list(app: Flask) -> None:
    domain = factories.domain(aliases=["bf.example"])
    before = perimeter.kept()
    assert set(before) == {"brightfield.example", "bf.example"}
    assert before["bf.example"] is before["brightfield.example"]
    kept = before["bf.example"]
    assert (kept.name, kept.mode, kept.plus_tags) == ("brightfield.example", Mode.OFF, True)
    domains.set_perimeter(domain, Mode.ENFORCE)
    factories.users(domain, manual_user("ada"))
    after = perimeter.kept()["bf.example"]
    assert (after.mode, after.version) == (Mode.ENFORCE, kept.version + 1)


def test_holders_are_found_by_the_keys_of_their_addresses(domain: Domain) -> None:
    factories.users(
        domain,
        manual_user("weiß", aliases=["w"]),
        manual_user("bob", None, status=Status.DISABLED, reason="Left."),
    )
    names = [f"{local}@brightfield.example" for local in ("weiss", "w", "bob", "nobody")]
    found = perimeter.holders(names)
    assert {key: (held.address, held.status) for key, held in found.items()} == {
        names[0]: ("weiß@brightfield.example", "active"),
        names[1]: ("weiß@brightfield.example", "active"),
        names[2]: ("bob@brightfield.example", "disabled"),
    }
    assert found[names[2]].reason == "Left."


def test_the_accepted_addresses_are_read_in_parts(domain: Domain) -> None:
    factories.users(factories.domain("other.example"), manual_user("ada@other.example"))
    factories.users(
        domain,
        *(manual_user(f"user{n}", None, aliases=[f"u{n}"]) for n in range(5)),
        manual_user("gone", None, status=Status.DISABLED),
        manual_user("away", None, status=Status.MISSING),
    )
    keys, after, parts = [], "", 0
    while after is not None:
        more, after = perimeter.accepted(domain.id, after, 2)  # type: ignore[assignment]  # None at the end
        keys += more
        parts += 1
    locals_ = ["away", *(f"{name}{n}" for n in range(5) for name in ("u", "user"))]
    assert sorted(keys) == sorted(f"{local}@brightfield.example" for local in locals_)
    assert parts == 4
    assert perimeter.sizes()[domain.id] == len(locals_)


@pytest.mark.parametrize(
    ("text", "ours", "holder"),
    [
        ("<ADA@brightfield.example>", True, "ada@brightfield.example"),
        ("x" * 65 + "@brightfield.example", True, None),
        ("ada@elsewhere.example", False, None),
        ("\x00@elsewhere.example", False, None),
        ("ada", False, None),
    ],
)
def test_the_recipient_of_whatever_is_asked(domain: Domain, text: str, ours: bool, holder: str | None) -> None:
    factories.users(domain, manual_user("ada"))
    found, user = perimeter.recipient(read(text))
    assert (found is not None, user.address if user else None) == (ours, holder)
