"""Records in words for the screen: every state as a word, a tone and a sign, so that colour never speaks alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.i18n import N_, _, format_day, format_number, format_time, ngettext, zone
from app.models import said
from app.models.codelist import label
from app.models.dates import is_child, show_age, show_date
from app.models.kind_names import kind_name
from app.models.person import estimated_on
from app.models.regions import region_path
from app.services.case_page import victims_line
from app.ui.theme import Tone

NOTHING = "\u2014"
# the same words as in the timeline and on paper
is_hidden, hidden_words, value_text = said.is_hidden, said.hidden_words, said.value_words
spoken_text = said.spoken_words  # where a record's values are at hand: a telephone number says whether it is safe


@dataclass(frozen=True, slots=True)
class Said:
    """A word, what its colour means, and the drawn sign before it."""

    words: str
    tone: Tone = Tone.NEUTRAL
    mark: str = ""


_RISKS = {
    "HIGH": (Tone.DANGER, "warning"), "MEDIUM": (Tone.WARN, ""), "LOW": (Tone.GOOD, ""),
    "UNASSESSED": (Tone.DANGER, "warning"),
}  # fmt: skip
_STATUSES = {
    "REPORTED": Tone.WARN, "SCREENED": Tone.INFO, "ASSESSED": Tone.INFO, "IN_SERVICE": Tone.INFO,
    "FOLLOW_UP": Tone.GOOD, "CLOSING": Tone.NEUTRAL, "CLOSED": Tone.NEUTRAL, "REOPENED": Tone.WARN,
}  # fmt: skip
_STEPS = {
    "DRAFT": (Tone.NEUTRAL, ""), "SENT": (Tone.INFO, ""), "DELIVERED": (Tone.INFO, ""),
    "ACCEPTED": (Tone.GOOD, "check"), "IN_PROGRESS": (Tone.GOOD, ""), "COMPLETED": (Tone.GOOD, "check"),
    "DECLINED": (Tone.DANGER, "cross"), "RETURNED": (Tone.WARN, ""), "WITHDRAWN": (Tone.NEUTRAL, ""),
    "NO_ANSWER": (Tone.DANGER, "warning"),
}  # fmt: skip
_TONES = {
    "screening": Tone.WARN, "assessment": Tone.WARN, "service": Tone.INFO, "goal": Tone.INFO, "referral": Tone.GOOD,
    "referral_event": Tone.GOOD, "consent": Tone.GOOD, "approval": Tone.GOOD, "conflict": Tone.DANGER,
    "safety_plan": Tone.DANGER, "flag": Tone.DANGER, "legal_step": Tone.INFO, "hearing": Tone.INFO,
    "transfer_event": Tone.WARN,
}  # fmt: skip
_SHORTER = {  # where the line itself says the rest
    "case": N_("Report"), "party": N_("Person"), "referral_event": N_("Referral"), "transfer_event": N_("Transfer"),
}  # fmt: skip


def conflicts_words(count: int) -> str:
    """'3 beda isi menunggu pilihan'."""
    words = ngettext("{n} conflict waits for a choice", "{n} conflicts wait for a choice", count)
    return words.format(n=format_number(count))


def days_words(days: int) -> str:
    """'9 hari tanpa sinkron'."""
    return ngettext("{n} day without sync", "{n} days without sync", days).format(n=format_number(days))


def risk(code: str, *, long: bool = False) -> Said:
    """'Tinggi', or 'Risiko tinggi' when it stands alone."""
    tone, sign = _RISKS.get(code, (Tone.NEUTRAL, ""))
    words = label("risk_level", code)
    if long and words:
        words = _("{level} risk").format(level=words)
        words = words[:1].upper() + words[1:].lower()
    return Said(words or NOTHING, tone, sign)


def status(code: str) -> Said:
    """'Dalam layanan'."""
    return Said(label("case_status", code) or NOTHING, _STATUSES.get(code, Tone.NEUTRAL))


def due(iso: str | None, today: date) -> Said:
    """'Hari ini', 'Besok', '26 Nov', 'Terlambat 2 hari', or a dash when nothing is due."""
    if not iso or "?" in iso:
        return Said(show_date(iso) or NOTHING)
    day = date.fromisoformat(iso)
    days = (today - day).days
    if days > 0:
        late = ngettext("{n} day overdue", "{n} days overdue", days).format(n=format_number(days))
        return Said(late, Tone.DANGER, "warning")
    return Said(format_day(day, today), Tone.WARN if days == 0 else Tone.NEUTRAL, "")


def due_moment(moment: datetime | None, now: datetime) -> Said:
    """The same for a moment: within the day the time stands there too."""
    if moment is None:
        return Said(NOTHING)
    local = moment.astimezone(zone())
    today = now.astimezone(zone()).date()
    if moment < now and local.date() == today:
        return Said(_("Overdue since {time}").format(time=format_time(moment)), Tone.DANGER, "warning")
    said = due(local.date().isoformat(), today)
    return Said(f"{said.words} {format_time(moment)}", said.tone, said.mark) if moment >= now else said


def referral_state(code: str, *, sent: bool = True) -> Said:
    """'Terkirim'; 'Belum dikirim' while only this laptop has it."""
    if not sent and code in ("SENT", "NO_ANSWER"):
        return Said(_("Not sent yet"), Tone.WARN, "warning")
    tone, sign = _STEPS.get(code, (Tone.NEUTRAL, ""))
    words = _("No answer") if code == "NO_ANSWER" else label("referral_step", code)
    return Said(words, tone, sign)


def kind_of(kind: str) -> Said:
    """What an entry of a timeline is."""
    words = _(_SHORTER[kind]) if kind in _SHORTER else kind_name(kind)
    return Said(words, _TONES.get(kind, Tone.NEUTRAL))


def sync_mark(sent: bool) -> Said:
    """Whether the centre has an entry."""
    return Said(_("At the centre"), Tone.GOOD, "check") if sent else Said(_("Only on this laptop"), Tone.WARN, "dot")


def when(moment: datetime | None, now: datetime, *, whole_day: bool = False) -> str:
    """'Hari ini 09.10', 'Kemarin 16.05', '20 Nov 15.42'; of a whole day no time; '' for None."""
    if moment is None:
        return ""
    day = format_day(moment.astimezone(zone()).date(), now.astimezone(zone()).date())
    return day if whole_day else f"{day} {format_time(moment)}"


def victims(line: str) -> str:
    """'A.N. · P · 16' or 'S.W. + 2 more'; never a name."""
    return victims_line(line) or NOTHING


def contact(code: str | None) -> Said:
    """Whether to contact somebody is safe."""
    tone, sign = {
        "SAFE": (Tone.GOOD, "check"), "DO_NOT_CONTACT": (Tone.DANGER, "stop"),
    }.get(code or "", (Tone.WARN, "warning"))  # fmt: skip
    words = said.contact_words(code)
    return Said(words[:1].upper() + words[1:], tone, sign)


def person_line(person: Mapping[str, Any], today: date) -> str:
    """'perempuan · 16-17 tahun · anak · Kec. Coblong' for the values of a person; what is unknown is left out."""
    parts = [
        label("sex", person.get("sex")).lower(),
        age_line(person.get("birth_date"), person.get("age"), today, on=estimated_on(person)),
        region_path(person.get("region")),
    ]
    return " \u00b7 ".join(part for part in parts if part)


def age_line(birth_date: str | None, estimate: int | None, today: date, *, on: str | None = None) -> str:
    """'16-17 tahun · perkiraan · anak'; '' when nothing is known. `on`: the day of the estimate."""
    age = show_age(birth_date, estimate, today, on=on)
    if not age:
        return ""
    exact = bool(birth_date) and "?" not in str(birth_date)
    parts = [
        _("{age} years old").format(age=age),
        "" if exact else _("estimate"),
        _("child") if is_child(birth_date, estimate, today, on=on) else "",
    ]
    return " \u00b7 ".join(part for part in parts if part)
