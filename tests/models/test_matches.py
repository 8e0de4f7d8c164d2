"""Whom an entry stands for: any graph of decisions gives one answer, the same whoever asks and in whatever order."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from app.models.matches import Match, follow

PEOPLE = st.integers(0, 12).map(lambda n: f"p{n:02}")
GRAPHS = st.lists(st.tuples(PEOPLE, PEOPLE), max_size=20).map(
    lambda ends: [(f"m{n:03}", kept, gone) for n, (kept, gone) in enumerate(ends)]
)


@given(matches=GRAPHS, seed=st.integers())
def test_every_graph_gives_one_person_per_component(matches: list[Match], seed: int) -> None:
    shown = follow(matches)
    shuffled = matches[:]
    random.Random(seed).shuffle(shuffled)
    assert follow(shuffled) == shown, "the order of arrival decides nothing"
    for _record, kept, gone in matches:
        assert shown[kept] == shown[gone], "who was merged is one"
    assert all(shown[shown[person]] == shown[person] for person in shown), "whom somebody stands for stands for itself"
    groups = _components(matches)
    assert {frozenset(p for p in shown if shown[p] == root) for root in set(shown.values())} == groups


def test_the_earlier_of_two_decisions_in_a_circle_holds() -> None:
    assert follow([("2", "b", "a"), ("1", "a", "b")]) == {"a": "a", "b": "a"}
    assert follow([("1", "b", "a"), ("2", "c", "b"), ("3", "a", "c")]) == {"a": "c", "b": "c", "c": "c"}
    assert follow([("1", "b", "a"), ("2", "c", "a")]) == {"a": "c", "b": "c", "c": "c"}


def _components(matches: list[Match]) -> set[frozenset[str]]:
    """The same by painting: slow, and written otherwise."""
    colour = {end: end for _record, kept, gone in matches for end in (kept, gone)}
    for _record, kept, gone in matches:
        old, new = colour[gone], colour[kept]
        colour = {end: new if its == old else its for end, its in colour.items()}
    return {frozenset(end for end in colour if colour[end] == its) for its in colour.values()}
