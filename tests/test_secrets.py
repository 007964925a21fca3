"""Secrets at rest."""

import base64

import pytest
from cryptography.fernet import Fernet

from console.core.errors import RefusedError
from console.secrets import Sealer, valid_key

# The same in every process that collects the tests, since they are part of tests' names.
FIRST, SECOND = (base64.urlsafe_b64encode(byte * 32).decode() for byte in (b"1", b"2"))


@pytest.mark.parametrize("secret", ["hunter2", "pässwörd with spaces", "x" * 10_000])
def test_a_sealed_secret_is_opened_again_and_does_not_show(secret: str) -> None:
    sealed = Sealer((FIRST,)).seal(secret)
    assert secret not in sealed
    assert Sealer((FIRST,)).unseal(sealed) == secret


def test_a_secret_is_sealed_differently_each_time() -> None:
    sealer = Sealer((FIRST,))
    assert sealer.seal("hunter2") != sealer.seal("hunter2")


def test_no_secret_is_no_seal() -> None:
    sealer = Sealer((FIRST,))
    assert (sealer.seal(""), sealer.unseal("")) == ("", "")


def test_the_first_key_seals_and_all_open() -> None:
    old = Sealer((FIRST,)).seal("hunter2")
    both = Sealer((SECOND, FIRST))
    assert both.unseal(old) == "hunter2"
    assert Sealer((SECOND,)).unseal(both.seal("hunter2")) == "hunter2"


@pytest.mark.parametrize(
    "sealed",
    [Fernet(SECOND).encrypt(b"hunter2").decode(), "nonsense", "gAAAAA=="],
    ids=["other key", "nonsense", "cut off"],
)
def test_what_no_key_opens_is_a_sentence_that_says_what_to_do(sealed: str) -> None:
    with pytest.raises(RefusedError) as refused:
        Sealer((FIRST,)).unseal(sealed)
    assert "Enter it again" in refused.value.sentence
    assert "SEALING_KEYS" in refused.value.sentence
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    ("text", "valid"), [(FIRST, True), ("", False), ("short", False), (FIRST[:-4], False), ("ä", False)]
)
def test_a_key_is_told_from_what_is_none(text: str, valid: bool) -> None:
    assert valid_key(text) is valid
