"""Is an operation well formed? The same checks of single values as on the laptop, before anything is looked up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from app.models.all import KINDS
from app.models.check import MAX_LONG, MAX_TEXT, check_value
from app.models.content import from_wire
from app.models.field import Field, Kind, field_map, fields_of, from_ms
from app.models.ids import is_id
from app.models.person_match import ENDS, PersonMatch
from app.models.sealed import MAX_TOKEN, is_sealed, is_token
from app.models.task import Task
from app.wire.merge import is_set_change
from app.wire.messages import Change, Outcome, Status

_MAX_KEY, _MAX_KEYS = 64, 200
# Characters of a token: as much as the plain value may be, four bytes a character, padded, in base64.
_MAX_SEALED = {Kind.LONG: MAX_TOKEN, Kind.TEXT: 24_000}
_MAX_SEALED_CODE = 1_000
# What a record hangs on: the centre finds records through these, of whatever kind they are.
LINKS = ("case_id", "person_id", "referral_id", "about_id", "subject")

_ALSO = {PersonMatch.kind: ENDS}


def links_of(kind: str) -> tuple[str, ...]:
    """What a record of this kind hangs on: with any of these it is erased."""
    return LINKS + _ALSO.get(kind, ())


def refused(code: str, field: str = "") -> Outcome:
    """The outcome of an operation that cannot be taken."""
    return Outcome(Status.REFUSED, code, field)


def problem_of(change: Change) -> Outcome | None:
    """The first thing wrong with an operation by itself, or None."""
    if change.kind not in KINDS:
        return refused("unknown_kind")
    if len(change.record) != 16 or len(change.case or bytes(16)) != 16 or not -1 < change.base_rev < 2**63:
        return refused("shape")
    if len(change.actor_name) > MAX_TEXT or len(change.changes) > _MAX_KEYS or not _is_moment(change.at):
        return refused("shape")
    known = field_map(KINDS[change.kind])
    for key, value in change.changes.items():
        problem = _problem(known.get(key), value) if 0 < len(key) <= _MAX_KEY else "shape"
        if (
            not problem
            and key in LINKS
            and not _is_code(known.get(key))
            and (not (value is None or is_id(value)) or _pulls(key, known))
        ):
            problem = "shape"  # a field of a newer version may hold anything, but never pull a record into a case
        if problem:
            return refused(problem, key[:_MAX_KEY])
    return _case_problem(change)


def _is_code(field: Field | None) -> bool:
    """Whether a known field of that name holds a code, as what an approval is about does: it leads nowhere."""
    return field is not None and bool(field.codelist)


def _pulls(key: str, known: Mapping[str, Field]) -> bool:
    """Whether this names a case for a kind of record that belongs to none."""
    return key == "case_id" and key not in known


def renamed(change: Change) -> dict[str, Any]:
    """The changes under today's keys: a field that was renamed keeps its old key as an alias."""
    known = field_map(KINDS[change.kind])
    return {known[key].key if key in known else key: value for key, value in change.changes.items()}


@lru_cache
def merge_rules(kind: str) -> Mapping[str, str]:
    """key -> scalar | set | once, for app.wire.merge."""
    return {field.key: field.merge.value for field in fields_of(KINDS[kind])}


def without_plain(kind: str, content: Mapping[str, Any], *, keys: Iterable[str]) -> dict[str, Any]:
    """The content without what was written plain, before values were sealed, into fields that are sealed now."""
    known, kept = field_map(KINDS[kind]), dict(content)
    for key in keys:
        if key in kept and key in known and known[key].sealed and not is_sealed(kept[key]):
            tokens = [one for one in kept[key] if is_token(one)] if isinstance(kept[key], list) else []
            kept.pop(key)
            kept |= {key: tokens} if tokens else {}
    return kept


@lru_cache
def references(kind: str) -> frozenset[str]:
    """The keys whose values are ids of other records."""
    return frozenset(field.key for field in fields_of(KINDS[kind]) if field.kind is Kind.REF)


def ids_in(change: Change) -> set[str]:
    """Every record an operation speaks of: itself, its case, and what it refers to."""
    ids = {value for value in change.changes.values() if is_id(value)}
    return ids | {part.hex() for part in (change.record, change.case) if part is not None and len(part) == 16}


def _problem(field: Field | None, value: Any) -> str:
    if field is not None and field.sealed:
        return _sealed_problem(field, value)
    if is_set_change(value):
        if field is not None and field.kind is not Kind.CODES:
            return "shape"
        return "" if all(_codes(value[part]) for part in ("add", "remove")) else "shape"
    if field is None:
        return "" if _is_plain(value) else "shape"
    if field.kind is Kind.DATETIME and isinstance(value, bool):
        return "shape"
    try:
        problem = check_value(field, from_wire(field, value))
    except (ValueError, OverflowError, TypeError):
        return "shape"
    return problem.code if problem else ""


def _sealed_problem(field: Field, value: Any) -> str:
    """A sealed value is looked at from outside only: its form, and its length."""
    many = field.kind is Kind.CODES
    parts = [value["add"], value["remove"]] if many and is_set_change(value) else [value]
    for part in parts:
        if part is None and not is_set_change(value):
            continue
        entries = part if many and isinstance(part, list) else [part]
        if not all(is_token(one) for one in entries):
            return "not_sealed"
        if len(entries) > MAX_TEXT or any(len(one) > _MAX_SEALED.get(field.kind, _MAX_SEALED_CODE) for one in entries):
            return "too_long"
    return ""


def _case_problem(change: Change) -> Outcome | None:
    """A new record says which case it belongs to, once and the same in both places; a task may be of the office."""
    if not change.new or "case_id" not in field_map(KINDS[change.kind]) or change.kind == "key_grant":
        return None
    case_id = change.changes.get("case_id")
    if change.kind == Task.kind and case_id is None and change.case is None:
        return None
    return None if case_id and change.case == bytes.fromhex(case_id) else refused("shape", "case_id")


def _is_moment(ms: int) -> bool:
    try:
        from_ms(ms)
    except OverflowError:
        return False
    return True


def _is_plain(value: Any) -> bool:
    """What a field of a newer version may hold: it is kept as it is, so it must be small and simple."""
    if isinstance(value, str):
        return len(value) <= MAX_LONG
    return value is None or isinstance(value, bool | int) or _codes(value)


def _codes(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= MAX_TEXT
        and all(isinstance(code, str) and len(code) <= MAX_TEXT and "|" not in code for code in value)
    )
