"""The merge both ends run: cases in words, and what always holds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.wire.merge import FieldConflict, apply_change, merge, replay

RULES = {"risk": "scalar", "tiers": "set", "number": "once"}


def plus(*add: str, minus: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """A change of a set."""
    return {"add": list(add), "remove": list(minus)}


CASES: list[tuple[str, dict[str, Any], dict[str, Any], set[str], dict[str, Any], str]] = [
    # in words | the centre's content | the change | fields changed unseen | content afterwards | result
    ("nobody else touched it", {"risk": "LOW"}, {"risk": "HIGH"}, set(), {"risk": "HIGH"}, "accepted"),
    ("another field was changed", {"risk": "LOW", "a": 2}, {"risk": "HIGH"}, {"a"}, {"risk": "HIGH", "a": 2}, "merged"),
    ("both wrote the same", {"risk": "HIGH"}, {"risk": "HIGH"}, {"risk"}, {"risk": "HIGH"}, "merged"),
    ("both wrote, and differ", {"risk": "LOW"}, {"risk": "HIGH"}, {"risk"}, {"risk": "LOW"}, "conflict"),
    ("one emptied what the other changed", {"risk": "LOW"}, {"risk": None}, {"risk"}, {"risk": "LOW"}, "conflict"),
    ("both emptied it", {}, {"risk": None}, {"risk"}, {}, "merged"),
    ("one fills what the other emptied", {}, {"risk": "LOW"}, {"risk"}, {}, "conflict"),
    ("an emptied field is absent", {"risk": "LOW"}, {"risk": None}, set(), {}, "accepted"),
    ("entries are added up", {"tiers": ["B"]}, {"tiers": plus("A")}, {"tiers"}, {"tiers": ["A", "B"]}, "merged"),
    ("one adds, one removed", {"tiers": ["B"]}, {"tiers": plus("C", minus=("A",))}, {"tiers"}, {"tiers": ["B", "C"]},
     "merged"),
    ("the last entry goes", {"tiers": ["A"]}, {"tiers": plus(minus=("A",))}, set(), {}, "accepted"),
    ("what is written once stays", {"number": "1"}, {"number": "2"}, set(), {"number": "1"}, "conflict"),
    ("what is written once may be written once", {}, {"number": "2"}, set(), {"number": "2"}, "accepted"),
    ("a field nobody here knows is a scalar", {"new": 1}, {"new": 2}, set(), {"new": 2}, "accepted"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "server", "change", "unseen", "after", "result"), CASES, ids=[c[0] for c in CASES])
def test_in_words(
    words: str, server: dict[str, Any], change: dict[str, Any], unseen: set[str], after: dict[str, Any], result: str
) -> None:
    merged = merge(server, change, rules=RULES, unseen=unseen)
    assert merged.content == after
    assert merged.status(concurrent=bool(unseen)) == result


def test_a_conflict_names_both_values() -> None:
    merged = merge({"risk": "LOW"}, {"risk": "HIGH"}, rules=RULES, unseen={"risk"})
    assert merged.conflicts == (FieldConflict("risk", "LOW", "HIGH"),)


KEYS = st.sampled_from(["risk", "tiers", "number", "extra"])
CODES = st.lists(st.sampled_from("ABCDE"), max_size=4).map(lambda codes: sorted(set(codes)))
VALUES = st.one_of(st.none(), st.integers(0, 3), st.text("xyz", min_size=1, max_size=2), st.booleans())
SETS = st.builds(lambda add, remove: {"add": add, "remove": [c for c in remove if c not in add]}, CODES, CODES)


@st.composite
def changes(draw: st.DrawFn) -> dict[str, Any]:
    """A save: sets change by entries, everything else by value."""
    keys = draw(st.sets(KEYS, min_size=1))
    return {key: draw(SETS if key == "tiers" else VALUES) for key in sorted(keys)}


@st.composite
def contents(draw: st.DrawFn) -> dict[str, Any]:
    """What a record holds: empty values are absent."""
    return replay({}, draw(changes()))


@given(contents(), changes())
def test_replaying_twice_is_replaying_once(content: dict[str, Any], change: dict[str, Any]) -> None:
    once = replay(content, change)
    assert replay(once, change) == once
    assert all(value is not None for value in once.values())


@given(contents(), changes(), st.sets(KEYS))
def test_merging_twice_is_merging_once(server: dict[str, Any], change: dict[str, Any], unseen: set[str]) -> None:
    once = merge(server, change, rules=RULES, unseen=unseen)
    again = merge(once.content, change, rules=RULES, unseen=unseen)
    assert again.content == once.content
    assert again.changed == ()


@given(contents(), changes())
def test_the_laptop_shows_what_the_centre_will_make_of_it_when_nobody_interferes(
    server: dict[str, Any], change: dict[str, Any]
) -> None:
    merged = merge(server, change, rules={}, unseen=())
    assert merged.content == replay(server, change)


@given(contents(), changes(), changes())
def test_changes_of_different_fields_and_of_different_entries_commute(
    server: dict[str, Any], one: dict[str, Any], two: dict[str, Any]
) -> None:
    two = {key: change for key, change in two.items() if key not in one}
    assert replay(replay(server, one), two) == replay(replay(server, two), one)


@given(CODES, SETS, SETS)
def test_sets_commute_unless_one_adds_what_the_other_removes(before: list[str], one: Any, two: Any) -> None:
    if set(one["add"]) & set(two["remove"]) or set(two["add"]) & set(one["remove"]):
        return
    assert apply_change(apply_change(before, one), two) == apply_change(apply_change(before, two), one)


@given(contents(), changes(), changes())
def test_whoever_comes_first_no_value_is_lost(server: dict[str, Any], one: dict[str, Any], two: dict[str, Any]) -> None:
    first = merge(server, one, rules={"tiers": "set"}, unseen=())
    second = merge(first.content, two, rules={"tiers": "set"}, unseen=set(first.changed))
    kept = {(c.field, repr(c.other)) for c in second.conflicts}
    for key, change in two.items():
        wanted = apply_change(first.content.get(key), change)
        assert second.content.get(key) == wanted or (key, repr(wanted)) in kept
