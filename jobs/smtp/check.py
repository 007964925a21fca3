"""The Check of a delivery server: each step in words, and what they say together.

A recipient that exists and one that cannot are asked for. What matters most is whether the server accepts both: from
such a server nobody can learn who exists.
"""

import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from console.core.address import Address, display, parse
from console.core.delivery import Finding
from jobs.smtp.callout import Callout
from jobs.smtp.server import CalloutError, Line, Outcome, Server, Step
from jobs.smtp.session import connect
from jobs.smtp.verdict import Answer, Reason, Verdict
from jobs.smtp.wire import Closed, Garbled

Watch = Callable[[], None]

# Up to here a failure means that no mail server answers.
_REACHING = frozenset({Step.RESOLVE, Step.CONNECT, Step.BANNER, Step.EHLO})
_NO_KNOWN = "Skipped: no active user is on the list, and none was named."


@dataclass
class Report:
    """What a check found out about one server so far; `finding` is None until it has ended."""

    server: Server
    lines: list[tuple[Line, float]] = field(default_factory=list)
    finding: Finding | None = None
    why: str = ""

    def to_json(self) -> dict[str, Any]:
        """Seconds are those that a step took."""
        return {
            "host": self.server.host,
            "port": self.server.port,
            "encryption": self.server.encryption.value,
            "finding": self.finding.value if self.finding else None,
            "why": self.why,
            "steps": [
                {
                    "step": line.step.value,
                    "outcome": line.outcome.value,
                    "text": line.text,
                    "detail": line.detail,
                    "seconds": round(seconds, 3),
                }
                for line, seconds in self.lines
            ],
        }


def check(reports: Iterable[Report], domain: str, known: Address | None, watch: Watch) -> None:
    """Check the servers of the reports, one after the other, and fill the reports in.

    `watch` is called after each step and may raise to end the check; the connection is closed then.
    """
    for report in reports:
        _check(report, domain, known, watch)


def _check(report: Report, domain: str, known: Address | None, watch: Watch) -> None:
    at = time.monotonic()

    def tell(line: Line) -> None:
        nonlocal at
        now = time.monotonic()
        report.lines.append((line, now - at))
        at = now
        watch()

    watch()
    try:
        with Callout(report.server, connect(report.server, tell, curious=True)) as callout:
            tell(Line(Step.MAIL, Outcome.DONE, "It accepts the empty sender.", callout.begin()))
            accepted = _known(callout, known, tell)
            refused = callout.ask(nobody(domain))
            report.finding, report.why = conclude(accepted, refused)
            tell(_about_nobody(refused))
    except CalloutError as error:
        _end(report, error)
        tell(Line(error.step, Outcome.FAILED, error.sentence, error.detail))
    except (Closed, Garbled, OSError) as error:
        report.finding, report.why = Finding.UNCLEAR, "It ended the connection when it was asked."
        tell(Line(Step.MAIL, Outcome.FAILED, report.why, str(error)))


def nobody(domain: str) -> Address:
    """An address that no person has and no rule of a server makes out of others."""
    return parse(f"rollcall-check-{secrets.token_hex(8)}@{domain}")


def conclude(known: Verdict | None, random: Verdict) -> tuple[Finding, str]:
    """What the answers for a known recipient (None: there was none) and for a random one say together, and why."""
    if random.answer is Answer.YES:
        return Finding.EVERY_ADDRESS, "It accepted an address that nobody has."
    if random.answer is Answer.UNKNOWN:
        return Finding.UNCLEAR, random.sentence
    if known is None:
        return Finding.UNKNOWN_REFUSED, "It refused an address that nobody has. No recipient was there to try."
    if known.answer is Answer.UNKNOWN:
        return Finding.UNCLEAR, known.sentence
    if known.answer is Answer.NO:
        return Finding.NOBODY, "It refused the known recipient as well as an address that nobody has."
    return Finding.KNOWN_ONLY, "It accepted the known recipient and refused an address that nobody has."


def _known(callout: Callout, known: Address | None, tell: Callable[[Line], None]) -> Verdict | None:
    if known is None:
        tell(Line(Step.KNOWN, Outcome.SKIPPED, _NO_KNOWN))
        return None
    found = callout.ask(known)
    outcome = Outcome.DONE if found.answer is Answer.YES else Outcome.REMARK
    tell(Line(Step.KNOWN, outcome, f"{display(known)}: {_small(found.sentence)}", found.said))
    return found


def _about_nobody(found: Verdict) -> Line:
    if found.answer is Answer.YES:
        text = "It accepts an address that nobody has: it accepts every address."
    elif found.reason is Reason.NO_SUCH_ADDRESS:
        text = "It refuses an address that nobody has, as it should."
    else:
        text = f"An address that nobody has: {_small(found.sentence)}"
    return Line(Step.UNKNOWN, Outcome.DONE if found.answer is Answer.NO else Outcome.REMARK, text, found.said)


def _end(report: Report, error: CalloutError) -> None:
    report.finding = Finding.UNREACHABLE if error.step in _REACHING else Finding.UNCLEAR
    report.why = error.sentence


def _small(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]
