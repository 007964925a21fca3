"""Which claims of an ID token say who somebody is."""

from typing import Any

import pytest

from console.microsoft import Microsoft
from jobs.sign_in import GUEST, NOT_LET_IN, OTHER_TENANT, NotSignedInError, addresses

APP = "00001111-aaaa-2222-bbbb-3333cccc4444"
TENANT = "99990000-aaaa-2222-bbbb-3333cccc4444"
MICROSOFT = Microsoft(client_id=APP, credential="hush", sign_in_tenant=TENANT)
NOW = 1_000_000.0
GOOD: dict[str, Any] = {
    "aud": APP,
    "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0",
    "tid": TENANT,
    "exp": NOW + 3600,
    "preferred_username": "Ann@Brightfield.example",
    "email": "ann.lee@brightfield.example",
}


def test_the_sign_in_name_comes_before_the_address() -> None:
    assert addresses(GOOD, MICROSOFT, NOW) == ["ann@brightfield.example", "ann.lee@brightfield.example"]
    assert addresses({**GOOD, "email": None}, MICROSOFT, NOW) == ["ann@brightfield.example"]
    assert addresses({**GOOD, "preferred_username": "ann", "email": ""}, MICROSOFT, NOW) == []


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"aud": "another app"}, NOT_LET_IN),
        ({"aud": None}, NOT_LET_IN),
        ({"exp": NOW - 301}, NOT_LET_IN),
        ({"exp": None}, NOT_LET_IN),
        ({"tid": "88880000-aaaa-2222-bbbb-3333cccc4444"}, OTHER_TENANT),
        ({"tid": None}, OTHER_TENANT),
        ({"iss": "https://login.microsoftonline.com/88880000-aaaa-2222-bbbb-3333cccc4444/v2.0"}, OTHER_TENANT),
        ({"idp": "https://sts.windows.net/88880000-aaaa-2222-bbbb-3333cccc4444/"}, GUEST),
        ({"preferred_username": "ann_fabrikam.example#EXT#@brightfield.onmicrosoft.com"}, GUEST),
    ],
)
def test_whose_token_it_is_decides(claims: dict[str, Any], said: str) -> None:
    with pytest.raises(NotSignedInError) as error:
        addresses({**GOOD, **claims}, MICROSOFT, NOW)
    assert str(error.value) == said
