"""The five steps of an intake: which fields of which record each asks for, and what their answers become."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.i18n import N_, _
from app.models.base import Record
from app.models.case import Case
from app.models.consent import Consent
from app.models.field import Field, field_map
from app.models.person import Person
from app.models.referral import Referral
from app.models.screening import Screening
from app.services.desk import Desk
from app.services.intake import Intake
from app.ui.field_editors import FieldLike
from app.ui.form import EMPTY, Form
from app.ui.form_tools import choices, tools_for
from app.ui.screens.refer_editors import RecipientEditor, recipient_search
from app.ui.widgets.editors import Editor
from app.ui.widgets.pick_codes import PickCodesEditor

Values = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """One form of the intake. `must` is filled in even when nothing was typed; others may stay empty altogether."""

    name: str
    title: str
    record: type[Record]
    keys: tuple[str, ...]
    layout: tuple[tuple[str, ...], ...]
    also: tuple[tuple[type[Record], str], ...] = ()  # fields of other records
    must: bool = False
    note: str = ""


@dataclass(frozen=True)
class StepPlan:
    """One step: its word in the bar, and its parts."""

    title: str
    parts: tuple[Part, ...]


REPORT = Part(
    "report", N_("The report"), Case,
    ("channel", "reporter_type", "reported_at", "exploitation", "recruitment_mode", "platform", "origin",
     "recruitment_place", "destination_country", "destination", "summary"),
    (("channel", "reported_at", "recruitment_mode", "origin", "destination_country"),
     ("reporter_type", "exploitation", "platform", "recruitment_place", "destination")),
    must=True,
)  # fmt: skip
VICTIM = Part(
    "victim", N_("Identity of the victim"), Person,
    ("name", "alias", "sex", "birth_date", "nik", "nationality", "region", "phone", "address", "age"),
    (("name", "sex", "nik", "region", "address"), ("alias", "birth_date", "nationality", "phone", "age")),
)  # fmt: skip
SCREENING = Part(
    "screening", N_("Screening"), Screening,
    ("process", "means", "purpose", "indicators", "conclusion", "reasoning"), (),
    note=N_("A person concludes; the program only weighs."),
)  # fmt: skip
SAFETY = Part(
    "safety", N_("Safety"), Person, ("contact_safety", "contact_note", "disability", "health"),
    (("risk", "contact_safety"), ("lead_worker", "contact_note")),
    also=((Case, "risk"), (Case, "lead_worker")), must=True,
)  # fmt: skip
CONSENT = Part(
    "consent", N_("Consent to share"), Consent, ("given_by", "method", "decision", "valid_until", "tiers", "note"),
    (("given_by", "decision"), ("method", "valid_until")),
)  # fmt: skip
REFERRAL = Part(
    "referral", N_("Referral"), Referral, ("to_agency", "reason", "urgency", "to_person", "services", "message"),
    (("to_agency", "urgency"), ("reason", "to_person")),
    note=N_("Leave it empty if nobody is to be asked now."),
)  # fmt: skip
STEPS = (
    StepPlan(N_("Report"), (REPORT,)),
    StepPlan(N_("Victim"), (VICTIM,)),
    StepPlan(N_("Screening"), (SCREENING,)),
    StepPlan(N_("Safety"), (SAFETY,)),
    StepPlan(N_("Consent & referral"), (CONSENT, REFERRAL)),
)
PARTS = tuple(part for step in STEPS for part in step.parts)
OF_CASE = ("risk", "lead_worker")  # asked among the questions of safety, kept in the case
_PICKED = ("exploitation", "indicators", "services", "disability")
_SUPPOSED: dict[str, Values] = {"victim": {"nationality": "ID"}, "consent": {"decision": "GIVEN"},
                                "referral": {"urgency": "DAY1"}}  # fmt: skip


def fields_of_part(part: Part) -> tuple[Field, ...]:
    """The declared fields of a part, those of other records first."""
    own = field_map(part.record)
    return (*(field_map(record)[key] for record, key in part.also), *(own[key] for key in part.keys))


def make_form(desk: Desk, part: Part, *, others: Callable[[], Mapping[str, Any]]) -> Form:
    """The form of a part; `others` gives what stands in it, for checks across fields."""
    fields = fields_of_part(part)
    more = fields[: len(part.also)]

    def services() -> Sequence[str]:
        return others().get("services") or ()

    picked: Mapping[str, Callable[[FieldLike], Editor]] = {
        **{key: lambda f: PickCodesEditor(choices(f.codelist or "")) for key in _PICKED},
        "to_agency": lambda _f: RecipientEditor(recipient_search(desk, asked=services)),
    }
    editors = {key: make for key, make in picked.items() if key in part.keys}
    return Form(
        fields, tools=tools_for(desk, part.record, more=more, others=others), layout=part.layout or None,
        editors=editors, show_tiers=part in (VICTIM, SAFETY),
    )  # fmt: skip


def supposed(desk: Desk, part: Part) -> Values:
    """What a form starts with; it does not count as an answer."""
    if part is REPORT:
        return {"reported_at": desk.now().replace(second=0, microsecond=0)}
    if part is SAFETY:
        return {"lead_worker": desk.actor.name}
    return dict(_SUPPOSED.get(part.name, {}))


def is_answered(part: Part, values: Mapping[str, Any]) -> bool:
    """Whether anybody answered anything in this part."""
    given = _SUPPOSED.get(part.name, {})
    return any(value not in EMPTY and given.get(key) != value for key, value in values.items())


def to_intake(answers: Mapping[str, Mapping[str, Any]], *, known: str = "") -> Intake:
    """What the service takes. `known` is the id of a person who is on this laptop already."""
    told = {name: _told(values) for name, values in answers.items()}
    safety = told["safety"]
    case = told["report"] | {key: value for key, value in safety.items() if key in OF_CASE}
    person = told["victim"] | {key: value for key, value in safety.items() if key not in OF_CASE}
    has_victim = bool(known) or is_answered(VICTIM, answers["victim"])
    consent: Values | None = None
    referral: Values | None = None
    if has_victim and is_answered(CONSENT, answers["consent"]):
        consent = {"purpose": "SHARE", **told["consent"]}
    if has_victim and answers["referral"].get("to_agency"):
        shared = consent.get("tiers", ()) if consent and consent.get("decision") == "GIVEN" else ()
        referral = {**told["referral"], "tiers": shared}
    return Intake(
        case=case,
        victim=known or (person if has_victim else None),
        screening=told["screening"] if has_victim and is_answered(SCREENING, answers["screening"]) else None,
        consent=consent,
        referral=referral,
    )


def _told(values: Mapping[str, Any]) -> Values:
    return {key: value for key, value in values.items() if value not in EMPTY}


def title_of(part: Part) -> str:
    """The heading over a part."""
    return _(part.title)
