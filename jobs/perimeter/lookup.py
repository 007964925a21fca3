"""The decision about a recipient: at once from memory where that says yes, else from the database."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from console.core.address import Address, key
from console.core.person import Status
from console.core.recipient import (
    Asked,
    Decision,
    Mode,
    Refusal,
    Verdict,
    at_perimeter,
    decide,
    spellings,
)
from console.core.rejections import Tally
from console.models import now
from console.store.perimeter import Held, Kept
from jobs.perimeter.dialect import Question, TroubleError
from jobs.perimeter.memory import Memory
from jobs.perimeter.questions import Questions

Discover = Callable[[Kept, Address, Question], Awaitable[Verdict]]
"""What is found out about an address that nobody has, while its mail waits (jobs.perimeter.discover.Inquiry)."""

# Seconds for the database. Postfix itself, as docs/perimeter.md sets it up, waits ten.
ANSWER_WITHIN = 3.0

ON_LIST = Decision(Verdict.ACCEPT, "It is on the list.")
WAS_ON_LIST = Decision(Verdict.ACCEPT, "It was on the list, and the database does not answer.")
NOT_CHECKED = Decision(Verdict.ACCEPT, "The perimeter rejects nothing for this domain.")
NOT_OURS = Decision(Verdict.NOT_OURS, "It is no domain of this console.")
NOT_FOUND_OUT = Decision(Verdict.DEFER, "Nobody has this address, and whether it exists is being found out.")


class Lookup:
    """`discover` is asked about addresses that nobody has, in domains that are discovering, and may take `wait` seconds
    besides what the database takes."""

    def __init__(
        self,
        memory: Memory,
        questions: Questions[str, Mapping[str, Held]],
        tally: Tally,
        *,
        wait: float,
        discover: Discover,
    ) -> None:
        self._memory = memory
        self._questions = questions
        self._tally = tally
        self._wait = wait
        self._discover = discover

    def at_once(self, question: Question) -> Decision | None:
        """The decision, where memory is enough for it."""
        asked = question.asked
        domain = self._memory.domain(asked.domain)
        if domain is None:
            return NOT_OURS if self._fresh else None
        if domain.mode is Mode.OFF:
            return NOT_CHECKED
        if asked.address is None:
            return None
        if asked.domain == domain.name:
            return ON_LIST if self._memory.current(domain, key(asked.address)) else None
        spelled = spellings(asked.address, domain.name, plus_tags=False)
        return ON_LIST if spelled and self._memory.current(domain, spelled[0]) else None

    async def decide(self, question: Question) -> Decision:
        """The decision, where memory was not enough. Raises TroubleError when it cannot be made."""
        until = asyncio.get_running_loop().time() + ANSWER_WITHIN + self._wait
        asked = question.asked
        domain = self._memory.domain(asked.domain)
        if domain is None:
            raise TroubleError("the domains that are kept here are not known now")
        keys = spellings(asked.address, domain.name, plus_tags=domain.plus_tags) if asked.address else ()
        address = asked.address or Address(question.recipient)
        try:
            decision = decide(address, domain.name, await self._holder(domain, keys))
            if decision.refusal is Refusal.UNKNOWN and domain.discovering and keys:
                async with asyncio.timeout_at(until):
                    decision = await self._discovered(domain, address, keys, question)
        except (TroubleError, TimeoutError) as error:
            return self._from_memory(domain, keys, error)
        return self._told(decision, domain, asked, question)

    @property
    def _fresh(self) -> bool:
        return self._memory.fresh(asyncio.get_running_loop().time())

    async def _holder(self, domain: Kept, keys: tuple[str, ...]) -> Held | None:
        if not keys:
            return None
        async with asyncio.timeout(ANSWER_WITHIN):
            holders = await self._questions(keys)
        for name in keys:
            if name in holders and holders[name].status != Status.DISABLED:
                self._memory.confirm(domain, name)
            else:
                self._memory.refute(domain, name)
        return next((holders[name] for name in keys if name in holders), None)

    def _from_memory(self, domain: Kept, keys: tuple[str, ...], error: Exception) -> Decision:
        """Without the database: nobody is rejected, and nobody who was not on the list gets in."""
        if domain.mode is Mode.MONITOR:
            return NOT_CHECKED
        if any(self._memory.known(domain, name) for name in keys):
            return WAS_ON_LIST
        raise TroubleError(f"the database does not answer: {error or type(error).__name__}")

    async def _discovered(self, domain: Kept, address: Address, keys: tuple[str, ...], question: Question) -> Decision:
        verdict = await self._discover(domain, address, question)
        if verdict is Verdict.REJECT:
            # Meanwhile the address may have come onto the list by another way.
            return decide(address, domain.name, await self._holder(domain, keys))
        if verdict is Verdict.ACCEPT:
            return ON_LIST
        return NOT_FOUND_OUT if domain.mode is Mode.ENFORCE else NOT_CHECKED

    def _told(self, decision: Decision, domain: Kept, asked: Asked, question: Question) -> Decision:
        """The decision in the domain's mode; a refusal is noted, and made only by a mode that was read just now."""
        told = at_perimeter(decision, domain.mode)
        if decision.refusal is None:
            return told
        rejected = told.verdict is Verdict.REJECT
        if rejected and not self._fresh:
            raise TroubleError("the mode of the domain is not known now")
        self._tally.note(
            domain.id,
            asked.address,
            sender=question.sender,
            client=question.client,
            would=not rejected,
            at=now(),
        )
        return told
