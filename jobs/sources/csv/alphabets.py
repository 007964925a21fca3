"""The encodings from before Unicode, told apart by the letters that their languages have.

chardet and charset-normalizer were measured on lists of names and take most of them for another encoding (see
docs/adr/0010-reading-exported-files.md): a list has few letters beyond a to z, and they stand in names.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_WESTERN = "àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿßœšžªº’´"
# Letters that Western names have only now and then: they tell a Macintosh from MS-DOS.
_WESTERN_RARE = frozenset("âêëìîïðòôõûýþÿœªº´")
_CENTRAL = "áâăäąćčçďđéęěëíîłľĺńňóôőöŕřśšşťţúůűüýźżžß’´"
_BALTIC = "āäčēęģėįīķļłńņōóõöśšūüųźžż’´"
_TURKISH = "çğıi̇öşüâîû’´"
_CYRILLIC = "".join(map(chr, range(0x430, 0x460))) + "ґ’"
_GREEK = "".join(map(chr, range(0x3AC, 0x3CF))) + "ΐ’΄"


@dataclass(frozen=True, slots=True)
class _Legacy:
    """An encoding, and the small letters that words in it are made of. `own_script` words have no Latin letters."""

    codec: str
    label: str
    letters: str
    own_script: bool = False
    rare: frozenset[str] = frozenset()


_CENTRAL_WINDOWS = _Legacy("cp1250", "Windows-1250 (Central European)", _CENTRAL)
_CYRILLIC_WINDOWS = _Legacy("cp1251", "Windows-1251 (Cyrillic)", _CYRILLIC, own_script=True)
_GREEK_WINDOWS = _Legacy("cp1253", "Windows-1253 (Greek)", _GREEK, own_script=True)
_TURKISH_WINDOWS = _Legacy("cp1254", "Windows-1254 (Turkish)", _TURKISH)
_BALTIC_WINDOWS = _Legacy("cp1257", "Windows-1257 (Baltic)", _BALTIC)
_WESTERN_WINDOWS = _Legacy("cp1252", "Windows-1252 (Western European)", _WESTERN)
# The first of those that explain the most words. What “CSV (MS-DOS)” and “CSV (Macintosh)” of Excel write is among
# them.
_USUAL = (
    _WESTERN_WINDOWS,
    _CENTRAL_WINDOWS,
    _CYRILLIC_WINDOWS,
    _GREEK_WINDOWS,
    _TURKISH_WINDOWS,
    _Legacy("mac_roman", "Macintosh (Western European)", _WESTERN, rare=_WESTERN_RARE),
    _Legacy("cp850", "MS-DOS (Western European)", _WESTERN, rare=_WESTERN_RARE),
    _Legacy("koi8_r", "KOI8-R (Cyrillic)", _CYRILLIC, own_script=True),
)
_AT_HOME = {
    **dict.fromkeys(("cz", "sk", "pl", "hu", "si", "hr", "ro", "ba", "al"), _CENTRAL_WINDOWS),
    **dict.fromkeys(("ru", "ua", "by", "bg", "rs", "mk", "kz", "su"), _CYRILLIC_WINDOWS),
    **dict.fromkeys(("gr", "cy"), _GREEK_WINDOWS),
    **dict.fromkeys(("lv", "lt", "ee"), _BALTIC_WINDOWS),
    "is": _WESTERN_WINDOWS,
    "tr": _TURKISH_WINDOWS,
}
_HIGH = re.compile(rb"[\x80-\xff]")
_WORD = re.compile(rb"[A-Za-z\x80-\xff]++")
_AROUND = 40
_WORDS = 500
_LOOKS = 5_000
_ENOUGH = 0.5


def legacy_encoding(content: bytes, domain: str) -> tuple[str, str]:
    """Codec and label of the encoding that explains the most words with letters beyond a to z.

    That of the domain's country goes first, then Windows-1252, which is also the answer where none explains half.
    """
    words = list(dict.fromkeys(_words(content)))
    home = _AT_HOME.get(domain.rpartition(".")[2])
    tried = (home, *_USUAL) if home is not None else _USUAL
    best, most = _WESTERN_WINDOWS, len(words) * _ENOUGH
    for legacy in tried:
        explained = sum(_explains(legacy, word) for word in words)
        if explained > most:
            best, most = legacy, explained
    return best.codec, best.label


def _words(content: bytes) -> Iterator[bytes]:
    """The first words that have other letters than a to z; files of 25 MB are searched no further than need be."""
    at, found = 0, 0
    for _ in range(_LOOKS):
        high = _HIGH.search(content, at)
        if high is None or found == _WORDS:
            return
        start = max(at, high.start() - _AROUND)
        for word in _WORD.finditer(content, start, high.start() + _AROUND):
            if word.end() > high.start():
                at = word.end()
                found += 1
                yield word.group()
                break


def _explains(legacy: _Legacy, raw: bytes) -> float:
    """1 where all letters of a word are one language's and capitals stand where capitals do, 0.9 with rare letters."""
    try:
        word = unicodedata.normalize("NFC", raw.decode(legacy.codec))
    except UnicodeDecodeError:
        return 0
    for place, letter in enumerate(word):
        if letter.isascii():
            if legacy.own_script:
                return 0
            continue
        if letter.lower() not in legacy.letters:
            return 0
        before, after = word[:place][-1:], word[place + 1 : place + 2]
        if letter.isupper() and (before.islower() or (before and after.islower())):
            return 0
        if letter.islower() and before.isupper() and after.isupper():
            return 0
    if not legacy.own_script and not _sparse(word):
        return 0
    return 1 if legacy.rare.isdisjoint(word.lower()) else 0.9


def _sparse(word: str) -> bool:
    """Whether a Latin word is mainly plain letters: four others in a row are another script, read wrongly."""
    run = 0
    for letter in word:
        run = 0 if letter.isascii() else run + 1
        if run == 4:
            return False
    return True
