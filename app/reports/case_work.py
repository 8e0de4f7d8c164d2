"""The parts of the case summary about the work: services, referrals, consents, the timeline, the closing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from app.i18n import N_, _, format_date, format_datetime
from app.models.codelist import label
from app.models.consent import ConsentEntry, has_ended
from app.models.referral import UNANSWERED
from app.reports.case_parts import moments
from app.reports.document import Badge, Block, Entry, Fields, Timeline, Tone, table
from app.reports.reading import Reading, local_day, split_long

Content = Mapping[str, Any]
Moment = tuple[datetime, Entry]

_CLOSING = ("closed_at", "close_reason", "reopened_at", "close_note")
_REFERRAL_COLUMNS = ("to_agency", "to_office", "reason", "urgency", "due_at", "consent_id")
_CONSENT_COLUMNS = ("decision", "decided_at", "given_by", "method", "purpose", "recipient")
_WIDTHS = (0.21, 0.2, 0.14, 0.15, 0.3)
DOT = " \u00b7 "


def services(reading: Reading) -> Iterator[Block]:
    """Every service with its state; what it was for and what came of it in the last column."""
    rows = []
    for _rid, service in reading.case.of("service"):
        one = partial(reading.value, "service", service)
        what = _joined(one("service_type"), _whom(reading, service))
        state = _lines(one("state"), reading.day("service", service, "done_at"))
        rest = reading.line("service", service, skip=("service_type", "state", "done_at", "due", "provider_id"))
        rows.append((what, one("provider_id"), reading.day("service", service, "due"), state, rest))
    if rows:
        yield table((_("Service"), _("Provider"), _("Due"), _("State"), _("Details")), rows, widths=_WIDTHS)


def referrals(reading: Reading) -> Iterator[Block]:
    """Every referral with where it stands today, computed from its events."""
    rows = []
    for referral_id, referral in reading.case.of("referral"):
        one = partial(reading.value, "referral", referral)
        rest = reading.line("referral", referral, skip=_REFERRAL_COLUMNS)
        rows.append((
            _joined(one("to_agency") or one("to_office"), _whom(reading, referral)),
            _joined(one("reason"), one("urgency")),
            reading.day("referral", referral, "due_at"),
            _state(reading, referral_id, referral),
            rest,
        ))  # fmt: skip
    if rows:
        yield table((_("To agency"), _("Reason"), _("Answer due"), _("State"), _("Details")), rows, widths=_WIDTHS)


def _state(reading: Reading, referral_id: str, referral: Content) -> str:
    """The present step and its day; an unanswered referral past its due day is 'No answer'."""
    state = reading.referral_state(referral_id)
    due = reading.moment("referral", referral, "due_at")
    late = state.step in UNANSWERED and due is not None and local_day(due) < reading.case.today
    step = label("referral_step", "NO_ANSWER" if late else state.step)
    return _lines(step, format_date(local_day(state.since), "medium") if state.since else "")


def consents(reading: Reading) -> Iterator[Block]:
    """Every decision: by whom, for what, for whom, what it opens, until when."""
    rows = []
    for _rid, consent in reading.case.of("consent"):
        one = partial(reading.value, "consent", consent)
        rows.append((
            _joined(one("purpose"), _whom(reading, consent)),
            one("recipient"),
            _lines(one("decision"), reading.day("consent", consent, "decided_at")),
            _lines(one("given_by"), one("method")),
            reading.line("consent", consent, skip=_CONSENT_COLUMNS),
        ))  # fmt: skip
    if rows:
        yield table((_("Purpose"), _("For whom"), _("Decision"), _("Given by"), _("Details")), rows, widths=_WIDTHS)


def withdrawn(reading: Reading, *, about: str = "") -> Iterator[Badge]:
    """A stamp where a person (`about`: this one) took back a consent to share, and has given no other that stands."""
    every = [(ConsentEntry.of(rid, dict(content)), content) for rid, content in reading.case.of("consent")]
    entries, today = [entry for entry, _content in every], reading.case.today.isoformat()
    shares = [one for one in every if one[0].purpose == "SHARE" and about in ("", one[0].person_id)]
    stands = {
        entry.person_id for entry, _content in shares
        if entry.decision == "GIVEN" and not has_ended(entry, entries, today=today)
    }  # fmt: skip
    taken = [content for e, content in shares if e.decision == "WITHDRAWN" and e.person_id not in stands]
    days = [when for content in taken if (when := reading.moment("consent", content, "decided_at"))]
    if days:
        date = format_date(local_day(max(days)), "medium")
        yield Badge(_("Consent withdrawn on {date}").format(date=date), Tone.DANGER)


def closing(reading: Reading, case: Content) -> Iterator[Block]:
    """When and why the case was closed or opened again."""
    known = dict(case)
    short, long = split_long(reading.pairs("case", {key: known[key] for key in _CLOSING if key in known}))
    if short:
        yield Fields(short)
    yield from long


def timeline(reading: Reading) -> Iterator[Block]:
    """Everything that has a moment, in one order: the report and its closing, and every part that says when it was."""
    found: list[Moment] = []
    for source in (_of_case, _of_screenings, _of_services, _of_referrals, _of_notes, moments):
        found += source(reading)
    if found:
        yield Timeline(tuple(entry for _at, entry in sorted(found, key=lambda item: item[0])))


def _of_case(reading: Reading) -> Iterator[Moment]:
    case = reading.case.case
    steps = (("reported_at", N_("Report"), "channel"), ("closed_at", N_("Closed"), "close_reason"),
             ("reopened_at", N_("Reopened"), ""))  # fmt: skip
    for key, name, detail in steps:
        at = reading.moment("case", case, key)
        if at:
            author = reading.author("case", case) if key == "reported_at" else ""
            yield at, _entry(at, _(name), who=author, text=reading.value("case", case, detail) if detail else "")


def _of_screenings(reading: Reading) -> Iterator[Moment]:
    for _rid, screening in reading.case.of("screening"):
        at = reading.moment("screening", screening, "concluded_at")
        if at:
            text = _joined(reading.value("screening", screening, "conclusion"), _whom(reading, screening))
            yield at, _entry(at, _("Screening"), who=reading.author("screening", screening), text=text)


def _of_services(reading: Reading) -> Iterator[Moment]:
    for _rid, service in reading.case.of("service"):
        at = reading.moment("service", service, "done_at")
        if at:
            text = _joined(reading.value("service", service, "service_type"), _whom(reading, service))
            yield at, _entry(at, _("Service"), who=reading.author("service", service), text=text)


def _of_referrals(reading: Reading) -> Iterator[Moment]:
    """A step that came too late to count is kept and says so."""
    for referral_id, referral in reading.case.of("referral"):
        late = reading.referral_state(referral_id).late
        to = reading.value("referral", referral, "to_agency") or reading.value("referral", referral, "to_office")
        for event_id, event in reading.case.of("referral_event"):
            at = reading.moment("referral_event", event, "at")
            if event.get("referral_id") != referral_id or at is None:
                continue
            rest = reading.line("referral_event", event, skip=("step", "at"))
            step = reading.value("referral_event", event, "step")
            text = _joined(step, to, rest, _("came too late to count") if event_id in late else "")
            yield at, _entry(at, _("Referral"), who=reading.author("referral_event", event), text=text)


def _of_notes(reading: Reading) -> Iterator[Moment]:
    for _rid, note in reading.case.of("note"):
        at = reading.moment("note", note, "at")
        if at:
            kind = reading.value("note", note, "note_kind") or _("Note")
            text = reading.value("note", note, "text")
            yield at, _entry(at, kind, who=reading.author("note", note), text=text)


def _entry(at: datetime, what: str, *, who: str, text: str) -> Entry:
    return Entry(format_datetime(at), what, who, text)


def _whom(reading: Reading, content: Content) -> str:
    """Of whom a record speaks, where there is more than one victim."""
    person = content.get("person_id")
    return reading.person(person) if person and len(reading.victims) > 1 else ""


def _joined(*parts: str) -> str:
    return DOT.join(part for part in parts if part)


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)
