"""The case summary: two pages that tell a reader who is concerned, what happened, what was done and on whose consent.

The parts about the persons and the facts are here, those about the work in app/reports/case_work.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from app.i18n import N_, _, format_date, format_datetime, language
from app.models.all import KINDS
from app.models.codelist import label
from app.models.field import Tier, field_map
from app.reports.case_parts import of_section
from app.reports.case_work import closing, consents, referrals, services, timeline, withdrawn
from app.reports.document import (
    Badge,
    Block,
    Columns,
    Document,
    Fields,
    Heading,
    Letterhead,
    Marks,
    Notice,
    Paragraph,
    Route,
    Section,
    Signatures,
    Stop,
    Tone,
    table,
)
from app.reports.reading import Reading, local_day, split_long
from app.reports.redaction import NEEDS_CONSENT, Profile, Release, allowed_tiers

Content = Mapping[str, Any]

_RISK_TONES = {"HIGH": Tone.DANGER, "UNASSESSED": Tone.DANGER, "MEDIUM": Tone.WARNING, "LOW": Tone.GOOD}
_ROUTE = ("origin", "transit", "destination_country", "destination", "transport")
_CLOSING = ("closed_at", "close_reason", "close_note", "reopened_at")
_FACTS = ("exploitation", "recruitment_mode", "recruitment_place", "platform", "control")
LONGEST_TITLE, LONGEST_PLACE = 60, 120  # characters; what is longer would not fit on a page when drawn as one piece
_ELEMENTS = ("process", "means", "purpose")


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What a summary says about itself: for whom, for what, by whom, when.

    `now` is aware; `status` is a code of `case_status`; `recipient` and `purpose` are words of a person; `left_out`
    names sections (keys of SECTIONS) that are not wanted.
    """

    recipient: str
    purpose: str
    export_id: str
    worker: str
    now: datetime
    supervisor: str = ""
    place: str = ""
    status: str = ""
    left_out: frozenset[str] = frozenset()
    letterhead: Letterhead | None = None


# What may be left out by choice; what the document says about itself always stands.
SECTIONS: dict[str, str] = {
    "victims": N_("Victims"),
    "account": N_("What happened"),
    "elements": N_("Elements of trafficking"),
    "others": N_("Other persons"),
    "plan": N_("Needs and goals"),
    "services": N_("Services"),
    "safety": N_("Safety plan"),
    "referrals": N_("Referrals"),
    "legal": N_("Legal"),
    "restitution": N_("Restitution"),
    "empowerment": N_("Empowerment"),
    "consents": N_("Consent"),
    "office": N_("Conferences, approvals and tasks"),
    "closing": N_("Closing"),
    "timeline": N_("Timeline"),
    "signatures": N_("Signatures"),
}


def case_summary(reading: Reading, *, release: Release, occasion: Occasion) -> Document:
    """The summary of an already reduced case, in the language of the running code."""
    case = reading.case.case
    blocks = {
        **case_blocks(reading),
        "about": about(reading, release=release),
        "signatures": iter((signatures(occasion),)),
    }  # nothing is read, and nothing counts as said, before it is wanted
    sections = [
        Section(_(SECTIONS.get(key, N_("About this document"))), tuple(found))
        for key, found in blocks.items() if key not in occasion.left_out
    ]  # fmt: skip
    return Document(
        language=language(),
        kind=_("Case summary"),
        title=_title(reading, case, release=release),
        badges=tuple(_badges(reading, case, status=occasion.status)),
        strip=Fields(tuple(_strip(reading, case)), columns=4),
        sections=tuple(section for section in sections if section.blocks),
        marks=marks_of(occasion, release.profile),
    )


def case_blocks(reading: Reading) -> dict[str, Iterator[Block]]:
    """The case itself by section, in the order of reading; nothing is read before a section is asked for."""
    case = reading.case.case
    return {
        "victims": _victims(reading),
        "account": _account(reading, case),
        "elements": _elements(reading),
        "others": _others(reading),
        "plan": of_section(reading, "plan"),
        "services": services(reading),
        "safety": of_section(reading, "safety"),
        "referrals": chain(referrals(reading), of_section(reading, "referrals")),
        "legal": of_section(reading, "legal"),
        "restitution": of_section(reading, "restitution"),
        "empowerment": of_section(reading, "empowerment"),
        "consents": consents(reading),
        "office": of_section(reading, "office"),
        "closing": closing(reading, case),
        "timeline": timeline(reading),
    }


