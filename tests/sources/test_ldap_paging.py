"""Servers that answer right, but not as OpenLDAP does: odd pages, ranges, references."""

import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import SupportsIndex

import pytest

from jobs.sources.ldap.source import LdapSource
from tests.servers import ber
from tests.servers.ldap_script import Script, ScriptedLdap
from tests.servers.ldap_wire import EXTENDED_DONE
from tests.servers.ports import LOOPBACK
from tests.sources.ldap import FIFTY, Entry, failure, for_port, for_script, quiet

Start = Callable[[Script], ScriptedLdap]


class Pages(list[Entry]):
    """A result of `length` entries, of which those from number `first` on are the ones of this list."""

    def __init__(self, entries: Sequence[Entry], length: int, first: int) -> None:
        super().__init__(entries)
        self.length = length
        self.first = first

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, part: SupportsIndex | slice) -> list[Entry]:  # type: ignore[override]  # only cut in slices
        assert isinstance(part, slice)
        return list(self) if part.start >= self.first else []


class Odd(Script):
    """Finds 50 entries in ten pages of which only the last has any."""

    def found(self, search: object) -> list[Entry]:  # noqa: ARG002  # every search finds the same
        return Pages(self.entries, 50, 40)


class Endless(Script):
    """Finds the same entries on each of a hundred thousand pages."""

    def found(self, search: object) -> list[Entry]:  # noqa: ARG002  # every search finds the same
        return Pages(self.entries, 1_000_000, 0)


@pytest.mark.parametrize("page", [[], FIFTY[:10]])
def test_a_server_that_pages_for_ever_is_left(scripted: Start, page: list[Entry]) -> None:
    error = failure(for_script(scripted(Endless(entries=page))))
    assert "page after page without anything new" in error.sentence
    assert "nothing was changed" in error.sentence.lower()


def test_empty_pages_before_the_last_one_are_no_end(scripted: Start) -> None:
    """Active Directory sends such pages while it is still looking; a reader that stops there loses the rest."""
    snapshot = LdapSource(for_script(scripted(Odd(entries=FIFTY[:3])))).fetch(quiet)
    assert snapshot.complete
    assert len(snapshot.people) == 3


def test_a_server_that_does_not_page_is_read_in_one_answer(scripted: Start) -> None:
    server = scripted(Script(entries=FIFTY))
    trial = LdapSource(for_script(server, page_size=1000)).test(quiet)
    assert trial.found == 50
    assert {search.paging_critical for search in server.searches if search.base} == {False}
    assert trial.facts[-2] == ("Recipients", "50 of 50 entries")


def test_references_among_the_results_are_no_entries_and_are_not_followed(scripted: Start) -> None:
    other = scripted(Script())
    server = scripted(Script(entries=FIFTY, references=[f"{other.url}/dc=branch,dc=example,dc=test"]))
    trial = LdapSource(for_script(server)).test(quiet)
    assert trial.found == 50
    assert any("goes on at other servers" in warning for warning in trial.warnings)
    assert other.connections == 0


@pytest.mark.parametrize("part", ["CN=Configuration", "DC=DomainDnsZones", "DC=ForestDnsZones"])
def test_references_to_the_parts_of_active_directory_without_people_are_no_warning(scripted: Start, part: str) -> None:
    server = scripted(Script(entries=FIFTY, references=[f"ldap://example.test/{part},DC=example,DC=test"]))
    assert len(LdapSource(for_script(server)).test(quiet).warnings) == 1


class InRanges(dict[str, list[bytes]]):
    """Five addresses, two in each answer, as Active Directory does it with 1,500."""

    def __init__(self, *answers: Mapping[str, list[bytes]]) -> None:
        super().__init__()
        self.answers = list(answers)

    def __iter__(self) -> Iterator[str]:
        """The attributes of the next answer: the server asks for their names once in each."""
        self.update(self.answers[0])
        return iter(self.answers.pop(0))


def test_values_that_come_in_ranges_are_fetched_to_the_end(scripted: Start) -> None:
    held = InRanges(
        {"cn": [b"a"], "proxyAddresses;range=0-1": [b"SMTP:a@example.test", b"smtp:b@example.test"]},
        {"proxyAddresses;range=2-3": [b"smtp:c@example.test", b"smtp:d@example.test"]},
        {"proxyAddresses;range=4-*": [b"smtp:e@example.test"]},
    )
    server = scripted(Script(entries=[("cn=a,dc=example,dc=test", held)]))
    [person] = LdapSource(for_script(server)).fetch(quiet).people
    assert (person.primary, *person.aliases) == tuple(f"{name}@example.test" for name in "abcde")
    assert person.last_name == "a"
    assert [search.attributes for search in server.searches[-2:]] == [
        ("proxyAddresses;range=2-*",),
        ("proxyAddresses;range=4-*",),
    ]


def test_a_range_that_does_not_go_on_is_an_error_and_not_a_shorter_list(scripted: Start) -> None:
    first = {"proxyAddresses;range=0-1": [b"SMTP:a@example.test", b"smtp:b@example.test"]}
    server = scripted(Script(entries=[("cn=a,dc=example,dc=test", InRanges(first, first))]))
    assert "did not give all values of proxyAddresses of cn=a" in failure(for_script(server)).sentence


def test_a_server_that_says_goodbye_is_quoted() -> None:
    """RFC 4511 section 4.4.1: a message with number 0 that answers nothing, then the end of the connection."""
    words = [ber.integer(52, ber.ENUMERATED), ber.octets(""), ber.octets("shutting down")]
    notice = ber.tlv(EXTENDED_DONE, *words, ber.octets("1.3.6.1.4.1.1466.20036", 0x8A))

    def leave() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(ber.sequence(ber.integer(0), notice))
            connection.recv(4096)

    with socket.create_server((LOOPBACK, 0)) as listener:
        leaving = threading.Thread(target=leave)
        leaving.start()
        error = failure(for_port(listener.getsockname()[1]))
        leaving.join()
    assert "broke off the connection while signing in" in error.sentence
    assert "the server is leaving: unavailable shutting down" in error.detail


def test_an_active_directory_proposes_its_domain_among_other_contexts(scripted: Start) -> None:
    server = scripted(Script(entries=FIFTY))
    trial = LdapSource(replace(for_script(server), search_base="")).test(quiet)
    assert trial.found == 50
    assert dict(trial.facts)["Search base"] == "dc=example,dc=test (proposed by the server)"


def test_a_server_with_several_contexts_and_no_favourite_asks_for_the_search_base(scripted: Start) -> None:
    for contexts, words in (([b"o=one", b"o=two"], "it holds o=one, o=two"), ([], "does not say what it holds")):
        server = scripted(Script(root_dse={"namingContexts": contexts}))
        error = failure(replace(for_script(server), search_base=""))
        assert error.permanent
        assert error.sentence.startswith("Search base is missing")
        assert words in error.sentence
