"""The list in memory: every address that receives mail, each with the version of the list that said so.

Memory alone never says no. What it does not know for the present version of its domain's list is asked in the
database; with the database away it still says yes to who was on the list.
"""

from collections.abc import Mapping

from console.store.perimeter import Kept

# Bytes add up to some 200 for each. A list beyond this is asked for in the database, address by address.
ROOM = 1_000_000
# Seconds for which what was read about the domains holds: with an older mode nobody is rejected.
FRESH = 2.0


class Memory:
    """Times are those of the event loop's clock, in seconds."""

    def __init__(self) -> None:
        self._domains: Mapping[str, Kept] = {}
        self._read_at = float("-inf")
        self._accepted: dict[int, dict[str, int]] = {}
        self._loaded: dict[int, int] = {}

    def renew(self, domains: Mapping[str, Kept], read_at: float) -> None:
        """The domains by their names, as the database said when it was asked at `read_at`."""
        self._domains, self._read_at = domains, read_at
        present = {domain.id for domain in domains.values()}
        for domain_id in [known for known in self._accepted if known not in present]:
            del self._accepted[domain_id]
            self._loaded.pop(domain_id, None)

    def domain(self, name: str) -> Kept | None:
        return self._domains.get(name)

    def fresh(self, now: float) -> bool:
        return now - self._read_at <= FRESH

    def current(self, domain: Kept, key: str) -> bool:
        """Whether the address receives mail by the present version of the list."""
        known = self._accepted.get(domain.id)
        return known is not None and known.get(key) == domain.version

    def known(self, domain: Kept, key: str) -> bool:
        """Whether the address received mail when it was last heard of."""
        return key in self._accepted.get(domain.id, ())

    def confirm(self, domain: Kept, key: str) -> None:
        """The address received mail after the list had the version of `domain`."""
        if self.size < ROOM:
            self._accepted.setdefault(domain.id, {})[key] = domain.version

    def refute(self, domain: Kept, key: str) -> None:
        """The address receives no mail any more."""
        self._accepted.get(domain.id, {}).pop(key, None)

    def replace(self, domain: Kept, accepted: dict[str, int]) -> None:
        """The whole list of a domain, as it was read after it had the version of `domain`."""
        self._accepted[domain.id] = accepted
        self._loaded[domain.id] = domain.version

    @property
    def outdated(self) -> list[Kept]:
        """Domains whose list has changed since it was read as a whole."""
        domains = {domain.id: domain for domain in self._domains.values()}
        return [domain for domain in domains.values() if self._loaded.get(domain.id) != domain.version]

    @property
    def size(self) -> int:
        return sum(map(len, self._accepted.values()))
