"""The part of Tabler's style sheet that the pages use, made anew: python -m tests.stylesheet (make css)

Tabler brings some nine thousand rules, and the pages use a tenth of them: sent whole it would be two thirds of what a
first visit costs. A rule stays where each class that its selector names stands as a word in a template, a script or a
view, so nothing is lost that a page could show; what stays is as Tabler wrote it, in its order. Variables that nothing
refers to go, too, and so do animations and variants for attributes that no page has.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CONSOLE = Path(__file__).parent.parent / "console"
STATIC = CONSOLE / "static"
WHOLE = STATIC / "vendor" / "tabler-1.6.1.min.css"
USED = STATIC / "vendor" / "tabler-1.6.1.used.css"
# What of a selector does not name something that has to be there: in :not() it has to be missing.
_NOT = re.compile(r":not\([^()]*(?:\([^()]*\)[^()]*)*\)")
_CLASS = re.compile(r"\.((?:[\w-]|\\.)+)")
_ATTRIBUTE = re.compile(r"\[([\w-]+)")
_WORD = re.compile(r"[\w-]+")
_DECLARATION = re.compile(r"(--[\w-]+):[^;{}]*(?:;|(?=\}))")
_DATASET = re.compile(r"\bdataset\.(\w+)")
_REFERENCE = re.compile(r"var\((--[\w-]+)")
_NATIVE = {"type", "multiple", "size", "list", "href", "class", "title", "role", "hidden", "disabled", "open"}


@dataclass(frozen=True, slots=True)
class Rule:
    """What stands before a brace, and what between it and its partner."""

    head: str
    body: str

    def __str__(self) -> str:
        return f"{self.head}{{{self.body}}}"


def words() -> frozenset[str]:
    """Every word that could be a class: those of templates, of scripts of our own, and of the views."""
    files = [*CONSOLE.glob("templates/**/*.html"), *STATIC.glob("*.js"), *CONSOLE.glob("web/**/*.py")]
    text = "\n".join(file.read_text() for file in files)
    # A script's dataset.bsTheme is the attribute data-bs-theme.
    attributes = (re.sub(r"[A-Z]", lambda big: f"-{big[0].lower()}", name) for name in _DATASET.findall(text))
    return frozenset(_WORD.findall(text)) | {f"data-{name}" for name in attributes}


def used() -> str:
    """The style sheet that the pages link."""
    sheet = WHOLE.read_text()
    licence = sheet[sheet.index("/*!") : sheet.index("*/") + 2]
    known = words()
    kept = "".join(str(rule) for rule in _kept(sheet[sheet.index("*/") + 2 :], known))
    own = "".join(file.read_text() for file in STATIC.glob("*.css"))
    return f'@charset "UTF-8";{licence}\n{_without_idle_variables(_without_idle_animations(kept), own)}\n'


def _kept(sheet: str, known: frozenset[str]) -> Iterator[Rule]:
    for rule in _rules(sheet):
        if rule.head.startswith(("@media", "@supports")):
            inner = "".join(str(found) for found in _kept(rule.body, known))
            if inner:
                yield Rule(rule.head, inner)
        elif rule.head.startswith("@"):
            yield rule
        elif wanted := [part for part in _parts(rule.head) if _is_wanted(part, known)]:
            yield Rule(",".join(wanted), rule.body)


def _rules(sheet: str) -> Iterator[Rule]:
    """The rules of a sheet without comments, or of a block in it; no brace stands in a text here."""
    depth, begin, brace = 0, 0, 0
    for found in re.finditer(r"[{}]", sheet):
        if found[0] == "{":
            brace = found.start() if depth == 0 else brace
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                yield Rule(sheet[begin:brace].strip(), sheet[brace + 1 : found.start()])
                begin = found.end()


def _parts(head: str) -> Iterator[str]:
    """The selectors of a list; commas within parentheses and brackets belong to one of them."""
    depth, begin = 0, 0
    for place, sign in enumerate(head):
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            yield head[begin:place].strip()
            begin = place + 1
    yield head[begin:].strip()


def _is_wanted(selector: str, known: frozenset[str]) -> bool:
    needed = _NOT.sub("", selector)
    classes = {name.replace("\\", "") for name in _CLASS.findall(needed)}
    attributes = {name for name in _ATTRIBUTE.findall(needed) if name not in _NATIVE}
    return classes <= known and attributes <= known


def _without_idle_animations(sheet: str) -> str:
    names = re.findall(r"@keyframes ([\w-]+)", sheet)
    idle = {name for name in names if not re.search(rf"animation(?:-name)?:[^;}}]*\b{re.escape(name)}\b", sheet)}
    return "".join(str(rule) for rule in _rules(sheet) if rule.head.removeprefix("@keyframes ") not in idle)


def _without_idle_variables(sheet: str, own: str) -> str:
    """Variables may refer to each other, so what nothing refers to any more is looked for until nothing is found."""
    left = _without_idle_once(sheet, own)
    while left != sheet:
        sheet, left = left, _without_idle_once(left, own)
    return left


def _without_idle_once(sheet: str, own: str) -> str:
    needed = {*_REFERENCE.findall(sheet), *_REFERENCE.findall(own)}
    left = _DECLARATION.sub(lambda found: found[0] if found[1] in needed else "", sheet)
    return re.sub(r"[^{}]*\{\}", "", left).replace(";}", "}")


def main() -> int:
    text = used()
    USED.write_text(text)
    print(f"{USED.name}: {len(text):,} of {WHOLE.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
