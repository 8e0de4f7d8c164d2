"""The dialogs of the parts of a case, from their declaration: fields, who may be named, what stands there.

A new kind needs nothing here; what differs from the rule stands in a table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.i18n import N_, _
from app.models.case_parts import BY_KIND, CasePart
from app.models.field import Kind, Merge, field_map, said_fields
from app.models.kind_names import kind_name
from app.models.names import initials
from app.services import case_parts
from app.services.case_page import CasePage
from app.services.desk import Desk
from app.services.entries import Entry
from app.ui.dialogs import Asked
from app.ui.field_editors import FieldLike
from app.ui.form_tools import agency_finder
from app.ui.widgets.editors import CodeEditor, Editor

PART = "part:"  # drafts of these dialogs are filed under part:goal, or part:goal:<id> for a change
_LINKS = ("person_id", "goal_id")
# The fields of a new record, where not all that are declared.
KEYS_NEW: dict[str, tuple[str, ...]] = {
    "approval": ("subject", "request"),
    "flag": ("reason", "text", "until"),
    "goal": ("person_id", "need", "goal", "wanted_by", "agreed"),
    "note": ("note_kind", "at", "person_id", "text"),
    "service": ("service_type", "person_id", "goal_id", "provider_id", "due", "need", "goal"),
    "task": ("title", "person_id", "ready_from", "due", "fails_after"),
}
# The fields of a change, where not all that may be changed. An empty one: it is not changed here.
KEYS_EDIT: dict[str, tuple[str, ...]] = {
    "approval": (), "screening": (), "note": (), "task": ("title", "person_id", "ready_from", "due", "fails_after"),
    "flag": ("reason", "text", "until"),
    "service": (
        "service_type", "person_id", "goal_id", "provider_id", "due", "need", "goal", "from_on", "until_on", "cost",
        "place",
    ),
}  # fmt: skip
# Whom a record may be about, by their part in the case; () is everybody. Where nothing stands: a victim.
WHO: dict[str, tuple[str, ...]] = {"legal_step": ("SUSPECT",), "hearing": (), "note": (), "task": ()}
GIVEN: dict[str, Mapping[str, Any]] = {"goal": {"state": "OPEN"}, "note": {"note_kind": "OBSERVATION"}}
ADD_WORDS: dict[str, str] = {
    "approval": N_("Ask for approval…"), "assessment": N_("Assess…"), "conference": N_("New conference…"),
    "empowerment": N_("New opportunity…"), "flag": N_("Raise a flag…"), "goal": N_("New goal…"),
    "hearing": N_("New hearing…"), "legal_step": N_("New legal step…"), "note": N_("New note…"),
    "restitution": N_("New line…"), "safety_plan": N_("New safety plan…"), "screening": N_("Screen…"),
    "service": N_("Plan a service…"), "task": N_("New task…"), "victim_right": N_("New entry for a right…"),
}  # fmt: skip


def add_words(kind: str) -> str:
    """What the button says that asks for a new record."""
    return _(ADD_WORDS[kind]) if kind in ADD_WORDS else _("New: {kind}…").format(kind=kind_name(kind))


def new_part(desk: Desk, page: CasePage, kind: str) -> Asked:
    """A new record of this kind."""
    part, case_id = BY_KIND[kind], page.case.id
    return Asked(
        part.record, kind_name(kind), _keys(part, KEYS_NEW.get(kind)),
        lambda values: case_parts.add_part(desk, case_id, kind, values),
        values=_given(desk, page, part), name=PART + kind, editors=_editors(page, kind),
        finders={"provider_id": agency_finder(desk)},
    )  # fmt: skip


def change_part(desk: Desk, page: CasePage, entry: Entry, keys: Sequence[str] | None = None) -> Asked:
    """A change of a record: of these fields, or of all that may be changed."""
    part = BY_KIND[entry.kind]
    declared = field_map(part.record)
    wanted = [key for key in _keys(part, keys or KEYS_EDIT.get(entry.kind)) if declared[key].merge is not Merge.ONCE]
    return Asked(
        part.record, kind_name(entry.kind), wanted,
        lambda values: case_parts.change_part(desk, entry.kind, entry.id, values),
        values=entry.values, name=f"{PART}{entry.kind}:{entry.id}", editors=_editors(page, entry.kind),
        finders={"provider_id": agency_finder(desk)},
    )  # fmt: skip


def keys_with(entry: Entry, values: Mapping[str, Any]) -> Sequence[str] | None:
    """The fields of the dialog that these values come from: the common change, or one that asked for them alone."""
    common = _keys(BY_KIND[entry.kind], KEYS_EDIT.get(entry.kind))
    return None if set(values) <= set(common) else tuple(values)


def may_change(kind: str) -> bool:
    """Whether there is anything to change in a record of this kind by the common dialog."""
    return kind not in case_parts.OWN_WAY and KEYS_EDIT.get(kind) != ()


def _keys(part: CasePart, keys: Sequence[str] | None) -> Sequence[str]:
    if keys is not None:
        return keys
    declared = field_map(part.record)
    links = [key for key in _LINKS if key in declared]
    return (*links, *(field.key for field in said_fields(part.record)))


def _given(desk: Desk, page: CasePage, part: CasePart) -> dict[str, Any]:
    """What stands in a new form: of now, about the first of those it can be about."""
    declared, given = field_map(part.record), dict(GIVEN.get(part.kind, {}))
    if part.at and declared[part.at].required:
        given[part.at] = desk.now() if declared[part.at].kind is Kind.DATETIME else desk.today().isoformat()
    people = _people(page, part.kind)
    if people and "person_id" in declared and WHO.get(part.kind) is None:
        given["person_id"] = people[0][0]
    return given


def _people(page: CasePage, kind: str) -> list[tuple[str, str]]:
    """(id, name) of those a record of this kind can be about."""
    roles = WHO.get(kind, ("VICTIM",))
    found = {p.person.id: p.person["name"] or "" for p in page.parties if not roles or p.party["role"] in roles}
    return list(found.items())


def _editors(page: CasePage, kind: str) -> Mapping[str, Callable[[FieldLike], Editor]]:
    people, goals = _people(page, kind), goals_of(page)
    return {"person_id": lambda _field: CodeEditor(people), "goal_id": lambda _field: CodeEditor(goals)}


def goals_of(page: CasePage) -> list[tuple[str, str]]:
    """(id, words) of the goals that are not over, of whom said in initials where the case has several victims."""
    names = {v.person.id: initials(v.person["name"]) for v in page.victims} if len(page.victims) > 1 else {}
    return [
        (goal.id, " \u00b7 ".join(part for part in (goal["goal"] or "", names.get(goal["person_id"], "")) if part))
        for goal in page.parts["goal"]
        if goal["state"] == "OPEN"
    ]
