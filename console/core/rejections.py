"""Rejected recipients in numbers: what is counted in memory between two writings, bounded however much comes."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

SENDERS = 5
# Addresses of a domain that are told apart between two writings; the rest of a flood is only counted.
APART = 1_000
# RFC 5321 allows a path of 256 octets; a client is an IP address.
SENDER_LIMIT, CLIENT_LIMIT = 256, 64


@dataclass(slots=True)
class Count:
    """How often mail came for one address. `senders` are the last few, newest first."""

    first_at: dt.datetime
    last_at: dt.datetime
    times: int = 0
    senders: list[str] = field(default_factory=list)
    client: str = ""
    would: bool = False

    def follow(self, earlier: "Count") -> None:
        """Count what came before as well."""
        self.times += earlier.times
        self.first_at = min(self.first_at, earlier.first_at)
        self.client = self.client or earlier.client
        self.senders = list(dict.fromkeys((*self.senders, *earlier.senders)))[:SENDERS]


@dataclass(slots=True)
class DomainTally:
    """The counts of a domain by address, and how much mail came for addresses beyond them."""

    counts: dict[str, Count] = field(default_factory=dict)
    beyond: int = 0


class Tally:
    """Counts rejected mail until it is taken. Not for several threads at once."""

    def __init__(self) -> None:
        self._domains: dict[int, DomainTally] = {}

    def note(
        self, domain_id: int, address: str | None, *, sender: str, client: str, would: bool, at: dt.datetime
    ) -> None:
        """Count one mail for an address; None for what is no address at all, which is not told apart.

        `would` is whether it was accepted all the same, since its domain only monitors.
        """
        tally = self._domains.setdefault(domain_id, DomainTally())
        if address is None or (address not in tally.counts and len(tally.counts) >= APART):
            tally.beyond += 1
            return
        count = tally.counts.setdefault(address, Count(at, at))
        count.times += 1
        count.last_at, count.would = at, would
        count.client = client[:CLIENT_LIMIT] or count.client
        if sender:
            shown = sender[:SENDER_LIMIT]
            count.senders = [shown, *(other for other in count.senders if other != shown)][:SENDERS]

    def take(self) -> Mapping[int, DomainTally]:
        """What was counted since the last time, by the domain's id."""
        taken, self._domains = self._domains, {}
        return taken

    def give_back(self, taken: Mapping[int, DomainTally]) -> None:
        """What was taken could not be written: count it together with what came meanwhile."""
        for domain_id, earlier in taken.items():
            tally = self._domains.setdefault(domain_id, DomainTally())
            tally.beyond += earlier.beyond
            for address, count in earlier.counts.items():
                if address in tally.counts:
                    tally.counts[address].follow(count)
                elif len(tally.counts) < APART:
                    tally.counts[address] = count
                else:
                    tally.beyond += count.times

    def __bool__(self) -> bool:
        return bool(self._domains)
