"""What the runner tells at the end of its start, in a box that stands out between lines of logs."""

import textwrap
from collections.abc import Iterable

WIDTH = 76
LABEL = 14


def box(heading: str, facts: Iterable[tuple[str, str]], remark: str = "") -> str:
    """A heading, facts with their labels, and a remark below; plain ASCII, which every terminal can show.

    A fact is never broken, so that an address or a command can be copied whole; a remark is, between words.
    """
    lines = [heading, ""]
    lines += [f"{label:<{LABEL}}{text}" for label, text in facts if text]
    if remark:
        lines.append("")
        for line in remark.splitlines():
            lines += textwrap.wrap(line, WIDTH, break_long_words=False, break_on_hyphens=False)
    width = max(WIDTH, *(len(line) for line in lines))
    edge = f"+{'-' * (width + 2)}+"
    return "\n".join(["", edge, *(f"| {line:<{width}} |" for line in lines), edge, ""])
