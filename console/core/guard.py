"""Whether a plan may be applied by itself, or must wait for a person."""

from dataclasses import dataclass

from console.core.plan import Plan


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a run may remove by itself: at most `percent` of the users that the source owns, once it owns
    `owned_from` of them. Below that number a percentage says little, and one leaver of five is ordinary."""

    percent: int = 20
    owned_from: int = 10


def guard(
    plan: Plan, *, owned: int, first_run: bool = False, review_first: bool = False, limits: Limits | None = None
) -> tuple[str, ...]:
    """The reasons why this plan waits for approval, as sentences; empty when it may be applied at once.

    `owned` counts the users that the source owns now and that receive mail.
    """
    limits = limits or Limits()
    reasons: list[str] = []
    if plan.usable == 0:
        reasons.append("The source has no recipients of this domain: check that its search base and account are right.")
    if owned >= limits.owned_from and plan.removals * 100 > owned * limits.percent:
        reasons.append(
            f"It would remove {plan.removals:,} of the {owned:,} users of this source, "
            f"more than the {limits.percent} % that may go without a person's word."
        )
    if first_run:
        reasons.append("It is the first run of this source: look at what it would do before it does it.")
    elif review_first and plan.writes:
        reasons.append("This source is set to wait for approval before it changes anything.")
    return tuple(reasons)
