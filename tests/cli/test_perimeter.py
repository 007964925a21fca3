"""flask perimeter, and a domain's mode on the command line."""

import pytest

from console.core.recipient import Mode
from console.models import Domain
from console.store import credentials, domains
from tests import factories
from tests.cli.command_line import CommandLine


def test_a_password_is_printed_once_and_works(flask: CommandLine) -> None:
    made = flask("perimeter", "credentials", "create", "mx1")
    assert credentials.admit("mx1", made.stdout.strip())
    assert "It is shown only now. The user name is mx1." in made.stderr
    told = flask.json("perimeter", "credentials", "create", "mx2")
    assert credentials.admit(told["name"], told["password"])
    listed = flask.json("perimeter", "credentials", "list")
    assert [item["name"] for item in listed] == ["mx1", "mx2"]
    for secret in (made.stdout.strip(), told["password"]):
        assert secret not in flask("perimeter", "credentials", "list").stdout


def test_a_revoked_password_does_not_work(flask: CommandLine) -> None:
    secret = flask("perimeter", "credentials", "create", "mx1").stdout.strip()
    assert "may not ask any more" in flask("perimeter", "credentials", "revoke", "mx1").stdout
    assert not credentials.admit("mx1", secret)
    assert "no credentials named mx1" in flask("perimeter", "credentials", "revoke", "mx1", status=1).stderr
    assert "flask perimeter credentials create" in flask("perimeter", "credentials", "list").stderr


def test_a_name_is_used_once(flask: CommandLine) -> None:
    flask("perimeter", "credentials", "create", "mx1")
    assert "already" in flask("perimeter", "credentials", "create", "mx1", status=1).stderr


@pytest.mark.parametrize("mode", Mode)
def test_a_domain_s_mode_is_set(flask: CommandLine, domain: Domain, mode: Mode) -> None:
    told = flask.json("domains", "perimeter", "Brightfield.example", mode)
    assert told == {"name": "brightfield.example", "perimeter": mode, "accepted": 0}
    assert domain.perimeter_mode == mode


def test_to_enforce_a_list_of_nobody_is_done_and_said(flask: CommandLine, domain: Domain) -> None:
    assert "Nobody is on the list" in flask("domains", "perimeter", domain.name, "enforce").stderr
    factories.users(domain, factories.manual_user("ada"))
    result = flask("domains", "perimeter", domain.name, "enforce")
    assert (result.stderr, result.stdout) == (
        "",
        "The perimeter of brightfield.example: enforce. The list accepts 1 address.\n",
    )


def test_what_is_no_mode_is_a_usage_error(flask: CommandLine, domain: Domain) -> None:
    flask("domains", "perimeter", domain.name, "on", status=2)
    flask("domains", "perimeter", "nobody.example", "off", status=1)


@pytest.mark.parametrize(
    ("mode", "said"), [(Mode.OFF, "perimeter is off"), (Mode.MONITOR, "only monitors"), (Mode.ENFORCE, "")]
)
def test_a_check_tells_what_the_list_says_and_what_mail_servers_are_told(
    flask: CommandLine, domain: Domain, mode: Mode, said: str
) -> None:
    domains.set_perimeter(domain, mode)
    told = flask.json("recipients", "check", "nobody@brightfield.example")
    assert told["decision"] == "reject"
    assert said in told["why"]
    assert ("mail servers are told" in told["why"]) == (mode is not Mode.ENFORCE)


def test_a_rotated_password_is_printed_once_and_the_one_before_works_on_for_a_while(flask: CommandLine) -> None:
    old = flask("perimeter", "credentials", "create", "mx1").stdout.strip()
    rotated = flask("perimeter", "credentials", "rotate", "mx1")
    assert credentials.admit("mx1", old)
    assert credentials.admit("mx1", rotated.stdout.strip())
    assert "valid for another 60 minutes" in rotated.stderr
    [listed] = flask.json("perimeter", "credentials", "list")
    assert listed["used_at"]
    assert listed["old_until"] > listed["used_at"]
    last = flask("perimeter", "credentials", "rotate", "mx1", "--grace", "0")
    assert "invalid now" in last.stderr
    assert not credentials.admit("mx1", rotated.stdout.strip())
    assert credentials.admit("mx1", last.stdout.strip())
    assert flask.json("perimeter", "credentials", "list")[0]["old_until"] is None
    assert "no credentials named mx2" in flask("perimeter", "credentials", "rotate", "mx2", status=1).stderr


def test_the_list_says_when_a_password_was_used_last(flask: CommandLine) -> None:
    secret = flask("perimeter", "credentials", "create", "mx1").stdout.strip()
    assert "never" in flask("perimeter", "credentials", "list").stdout
    credentials.admit("mx1", secret)
    assert "never" not in flask("perimeter", "credentials", "list").stdout
