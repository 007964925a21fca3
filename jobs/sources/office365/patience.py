"""Waiting: as long as Microsoft asks for, within a budget for the whole run, and briefly after a failure."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

# A wait is cut into pieces of this many seconds, so that a person who cancels the run does not wait it out.
_STEP = 1.0
_SHORTEST = 1.0
_LONGEST_GUESS = 60.0


@dataclass(frozen=True, slots=True)
class Clock:
    """The time, and the means to let it pass. `chance` is a number from 0 to 1, by which waits after failures differ:
    a hundred sources that failed at the same moment should not all come back at the same moment.
    """

    now: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


class Patience:
    """What is left of the budget of a run, in seconds. `while_waiting` is called again and again; it may raise."""

    def __init__(self, budget: float, clock: Clock, while_waiting: Callable[[], None] = lambda: None) -> None:
        self.budget = budget
        self.clock = clock
        self.left = budget
        self._while_waiting = while_waiting

    def grants(self, seconds: float) -> bool:
        """Wait so long if the budget allows, and tell whether it did; a wait that is too long is not begun."""
        if seconds > self.left:
            return False
        self.left -= seconds
        while seconds > 0:
            self._while_waiting()
            step = min(seconds, _STEP)
            self.clock.sleep(step)
            seconds -= step
        return True

    def after_failure(self, failures: int) -> float:
        """How long to wait after so many failures in a row: about 1, 2, 4, 8 seconds."""
        return float(2 ** (failures - 1)) * (0.5 + self.clock.chance())

    def asked_for(self, header: str | None, times: int) -> float:
        """The seconds of a Retry-After header, a number or a date (RFC 9110 section 10.2.3); without one a guess that
        doubles with the times in a row that it was needed.
        """
        guess = min(float(2**times), _LONGEST_GUESS)
        if not header:
            return guess
        try:
            seconds = float(header)
        except ValueError:
            try:
                seconds = parsedate_to_datetime(header).timestamp() - self.clock.wall()
            except ValueError:
                return guess
        return max(seconds, _SHORTEST) if seconds < float("inf") else guess