def _title(reading: Reading, case: Content, *, release: Release) -> str:
    """The case number; one too long for a title is cut here and printed whole in the strip."""
    if release.profile is Profile.STATISTICS:
        return _("One case, without identity")
    number = reading.value("case", case, "number")
    return number[:LONGEST_TITLE] or _("Case without a number")


def _badges(reading: Reading, case: Content, *, status: str) -> Iterator[Badge]:
    risk = reading.value("case", case, "risk")
    if risk:
        yield Badge(_("Risk: {level}").format(level=risk), _RISK_TONES.get(case["risk"], Tone.PLAIN))
    if status:
        yield Badge(label("case_status", status))
    yield from withdrawn(reading)


def _strip(reading: Reading, case: Content) -> Iterator[tuple[str, str]]:
    """Who reported what when to whom: the fields of the case that belong to no other part."""
    skip: tuple[str, ...] = ("risk", "summary", *_ROUTE, *_CLOSING, *_FACTS)
    if len(str(case.get("number", ""))) <= LONGEST_TITLE:
        skip += ("number",)
    yield from reading.pairs("case", case, skip=skip)
    if office := reading.value("case", case, "made_office") and reading.office(reading.case.office):
        yield _("Office"), office


def _victims(reading: Reading) -> Iterator[Block]:
    parties = {str(content.get("person_id")): content for _rid, content in reading.case.of("party")
               if content.get("role") == "VICTIM"}  # fmt: skip
    for person_id in reading.victims:
        person = reading.person_content(person_id)
        facts = [reading.value("person", person, "sex"), reading.age(person)]
        yield Heading(reading.person(person_id), " \u00b7 ".join(fact for fact in facts if fact))
        skip = ("name", "sex") if person.get("birth_date") else ("name", "sex", "age")
        short, long = split_long(reading.pairs("person", person, skip=skip))
        role, long_role = split_long(reading.pairs("party", parties[person_id], skip=("role",)))
        if short or role:
            yield Fields(short + role)
        yield from long + long_role


def _account(reading: Reading, case: Content) -> Iterator[Block]:
    route = _route(reading, case)
    if any(len(stop.place) > LONGEST_PLACE for stop in route.stops):
        yield from (Paragraph(stop.place, stop.label) for stop in route.stops)
    elif route.stops:
        yield route
    facts, long_facts = split_long(_some(reading, "case", case, keys=_FACTS))
    if facts:
        yield Fields(facts)
    yield from long_facts
    summary = reading.value("case", case, "summary")
    if summary:
        yield Paragraph(summary)


def _route(reading: Reading, case: Content) -> Route:
    """Origin, transit and destination, as far as they are known; the destination's country stands with its place."""
    end = [reading.value("case", case, "destination"), reading.value("case", case, "destination_country")]
    stops = (
        Stop(_("Origin"), reading.value("case", case, "origin")),
        Stop(_("Transit"), reading.value("case", case, "transit")),
        Stop(_("Destination"), ", ".join(part for part in end if part)),
    )
    known = tuple(stop for stop in stops if stop.place)
    return Route(known, reading.value("case", case, "transport"))


