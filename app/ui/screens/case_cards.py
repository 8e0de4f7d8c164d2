"""The entries of a case as cards show them: words only, made from the frozen values of a CasePage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from PySide6.QtWidgets import QPushButton

from app.i18n import _, format_datetime
from app.models.base import KINDS, Record
from app.models.case_parts import BY_KIND
from app.models.codelist import label
from app.models.consent import Consent
from app.models.dates import show_date
from app.models.field import Field, Kind, said_fields
from app.models.names import initials
from app.models.person import Party, Person
from app.models.said import headline
from app.models.service import Service
from app.services import directory
from app.services.case_page import CasePage, PartyItem
from app.services.conflicts import Sides
from app.services.desk import Desk
from app.services.entries import Entry
from app.services.referrals import ReferralItem
from app.ui import presenting
from app.ui.presenting import Said
from app.ui.screens.case_shown import Shown
from app.ui.theme import Tone
from app.ui.widgets.entry_card import ChipWords, EntryView, Fact

Facts = list[tuple[str, str] | Fact]
Actions = Sequence[QPushButton]


def chip(said: Said) -> ChipWords:
    """A word as a chip."""
    return said.words, said.tone, said.mark


def facts_of(record: type[Record], entry: Entry, *, leave_out: Sequence[str] = ()) -> Facts:
    """(label, words) of everything an entry says, in the order of its declaration; links and who entered it aside."""
    found: Facts = []
    for field in said_fields(record):
        if field.key not in leave_out and field.kind is not Kind.REF:
            words = presenting.spoken_text(field, entry.values)
            if words:
                found.append(Fact(_(field.label), words, _seal(field, entry[field.key])))
    return found


def _seal(field: Field, value: object) -> str:
    return "" if not field.sealed else "hidden" if presenting.is_hidden(value) else "open"


def meta_of(entry: Entry) -> str:
    """'20 Nov 2026 15.42 · Siti Rahma'."""
    return " \u00b7 ".join(part for part in (format_datetime(entry.made_at), entry.made_by) if part)


def mark_of(entry: Entry) -> ChipWords:
    """Whether the centre has it."""
    return chip(presenting.sync_mark(entry.sent))


def who(page: CasePage, person_id: str | None, *, names: bool) -> str:
    """The name of somebody in the case, or only initials."""
    found = next((p.person["name"] for p in page.parties if p.person.id == person_id), "")
    return (found if names else initials(found)) or ""


def person_card(item: PartyItem, *, today: date, names: bool, actions: Actions = ()) -> EntryView:
    """A person with their part; without `names` no more than initials, sex, age and place."""
    person, party = item.person, item.party
    name = person["name"] or ""
    role = (label("party_role", party["role"]), Tone.INFO if party["role"] == "VICTIM" else Tone.NEUTRAL, "")
    chips = [role]
    if item.other_cases:
        cases = ", ".join(item.other_cases)
        chips.append((_("Also in {cases}").format(cases=cases), Tone.WARN, "warning"))
    facts = facts_of(Person, person, leave_out=("name", "sex", "birth_date", "age")) if names else []
    facts += facts_of(Party, party, leave_out=("role",))
    born: Facts = [(_("Date of birth"), show_date(person["birth_date"]))] if names else []
    return EntryView(
        name if names else initials(name),
        chips,
        [*born, *facts],
        presenting.person_line(person.values, today),
        meta_of(person),
        mark_of(person) if person.sent == party.sent else mark_of(party if person.sent else person),
        actions,
    )


def part_card(shown: Shown, entry: Entry, actions: Actions = (), *, chips: Sequence[ChipWords] = ()) -> EntryView:
    """Any part of a case by its declaration: its headline, whom it is about, and everything it says."""
    part = BY_KIND[entry.kind]
    title = headline(part, entry.__getitem__)
    seen = tuple(key for key in part.headline if entry[key] not in (None, "", ()))
    return EntryView(
        title, chips, [*links_of(shown, entry), *facts_of(part.record, entry, leave_out=seen)], "",
        meta_of(entry), mark_of(entry), actions,
    )  # fmt: skip


def links_of(shown: Shown, entry: Entry) -> Facts:
    """Whom an entry is about, for which goal, by which provider: names of other records."""
    goal = next((g["goal"] for g in shown.page.parts["goal"] if g.id == entry["goal_id"]), None)
    provider = entry["provider_id"]
    about = who(shown.page, entry["person_id"], names=shown.names)
    found: Facts = [(_("Person"), about), (_("For the goal"), goal or "")]
    if provider:
        agency = next((a["name"] for a in directory.agencies(shown.place.desk) if a.id == provider), "")
        found.append((_("Provider"), agency or ""))
    return found


def service_card(shown: Shown, entry: Entry, actions: Actions = ()) -> EntryView:
    """A service with its state and its due date."""
    tones = {"PLANNED": (Tone.INFO, ""), "DONE": (Tone.GOOD, "check"), "CANCELLED": (Tone.NEUTRAL, "cross")}
    tone, sign = tones.get(entry["state"] or "", (Tone.NEUTRAL, ""))
    chips: list[ChipWords] = [(label("service_state", entry["state"]), tone, sign)]
    planned = entry["state"] == "PLANNED"
    if planned and entry["due"]:
        chips.append(chip(presenting.due(entry["due"], shown.place.desk.today())))
    facts = links_of(shown, entry)
    facts += facts_of(Service, entry, leave_out=("service_type", "state", "due" if planned else ""))
    title = label("service_type", entry["service_type"])
    return EntryView(title, chips, facts, "", meta_of(entry), mark_of(entry), actions)


def referral_card(item: ReferralItem, *, now: datetime, actions: Actions = ()) -> EntryView:
    """A referral: to whom or from whom, where it stands, when an answer is due."""
    entry = item.entry
    title = _("To {office}") if item.outgoing else _("From {office}")
    chips = [chip(presenting.referral_state(item.state, sent=item.sent))]
    if item.state in ("SENT", "DELIVERED", "NO_ANSWER"):
        chips.append(chip(presenting.due_moment(item.due_at, now)))
    facts = [
        (_("Reason"), label("referral_reason", entry["reason"])),
        (_("Urgency"), label("referral_urgency", entry["urgency"])),
        (_("What is shared"), ", ".join(label("tier", tier) for tier in entry["tiers"] or ())),
        (_("Since"), presenting.when(item.since, now)),
    ]
    mark = chip(presenting.sync_mark(item.sent))
    return EntryView(title.format(office=item.other), chips, facts, "", meta_of(entry), mark, actions)


def consent_card(shown: Shown, entry: Entry, actions: Actions = ()) -> EntryView:
    """A decision about one purpose; a withdrawn one says so."""
    tones = {"GIVEN": (Tone.GOOD, "check"), "REFUSED": (Tone.DANGER, "cross"), "WITHDRAWN": (Tone.DANGER, "cross")}
    tone, sign = tones.get(entry["decision"] or "", (Tone.NEUTRAL, ""))
    chips: list[ChipWords] = [(label("consent_decision", entry["decision"]), tone, sign)]
    if is_withdrawn(shown.page, entry):
        chips = [(label("consent_decision", "WITHDRAWN"), Tone.DANGER, "cross")]
    for_whom = dict(recipients(shown.place.desk)).get(entry["recipient"], "") if entry["recipient"] else ""
    facts: Facts = [(_("Person"), who(shown.page, entry["person_id"], names=shown.names)), (_("For whom"), for_whom)]
    facts += facts_of(Consent, entry, leave_out=("purpose", "decision"))
    title = label("consent_purpose", entry["purpose"])
    return EntryView(title, chips, facts, "", meta_of(entry), mark_of(entry), actions)


def is_withdrawn(page: CasePage, consent: Entry) -> bool:
    """Whether a later entry withdraws this consent."""
    return any(entry["withdraws"] == consent.id for entry in page.consents)


def note_card(shown: Shown, entry: Entry, actions: Actions = ()) -> EntryView:
    """A dated note."""
    title = label("note_kind", entry["note_kind"])
    when = presenting.when(entry["at"], shown.place.now())
    facts: Facts = [(_("Person"), who(shown.page, entry["person_id"], names=shown.names))]
    return EntryView(
        f"{title} \u00b7 {when}", (), facts, entry["text"] or "", meta_of(entry), mark_of(entry), actions
    )  # fmt: skip


def is_unseen(sides: Sides) -> bool:
    """Whether a side of a conflict cannot be read here: nobody chooses between what they do not see."""
    return presenting.is_hidden(sides.kept) or presenting.is_hidden(sides.other)


def conflict_card(entry: Entry, sides: Sides, *, now: datetime, actions: Actions = ()) -> EntryView:
    """A field that two people changed: both values, who and when."""
    record = KINDS.get(entry["about_kind"] or "")
    name = _(sides.field.label) if sides.field else entry["about_field"] or ""
    kind = presenting.kind_of(record.kind).words if record else ""

    def told(name: str, value: object, by: str, at: datetime | None) -> Fact:
        words = presenting.value_text(sides.field, value) if sides.field else str(value)
        signed = " \u00b7 ".join(part for part in (by, presenting.when(at, now)) if part)
        seal = _seal(sides.field, value) if sides.field else ""
        return Fact(name, f"{words or presenting.NOTHING}\n{signed}", seal)

    facts = [
        told(_("Centre"), sides.kept, sides.kept_by, sides.kept_at),
        told(_("Other value"), sides.other, sides.other_by, sides.other_at),
    ]
    chips: list[ChipWords] = [(_("Conflict"), Tone.WARN, "warning")]
    words, meta = _("Both stay in the history, whichever you choose."), ""
    if entry["settled"]:
        chips = [(label("conflict_choice", entry["settled"]), Tone.GOOD, "check")]
        words, meta = "", _("Chosen by {name}").format(name=entry["settled_by"] or presenting.NOTHING)
    if is_unseen(sides):
        words, actions = _("Both values are sealed: somebody who may read them has to choose."), ()
    return EntryView(f"{kind}: {name}", chips, facts, words, meta, None, actions)


def recipients(desk: Desk) -> list[tuple[str, str]]:
    """(office or agency id, name) of everybody a consent can be for."""
    return [(a["office_id"] or a.id, a["name"] or "") for a in directory.agencies(desk)]
