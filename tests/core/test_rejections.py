"""Rejected mail is counted in bounded memory."""

import datetime as dt

from console.core.rejections import APART, SENDERS, Tally

AT = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


def note(tally: Tally, address: str | None, minute: int = 0, sender: str = "", client: str = "") -> None:
    tally.note(1, address, sender=sender, client=client, would=False, at=AT + minute * MINUTE)


def test_mail_is_counted_by_address_with_its_first_and_last_time_and_last_senders() -> None:
    tally = Tally()
    assert not tally
    for minute, sender in enumerate(["a@x", "b@x", "a@x", "", "c@x"]):
        note(tally, "nobody@y", minute, sender, f"192.0.2.{minute}")
    note(tally, "nobody@y", 9)
    assert tally
    (count,) = tally.take()[1].counts.values()
    assert (count.times, count.first_at, count.last_at) == (6, AT, AT + 9 * MINUTE)
    assert (count.senders, count.client) == (["c@x", "a@x", "b@x"], "192.0.2.4")
    assert not tally


def test_a_flood_is_told_apart_to_a_bound_and_counted_beyond() -> None:
    tally = Tally()
    for number in range(3 * APART):
        note(tally, f"{number}@y", sender=f"{'s' * 999}{number}")
    note(tally, "0@y")
    note(tally, None)
    for number in range(2 * SENDERS):
        note(tally, "1@y", sender=f"{number}@x")
    taken = tally.take()[1]
    assert (len(taken.counts), taken.beyond) == (APART, 2 * APART + 1)
    assert taken.counts["0@y"].times == 2
    assert len(taken.counts["2@y"].senders[0]) == 256
    assert taken.counts["1@y"].senders == ["9@x", "8@x", "7@x", "6@x", "5@x"]


def test_what_is_given_back_is_counted_with_what_came_meanwhile() -> None:
    tally = Tally()
    note(tally, "nobody@y", 1, "a@x", "192.0.2.1")
    note(tally, "other@y", 1)
    note(tally, None)
    taken = tally.take()
    note(tally, "nobody@y", 2, "b@x")
    tally.give_back(taken)
    again = tally.take()[1]
    count = again.counts["nobody@y"]
    assert (count.times, count.first_at, count.last_at) == (2, AT + MINUTE, AT + 2 * MINUTE)
    assert (count.senders, count.client) == (["b@x", "a@x"], "192.0.2.1")
    assert (set(again.counts), again.beyond) == ({"nobody@y", "other@y"}, 1)


def test_to_give_back_keeps_the_bound() -> None:
    tally = Tally()
    for number in range(APART):
        note(tally, f"{number}@y")
    taken = tally.take()
    for number in range(APART):
        note(tally, f"{number}@z")
    tally.give_back(taken)
    assert (len((again := tally.take()[1]).counts), again.beyond) == (APART, APART)
