"""The audit of packages fails for a weakness alone, and never for want of a network."""

import json
import sys
from collections.abc import Mapping

import pytest

from tests import audit

CLEAN = {"name": "flask", "version": "3.1.3", "vulns": []}
WEAK = {"name": "old", "version": "1.0", "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["1.1"]}]}
UNKNOWN = {"name": "other", "skip_reason": "not found"}


def stand_in(*told: Mapping[str, object]) -> list[str]:
    document = json.dumps({"dependencies": told})
    return [sys.executable, "-c", f"print({document!r})"]


def test_a_weakness_fails_and_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.main(stand_in(CLEAN, WEAK)) == 1
    assert "old 1.0: PYSEC-2026-1, mended in 1.1" in capsys.readouterr().out


def test_without_one_nothing_fails(capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.main(stand_in(CLEAN)) == 0
    assert "1 packages looked at, 0 known weaknesses." in capsys.readouterr().out


def test_what_was_not_looked_at_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.main(stand_in(CLEAN, UNKNOWN)) == 0
    assert "NOT AUDITED: 1 of 2 packages" in capsys.readouterr().out


@pytest.mark.parametrize("program", [[sys.executable, "-c", "raise SystemExit(1)"], ["/nowhere/pip-audit"]])
def test_without_a_network_nothing_fails_and_it_is_said_loudly(
    capsys: pytest.CaptureFixture[str], program: list[str]
) -> None:
    assert audit.main(program) == 0
    assert "NOT AUDITED" in capsys.readouterr().out
