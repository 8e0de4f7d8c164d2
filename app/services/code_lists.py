"""The lists an office may change: what it adds, renames and retires. Nothing is deleted, and no law goes out of use."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import select

from app.errors import Conflicted, Invalid
from app.i18n import N_, _
from app.models.base import KINDS
from app.models.code_entry import CodeEntry
from app.models.codelist import Code, codelist, overlay
from app.models.deadline_rules import codes_named
from app.models.field import fields_of
from app.models.journal import Changes
from app.models.permission import Permission
from app.services.desk import Desk, Saved
from app.services.validate import cleaned

# Lists that only name things. Those the program reckons with (steps, states, roles, tiers) are not to be changed.
EDITABLE: dict[str, str] = {
    "legal_stage": N_("Stages of the law"),
    "service_type": N_("Services"),
    "needs_domain": N_("Needs"),
    "note_kind": N_("Kinds of note"),
    "hearing_kind": N_("Kinds of hearing"),
    "flag_reason": N_("Reasons for a flag"),
    "referral_reason": N_("Reasons for a referral"),
    "referral_decline_reason": N_("Reasons for declining"),
    "case_closure_reason": N_("Reasons for closing"),
    "transfer_reason": N_("Reasons for a transfer"),
    "empowerment_type": N_("Opportunities"),
    "empowerment_outcome": N_("Outcomes of empowerment"),
    "report_channel": N_("Channels of a report"),
    "reporter_type": N_("Who reports"),
    "recruitment_mode": N_("Ways of recruiting"),
    "recruitment_place": N_("Places of recruiting"),
    "digital_platform": N_("Digital platforms"),
    "control_method": N_("Ways of holding somebody"),
    "transport_mode": N_("Means of transport"),
    "document_control": N_("Who holds papers"),
    "vulnerability_factor": N_("Vulnerabilities"),
    "occupation": N_("Occupations"),
    "education_level": N_("Levels of education"),
    "agency_type": N_("Kinds of agency"),
}
_CODE = re.compile(r"[A-Z][A-Z0-9_.]{0,38}")
_OWN = "OWN."  # before every code an office makes: a shipped one may take the plain word later


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One entry of a list, as the office has it."""

    code: str
    label_id: str
    label_en: str
    retired: bool
    is_own: bool
    in_rules: bool  # a deadline names it: it may be renamed, not retired


def entries(name: str) -> tuple[CodeLine, ...]:
    """A list whole, retired entries included, in its order. Conflicted for one that is not to be changed."""
    _editable(name)
    named = _named(name)
    return tuple(
        CodeLine(one.code, one.label_id, one.label_en, one.retired, one.is_own, one.code in named)
        for one in codelist(name).codes
    )


def add_code(desk: Desk, name: str, *, label_id: str, label_en: str) -> Saved:
    """A new entry; its code is made from the Indonesian words and never changes."""
    _editable(name)
    taken = {one.code for one in codelist(name).codes}
    words = {one.label_id.casefold() for one in codelist(name).codes}
    if label_id.strip().casefold() in words:
        _refuse("label_id", _("This list has an entry of that name already."))
    return _put(desk, name, _new_code(label_id, taken), {"label_id": label_id, "label_en": label_en, "retired": None})


def rename_code(desk: Desk, name: str, code: str, *, label_id: str, label_en: str) -> Saved:
    """Other words for an entry; every record that holds it shows them."""
    known = _known(name, code)
    return _put(desk, name, code, {"label_id": label_id, "label_en": label_en, "retired": known.retired or None})


def retire_code(desk: Desk, name: str, code: str) -> Saved:
    """Offer an entry no more; records that hold it keep it. Conflicted for one that a deadline stands on."""
    known = _known(name, code)
    if code in _named(name):
        raise Conflicted(_("A deadline depends on this entry: it may be renamed, not retired."))
    return _put(desk, name, code, {"label_id": known.label_id, "label_en": known.label_en, "retired": True})


def offer_code(desk: Desk, name: str, code: str) -> Saved:
    """Offer a retired entry again."""
    known = _known(name, code)
    return _put(desk, name, code, {"label_id": known.label_id, "label_en": known.label_en, "retired": None})


def load(desk: Desk) -> None:
    """Take in what the workspace holds; a list that is not to be changed here stays as it is shipped."""
    with desk.engine.connect() as connection:
        rows = connection.execute(
            select(CodeEntry.codelist, CodeEntry.code, CodeEntry.label_id, CodeEntry.label_en, CodeEntry.retired)
            .order_by(CodeEntry.id)
        ).all()  # fmt: skip
    overlay(
        (name, code, label_id or "", label_en or "", bool(retired) and code not in _named(name))
        for name, code, label_id, label_en, retired in rows
        if name in EDITABLE and code
    )


def watch(desk: Desk) -> None:
    """Take it in now, and after every change of it, by whoever."""

    def hear(changes: Changes) -> None:
        if CodeEntry.kind in changes.kinds:
            load(desk)

    load(desk)
    desk.listeners.append(hear)


def forget() -> None:
    """The workspace is closed: the lists are as they are shipped."""
    overlay(())


def _named(name: str) -> frozenset[str]:
    """The codes of a list that a rule names, with the groups they stand for."""
    keys = {f.key for kind in KINDS.values() for f in fields_of(kind) if f.codelist == name}
    named = {value for key, value in codes_named() if key in keys}
    return frozenset(
        one.code for one in codelist(name).codes if any(one.code == v or one.code.startswith(f"{v}.") for v in named)
    )


def _put(desk: Desk, name: str, code: str, values: dict[str, object]) -> Saved:
    clean = cleaned(CodeEntry, {"codelist": name, "code": code, **values})
    unit = desk.write(Permission.MANAGE_LISTS)
    with unit as session:
        wanted = select(CodeEntry).where(CodeEntry.codelist == name, CodeEntry.code == code)
        held = session.scalar(wanted.order_by(CodeEntry.id.desc()).limit(1))
        if held is None:
            held = CodeEntry(**clean)
            session.add(held)
        else:
            for key in ("label_id", "label_en", "retired"):
                setattr(held, key, clean[key])
    return Saved(held.id, unit.changes)


def _editable(name: str) -> None:
    if name not in EDITABLE:
        raise Conflicted(_("The program reckons with this list; it is not to be changed."))


def _known(name: str, code: str) -> Code:
    _editable(name)
    found = next((one for one in codelist(name).codes if one.code == code), None)
    if found is None:
        raise Conflicted(_("This entry is not in the list any more."))
    return found


def _new_code(words: str, taken: set[str]) -> str:
    plain = re.sub(r"[^A-Z0-9]+", "_", words.upper()).strip("_")[:28]
    code, n = f"{_OWN}{plain or 'X'}", 1
    while code in taken:
        n += 1
        code = f"{_OWN}{plain or 'X'}_{n}"
    if not _CODE.fullmatch(code):
        _refuse("label_id", _("Write the words with letters."))
    return code


def _refuse(key: str, sentence: str) -> None:
    raise Invalid(_("Not saved: {sentence}").format(sentence=sentence), [(key, sentence)])
