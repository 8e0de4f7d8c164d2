"""Deadlines as data: what the law sets (legal_deadlines.csv), what begins and ends it, and the program's own dates.

resources/facts/deadline_rules.csv binds every rule to an event of a case, or says why none can begin it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from app.i18n import language
from app.models.conditions import Condition, Ending, alternatives, endings
from app.paths import table

LAW, LOCAL, OWN = "law", "local", "own"
# How long a unit is at least, in minutes: only for telling whether a limit is shorter than the law's.
_MINUTES = {"minute": 1, "hour": 60, "day": 1440, "workday": 1440, "month": 28 * 1440}
_LONGEST = {**_MINUTES, "workday": 2880, "month": 31 * 1440}
_KEYS = re.compile(r"\s*\[S\d+b?\]")
_EXAMPLE = "example local standard"


@dataclass(frozen=True, slots=True)
class Rule:
    """One deadline. `amount` 0: the field itself says the day. `law` is the citation, '' for the program's own."""

    code: str
    title_id: str
    title_en: str
    origin: str  # LAW, LOCAL (an office's published standard) or OWN
    kind: str = ""  # of the record that begins it; '' for a rule that nothing begins
    at: str = ""  # its field with the day or the moment
    when: tuple[tuple[Condition, ...], ...] = ()
    done: tuple[Ending, ...] = ()
    ready: int | None = None  # days before the end from which it is to be done; None: from the beginning
    amount: int = 0
    unit: str = ""
    tab: str = ""  # of the case page: where it is done
    after_close: bool = False
    law: str = ""
    duty: str = ""
    unbound: str = ""  # why no record begins it
    active: bool = True

    @property
    def title(self) -> str:
        """What is to be done, in the running language."""
        return self.title_en if language() == "en" else self.title_id

    @property
    def limit(self) -> tuple[int, str]:
        """Amount and unit."""
        return self.amount, self.unit


@dataclass(frozen=True, slots=True)
class Limit:
    """What an office says about one rule."""

    rule: str
    amount: int | None
    unit: str | None
    active: bool | None


@lru_cache
def shipped_rules() -> Mapping[str, Rule]:
    """All rules by code, those nothing begins included."""
    laws = {row["code"]: row for row in table("facts", "legal_deadlines.csv")}
    return {row["rule"]: _rule(row, laws.get(row["rule"])) for row in table("facts", "deadline_rules.csv")}


def rules_with(limits: Iterable[Limit]) -> tuple[Rule, ...]:
    """The rules that count in an office: bound, active, with its own limits where these are not longer than the law."""
    own = {limit.rule: limit for limit in limits}
    found = (_limited(rule, own.get(rule.code)) for rule in shipped_rules().values() if not rule.unbound)
    return tuple(rule for rule in found if rule.active)


def effective(rule: Rule, limit: Limit | None) -> Rule:
    """One rule as an office has it, switched off ones included."""
    return _limited(rule, limit)


def is_longer(limit: tuple[int, str], than: tuple[int, str]) -> bool:
    """Whether a limit may end later than another: in doubt it is longer, so that the law's is never stretched."""
    if limit[1] == than[1]:
        return limit[0] > than[0]
    return limit[0] * _LONGEST[limit[1]] > than[0] * _MINUTES[than[1]]


def codes_named() -> frozenset[tuple[str, str]]:
    """(field key, code) of everything the rules name: these codes must not go out of use."""
    found = set()
    for rule in shipped_rules().values():
        for wanted in (*rule.when, *(ending.wanted for ending in rule.done)):
            found |= {(condition.key, value) for condition in wanted for value in condition.values}
    return frozenset(found)


def _limited(rule: Rule, limit: Limit | None) -> Rule:
    if limit is None:
        return rule
    if rule.origin == LOCAL and limit.active is not None:
        rule = replace(rule, active=limit.active)
    if not limit.amount or limit.amount < 1 or limit.unit not in _MINUTES or not rule.amount:
        return rule
    if rule.origin == LAW and is_longer((limit.amount, limit.unit), rule.limit):
        return rule
    return replace(rule, amount=limit.amount, unit=limit.unit)


def _rule(row: dict[str, str], law: dict[str, str] | None) -> Rule:
    origin = OWN if law is None else LOCAL if law["confidence"].startswith(_EXAMPLE) else LAW
    said = law or {"limit": row["amount"], "unit": row["unit"], "source": "", "duty": ""}
    return Rule(
        row["rule"], row["title_id"], row["title_en"], origin, row["kind"], row["at"], alternatives(row["when"]),
        endings(row["done"]), int(row["ready"]) if row["ready"] else None, int(said["limit"] or 0), said["unit"],
        row["tab"], row["after_close"] == "1", _KEYS.sub("", said["source"]).strip() or said["source"], said["duty"],
        row["unbound"], origin != LOCAL,
    )  # fmt: skip
