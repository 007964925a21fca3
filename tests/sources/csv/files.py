"""Files as people export them, and what the importer makes of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from console.core.errors import SourceError
from console.core.person import Person, Reject, Snapshot
from jobs.sources.csv.recognised import ColumnsUnknown, Recognised
from jobs.sources.csv.settings import CsvSettings
from jobs.sources.csv.source import CsvSource
from tests.sources.ldap import quiet

DOMAIN = "company.example"
SAMPLES = Path(__file__).parent / "samples"
# How each sample may come: a codec, what stands before the text, and what ends its lines.
ENCODINGS = {
    "utf-8": ("utf-8", "", "\n"),
    "utf-8 with mark, crlf": ("utf-8-sig", "", "\r\n"),
    "utf-16 with mark": ("utf-16", "", "\r\n"),
    "utf-16 big-endian with mark": ("utf-16-be", "\ufeff", "\r\n"),
    "utf-16 without mark": ("utf-16-le", "", "\r\n"),
    "utf-16 big-endian without mark": ("utf-16-be", "", "\n"),
    "windows-1252": ("cp1252", "", "\r\n"),
    "carriage returns alone": ("utf-8", "", "\r"),
}


@dataclass(frozen=True)
class Read:
    """The outcome of a file."""

    snapshot: Snapshot
    recognised: Recognised

    @property
    def people(self) -> dict[str, Person]:
        return {person.primary: person for person in self.snapshot.people}

    @property
    def rejects(self) -> Sequence[Reject]:
        return self.snapshot.rejects


def sample(name: str, encoding: str = "utf-8") -> bytes:
    """A sample in one of ENCODINGS."""
    codec, before, newline = ENCODINGS[encoding]
    return (before + (SAMPLES / name).read_text(encoding="utf-8").replace("\n", newline)).encode(codec)


def read(content: bytes | str, **settings: Any) -> Read:
    source = CsvSource(content.encode() if isinstance(content, str) else content, CsvSettings(DOMAIN, **settings))
    snapshot = source.fetch(quiet)
    assert source.recognised is not None
    return Read(snapshot, source.recognised)


def each(name: str) -> pytest.MarkDecorator:
    """The fixture `file` is this sample, in every encoding."""
    return pytest.mark.parametrize(
        "file", [(name, encoding) for encoding in ENCODINGS], ids=[*ENCODINGS], indirect=True
    )


def one(content: bytes | str, **settings: Any) -> Person:
    (person,) = read(content, **settings).snapshot.people
    return person


def refusal(content: bytes | str, **settings: Any) -> str:
    """The sentence with which a file is refused for good."""
    with pytest.raises(SourceError) as caught:
        read(content, **settings)
    assert caught.value.permanent
    assert not isinstance(caught.value, ColumnsUnknown)
    assert caught.value.sentence.endswith(".")
    return caught.value.sentence


def unknown(content: bytes | str, **settings: Any) -> ColumnsUnknown:
    """The question that a file ends in whose columns cannot be told."""
    with pytest.raises(ColumnsUnknown) as caught:
        read(content, **settings)
    return caught.value


def told(person: Person) -> tuple[str, str, str, str, str]:
    """Place, first name, last name, kind and aliases, to compare at a glance."""
    return (person.where, person.first_name, person.last_name, person.kind.value, " ".join(person.aliases))
