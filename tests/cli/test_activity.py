"""flask activity: who did what, on the command line."""

from console.core.recipient import Mode
from console.models import Admin, Domain
from console.store import domains, recipients
from tests import factories
from tests.cli.command_line import CommandLine


def test_what_was_done_is_listed_newest_first_with_who_did_it(flask: CommandLine, domain: Domain, alice: Admin) -> None:
    recipients.add(domain, alice, factories.address("ada"))
    flask("domains", "perimeter", domain.name, "monitor")
    lines = flask("activity", "list").stdout.splitlines()
    assert [" ".join(line.split()[3:]) for line in lines[1:]] == [
        "command line Changed what mail servers are told; Perimeter: off → monitor",
        "alice@rollcall.example Added ada@brightfield.example: 1 created",
        "command line Added the domain",
    ]


def test_one_document_has_it_all(flask: CommandLine, domain: Domain) -> None:
    domains.set_perimeter(domain, Mode.ENFORCE)
    factories.users(domain, factories.manual_user("ada"))
    run, event, _ = flask.json("activity", "list")
    assert (run["what"], run["topic"], run["run"], run["counts"]["created"]) == ("for a test", "lists", 1, 1)
    assert event["changes"] == [{"field": "Perimeter", "before": "off", "after": "enforce"}]
    assert (event["by"], event["domain"], event["topic"]) == ("command line", domain.name, "settings")


def test_it_is_narrowed(flask: CommandLine, domain: Domain, alice: Admin) -> None:
    recipients.add(domain, alice, factories.address("ada"))
    factories.domain("second.example")
    by = {
        ("--domain", "second.example"): 1,
        ("--what", "lists"): 1,
        ("--what", "manual"): 1,
        ("--what", "settings"): 2,
        ("--what", "denials"): 0,
        ("--by", "ALICE"): 1,
        ("--text", "ada@"): 1,
        ("--since", "2999-01-01"): 0,
        ("--until", "2999-01-01"): 3,
        ("--limit", "2"): 2,
    }
    assert {options: len(flask.json("activity", "list", *options)) for options in by} == by
    assert "Nothing on record" in flask("activity", "list", "--what", "denials").stderr