def _some(reading: Reading, kind: str, content: Content, *, keys: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    known = field_map(KINDS[kind])
    for key in keys:
        words = reading.value(kind, content, key)
        if words:
            yield _(known[key].label), words


def _elements(reading: Reading) -> Iterator[Block]:
    """The latest screening of each person; earlier ones are in the timeline."""
    latest = {content.get("person_id"): content for _rid, content in sorted(
        reading.case.of("screening"), key=lambda row: (row[1].get("concluded_at") or 0, row[0])
    )}  # fmt: skip
    for person_id, content in latest.items():
        conclusion = reading.value("screening", content, "conclusion")
        if conclusion or len(latest) > 1:
            yield Heading(conclusion or reading.person(person_id), reading.person(person_id) if conclusion else "")
        yield Columns(tuple(
            (_(field_map(KINDS["screening"])[key].label), _codes(reading, content, key)) for key in _ELEMENTS
        ))  # fmt: skip
        short, long = split_long(reading.pairs("screening", content, skip=(*_ELEMENTS, "conclusion")))
        if short:
            yield Fields(short)
        yield from long


def _codes(reading: Reading, content: Content, key: str) -> tuple[str, ...]:
    """The labels of a set of codes one by one; a dash if none was seen."""
    if not reading.value("screening", content, key):
        return ("\u2013",)
    codelist = field_map(KINDS["screening"])[key].codelist
    return tuple(label(codelist, code) for code in content[key])


def _others(reading: Reading) -> Iterator[Block]:
    """Suspects, witnesses and family: name, role, and everything else known in one line."""
    rows = []
    for _rid, party in reading.case.of("party"):
        if party.get("role") == "VICTIM":
            continue
        person = reading.person_content(party.get("person_id"))
        details = (reading.line("party", party, skip=("role",)), reading.line("person", person, skip=("name",)))
        role = reading.value("party", party, "role")
        rows.append((reading.person(party.get("person_id")), role, " \u00b7 ".join(part for part in details if part)))
    if rows:
        yield table((_("Name"), _("Role"), _("Details")), rows, widths=(0.24, 0.16, 0.6))


def about(reading: Reading, *, release: Release) -> Iterator[Block]:
    """What was left out, and which fields hold two values: a reader must know what this paper is not."""
    allowed = allowed_tiers(release)
    missing = [label("tier", tier) for tier in Tier if tier not in allowed]
    if missing:
        yield Notice(
            _("Prepared for: {profile}. Left out on purpose: {tiers}.").format(
                profile=label("redaction_profile", release.profile), tiers=", ".join(missing)
            )
        )
    let_out = tuple(name for name in reading.said if name in release.released)
    if let_out and release.profile in NEEDS_CONSENT:
        fields_let_out = ", ".join(dict.fromkeys(_labels(let_out)))
        yield Notice(_("Released by hand all the same: {fields}.").format(fields=fields_let_out))
    withheld = tuple(n for n in reading.case.withheld if _tier(n) in allowed or n in release.released)
    if withheld:
        yield Notice(
            _("Sealed for whoever made this document and left out: {fields}.").format(
                fields=", ".join(dict.fromkeys(_labels(withheld)))
            )
        )
    if reading.case.damaged:
        yield Notice(
            _("Damaged in the record and not printed: {fields}.").format(
                fields=", ".join(dict.fromkeys(_labels(reading.case.damaged)))
            )
        )
    fields = []
    for _rid, conflict in reading.case.of("conflict"):
        if not conflict.get("settled"):
            about = field_map(KINDS[conflict["about_kind"]])[conflict["about_field"]]
            fields.append(_(about.label))
    if fields:
        yield Notice(
            _("Two values are recorded for: {fields}. The one the centre kept is printed; the other waits in Naungan.")
            .format(fields=", ".join(dict.fromkeys(fields)))
        )  # fmt: skip


def _tier(name: str) -> str:
    """The tier of 'person.health'; '' for a field that nobody here knows."""
    kind, key = name.split(".")
    field = field_map(KINDS[kind]).get(key) if kind in KINDS else None
    return field.tier if field else ""


def _labels(names: tuple[str, ...]) -> Iterator[str]:
    """'Date of birth' for 'person.birth_date'."""
    for name in names:
        kind, key = name.split(".")
        yield _(field_map(KINDS[kind])[key].label)


def signatures(occasion: Occasion) -> Signatures:
    """Room for whoever prepared it and for the supervisor."""
    place = occasion.place or "." * 30
    day = format_date(local_day(occasion.now))
    return Signatures(
        f"{place}, {day}", ((_("Prepared by"), occasion.worker), (_("Case supervisor"), occasion.supervisor))
    )


def marks_of(occasion: Occasion, profile: Profile) -> Marks:
    """What stands on every page; whose copy it is lies behind the text of what leaves the office."""
    made = format_datetime(occasion.now, with_zone=True)
    lines = (
        _("For {recipient} \u00b7 {purpose}").format(recipient=occasion.recipient, purpose=occasion.purpose)
        if occasion.recipient
        else occasion.purpose,
        _("Export {export_id} \u00b7 {date} \u00b7 {worker} \u00b7 Confidential").format(
            export_id=occasion.export_id, date=made, worker=occasion.worker
        ),
    )
    watermark = "" if profile is Profile.INTERNAL else f"{occasion.recipient} \u00b7 {made}"
    return Marks(occasion.export_id, tuple(line for line in lines if line), watermark)
