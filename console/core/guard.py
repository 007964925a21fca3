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
    plan: Plan,
    *,
    owned: int,
    first_run: bool = False,
    review_first: bool = False,
    limits: Limits | None = None,
    partial: bool = False,
) -> tuple[str, ...]:
    """The reasons why this plan waits for approval, as sentences; empty when it may be applied at once.

    `owned` counts the users that the source owns now and that receive mail. `partial` is for a plan made from what
    changed alone, in which nobody may be.
    """
    reasons: list[str] = []
    if plan.usable == 0 and not partial:
        reasons.append("The source has no recipients of this domain: check that its search base and account are right.")
    reasons += _removals(plan, owned, "users of this source", limits or Limits())
    if first_run:
        reasons.append("It is the first run of this source: look at what it would do before it does it.")
    elif review_first and plan.writes:
        reasons.append("This source is set to wait for approval before it changes anything.")
    return tuple(reasons)


def guard_file(plan: Plan, *, owned: int, limits: Limits | None = None) -> tuple[str, ...]:
    """What a person should look at before an import, as sentences; it waits for a person in any case.

    `owned` counts the users that came from files and that receive mail.
    """
    reasons: list[str] = []
    if plan.usable == 0:
        reasons.append("The file has no recipients of this domain: check that it is the right one.")
    return (*reasons, *_removals(plan, owned, "users that came from files", limits or Limits()))


def _removals(plan: Plan, owned: int, whose: str, limits: Limits) -> tuple[str, ...]:
    if owned < limits.owned_from or plan.removals * 100 <= owned * limits.percent:
        return ()
    return (
        f"It would remove {plan.removals:,} of the {owned:,} {whose}, "
        f"more than the {limits.percent} % that may go without a person's word.",
    )
