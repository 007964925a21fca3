"""Names for a tenant of any size, as an ordinary organisation has them: the first ones are the same in each."""

from functools import cache

from tests.demo.names import Name, plain

_GIVEN = (
    "Adele Agnes Aileen Albert Amira Andrea Anton Arjun Asta Aurora Beatriz Bianca Bruno Camille Carla Carmen Cedric "
    "Chiara Claudia Conor Dagmar Dalia Daniel Diego Dilara Dominik Edith Eileen Elena Elif Émile Enzo Erik Esther Eva "
    "Fabian Federica Felix Fiona Franziska Gabriel Giulia Greta Hana Heike Helmut Henrik Hugo Ida Ines Irina Isabel "
    "Ivo Jakub Jana Jasmin Joana Johanna Jürgen Karim Katja Klara Leandro Leïla Lena Lorenzo Lucia Ludwig Maja Marcel "
    "Marta Matthias Mehmet Mila Mira Nadia Nils Noemi Nora Olga Olivier Pascal Petra Pia Radek René Rosa Ruth Sabine "
    "Salma Selin Silvia Simone Stefan Thérèse Tobias Vera"
)
_FAMILY = (
    "Abbas Ackermann Alberti Amsler Andersson Arslan Bachmann Baumgartner Bauer Becker Berger Bernasconi Bianchi "
    "Bischof Blanc Bosshard Braun Brunner Bühler Caruso Castro Cavalli Christen Conti Costa Dahl Demir Dubois "
    "Ducret Egli Eriksen Esposito Favre Fernandes Ferrari Fischer Fontaine Frei Fournier Gallo Gerber Giger Graf "
    "Gruber Güler Haas Hansen Hartmann Hauser Hofmann Horvat Huber Hug Imhof Jansen Jovanović Kälin Kaufmann Kaya "
    "Keller Koch Koller Kovačević Kuhn Kunz Lang Laurent Lehmann Leitner Lombardi Lopes Lutz Mäder Maier Marino "
    "Marti Mercier Meyer Moretti Moser Nielsen Novák Nussbaumer Oberholzer Olsen Pereira Petrov Pfister Popescu "
    "Portmann Ricci Richter Rizzo Romano Roth Rüegg Russo Sánchez Santos Schär Schmid Schneider Schwarz Seiler "
    "Silva Stalder Steiner Sutter Svensson Tanner Thoma Torres Varga Vidal Vogel Wagner Walter Weber Wenger Werner "
    "Widmer Winkler Wolf Wyss Zanetti Zbinden Ziegler Zimmermann"
)
# Without a divisor in common with the number of pairs, so that all of them come before one comes again.
_STRIDE = 7591

_SHARED = (
    "Accounts Payable|Applications|Box Office|Catering|Contracts|Customer Care|Events|Info|Invoices|IT Helpdesk|Orders|"
    "Payroll|Press|Procurement|Returns|Safety|Scheduling|Switchboard|Travel Desk|Warranty"
)
_ROOMS = "Bittern|Coot|Cormorant|Dabchick|Eider|Goldeneye|Grebe|Heron|Kingfisher|Lapwing|Osprey|Plover|Teal|Tern"
_GROUPS = (
    "All Staff|Board|Building Committee|Communications|Controlling|Engineering|Facility Team|Field Service|First Aid|"
    "Human Resources|Legal|Logistics|Marketing|Night Shift|Project Boathouse|Purchasing|Quality|Research|Sales|"
    "Trainees|Works Council"
)


@cache
def _pairs() -> tuple[Name, ...]:
    """Given and family names, mixed."""
    given, family = ([(name, plain(name)) for name in names.split()] for names in (_GIVEN, _FAMILY))
    count = len(given) * len(family)
    places = (divmod(number * _STRIDE % count, len(given)) for number in range(count))
    pairs = ((given[first], family[last]) for last, first in places)
    return tuple(Name(first, last, f"{a}.{b}") for (first, a), (last, b) in pairs)


def person(number: int) -> Name:
    """Somebody, with a number in the address where others have the name already."""
    pairs = _pairs()
    again, place = divmod(number, len(pairs))
    found = pairs[place]
    return Name(found.first, found.last, f"{found.local}{again + 1}") if again else found


def shared(number: int) -> Name:
    return _numbered(_SHARED, number)


def room(number: int) -> Name:
    found = _numbered(_ROOMS, number)
    return Name("", f"Room {found.last}", f"room-{found.local}")


def group(number: int) -> Name:
    return _numbered(_GROUPS, number)


def _numbered(names: str, number: int) -> Name:
    listed = names.split("|")
    again, place = divmod(number, len(listed))
    name = f"{listed[place]} {again + 1}" if again else listed[place]
    return Name("", name, "-".join(map(plain, name.split())))
