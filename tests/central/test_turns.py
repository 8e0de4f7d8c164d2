"""Whose turn it is: by rank, then by arrival; and everybody can be told how many are ahead."""

from __future__ import annotations

import random

import pytest

from app.central.turns import Rank, Ticket, Turns


def test_a_turn_comes_by_rank_then_by_arrival_after_as_many_as_were_said_to_be_ahead() -> None:
    dice, turns, waiting = random.Random(8), Turns[int](), dict[int, Ticket]()
    for one in range(2_000):
        waiting[one] = turns.enter(one, dice.choice(list(Rank)))
        while waiting and dice.random() < 0.5:
            expected = min(waiting, key=lambda n: (waiting[n].rank, n))
            assert turns.ahead(waiting[expected]) == 0
            assert turns.next() == expected
            assert turns.ahead(waiting.pop(expected)) == 0
    assert len(turns) == len(waiting) > 0
    told = {one: turns.ahead(ticket) for one, ticket in waiting.items()}
    assert [told[turns.next()] for _one in told] == list(range(len(told)))
    with pytest.raises(IndexError):
        turns.next()


def test_who_leaves_has_nobody_ahead_and_the_next_begin_anew() -> None:
    turns = Turns[str]()
    tickets = [turns.enter("usual", Rank.USUAL), turns.enter("urgent", Rank.URGENT)]
    assert turns.leave() == ["urgent", "usual"]
    assert [turns.ahead(ticket) for ticket in tickets] == [0, 0]
    assert turns.ahead(turns.enter("next", Rank.USUAL)) == len(turns) - 1 == 0
