"""The people of the sample company: names as an ordinary staff list has them, the same ones every time."""

import random
import unicodedata
from dataclasses import dataclass
from itertools import product

# Letters that are not a plain letter with an accent. Staff lists write ä as ae where German is spoken, and the
# machine that makes addresses does so for everybody.
_LATIN = {
    "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "å": "aa", "æ": "ae", "ø": "oe", "ł": "l", "đ": "d", "ð": "d",
    "þ": "th", "ı": "i",
}  # fmt: skip

# Given names and family names that are found together; each family name stands for up to six people.
_PLACES = (
    (
        "Anneliese Björn Clara Dörte Emil Frauke Günther Hannelore Jörg Käthe Lukas Mareike Sören Ulrike",
        "Brandt Fuchs Großmann Jäger Köhler Krüger Lindner Müller Schröder Voß Weiß Zöllner",
    ),
    (
        "Aoife Callum Eleanor Fergus Imogen Niamh Oscar Rhys Saoirse Thomas",
        "Ashworth Byrne Davies Fairclough Macleod O'Brien O'Sullivan Pryce Whitaker",
    ),
    ("Amélie Benoît Chloé Étienne Gaëlle Hélène Jérôme Noé Zoé", "Besançon Chevallier Lefèvre Maréchal Rousseau"),
    ("Ağah Ayşe Çağla Gökhan İrem Kerem Özge Şebnem Yiğit", "Aydın Çelik Güneş Kılıç Öztürk Şahin Yıldız"),
    ("Agnieszka Bartosz Jadwiga Łukasz Małgorzata Paweł", "Kowalczyk Nowicki Wiśniewska Wójcik Zając"),
    ("Álvaro Begoña Iñaki Lucía Martín Núria", "García López|Ibáñez|Muñoz Ruiz|Peña"),
    ("Adunni Chidi Folasade Ifeoma Kwame Ngozi Obinna", "Achebe Adeyemi Mensah Okafor Okonkwo"),
    ("Aarav Deepika Ishaan Kavya Priya Rohan Sunita", "Chatterjee Iyer Kulkarni Patel Subramanian"),
    ("Đức Hương Linh Minh Quân Thảo", "Đặng Lê Nguyễn Phạm Trần"),
    ("Fatima Hassan Layla Omar Samira Yusuf", "Al-Hashimi Benali Haddad Mansour Rahimi"),
    ("Astrid Bjørn Håkon Ingrid Jón Sigríður", "Ågren Bjørnsen Guðmundsdóttir Ødegård Þórsson"),
    ("Ana Caio João Luísa Tomás", "Almeida da Conceição|Gonçalves|Simões"),
)

# Names that no rule turns into an address: people chose theirs.
_CHOSEN = (
    ("秀英", "王", "xiuying.wang"),
    ("健太", "佐藤", "kenta.sato"),
    ("민지", "김", "minji.kim"),
    ("Олена", "Шевченко", "olena.shevchenko"),
    ("Νίκος", "Παπαδάκης", "nikos.papadakis"),
    ("", "Suharto", "suharto"),
)


@dataclass(frozen=True, slots=True)
class Name:
    """Somebody's names and the part of their address before the @."""

    first: str
    last: str
    local: str

    @property
    def full(self) -> str:
        return f"{self.first} {self.last}".strip()


def people(count: int) -> list[Name]:
    """This many people with different local parts, in an order that mixes where their names come from."""
    pairs = [pair for given, family in _PLACES for pair in product(given.split(), _families(family))]
    random.Random(1907).shuffle(pairs)
    made = {chosen[2]: Name(*chosen) for chosen in _CHOSEN}
    shared: dict[str, int] = {}
    for first, last in pairs:
        if len(made) == count:
            break
        if shared.get(last, 0) < 6:
            shared[last] = shared.get(last, 0) + 1
            name = Name(first, last, f"{plain(first)}.{plain(last)}")
            made.setdefault(name.local, name)
    return list(made.values())


def plain(name: str) -> str:
    """A name in the letters that every address may have."""
    spelled = "".join(_LATIN.get(letter, letter) for letter in unicodedata.normalize("NFC", name).lower())
    folded = unicodedata.normalize("NFKD", spelled)
    return "".join(letter for letter in folded if letter in "'-" or (letter.isascii() and letter.isalnum()))


def _families(text: str) -> list[str]:
    """Names divided by blanks or, where one of them has a blank in it, by bars."""
    return text.split("|") if "|" in text else text.split()
