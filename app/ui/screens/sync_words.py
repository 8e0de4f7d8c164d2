"""The sync in words: every state of an entry with tone and sign, what an entry changes, how far a run is."""

from __future__ import annotations

from datetime import timedelta

from app.i18n import N_, _, format_bytes, format_duration, format_number, ngettext
from app.models.base import KINDS
from app.models.field import field_map
from app.models.kind_names import kind_name
from app.sync.report import Preview, SyncItem, SyncProgress, SyncReport
from app.sync.words import STATES, reason
from app.ui.presenting import Said
from app.ui.theme import Tone

# Green is kept for what the centre has signed for.
_LOOKS = {
    "only_here": (Tone.NEUTRAL, "dot"), "sending": (Tone.INFO, "arrow"), "accepted": (Tone.INFO, "check"),
    "merged": (Tone.INFO, "check"), "duplicate": (Tone.INFO, "check"), "proven": (Tone.GOOD, "check"),
    "conflict": (Tone.WARN, "warning"), "held": (Tone.WARN, "warning"), "refused": (Tone.DANGER, "cross"),
    "left": (Tone.WARN, "warning"), "erased": (Tone.NEUTRAL, "cross"),
}  # fmt: skip
STEPS = (
    ("hello", N_("Greet")),
    ("urgent", N_("Urgent")),
    ("push", N_("Send")),
    ("pull", N_("Receive")),
    ("prove", N_("Prove")),
    ("files", N_("Attachments")),
)
STANDING = ("refused", "held", "left")
_NEW = "made_at"  # stands in the first entry of every record


def state_of(item: SyncItem) -> Said:
    """'Diterima pusat' with its tone and sign."""
    tone, sign = _LOOKS.get(item.state, (Tone.NEUTRAL, ""))
    words = _(STATES.get(item.state, item.state))
    if item.settled:
        return Said(_("settled"), Tone.NEUTRAL, "check")
    return Said(words[:1].upper() + words[1:], tone, sign)


def change_of(item: SyncItem) -> str:
    """'Kasus baru', 'Korban: Telepon, NIK'."""
    kind = kind_name(item.kind)
    if _NEW in item.fields:
        return _("New: {kind}").format(kind=kind)
    declared = field_map(KINDS[item.kind]) if item.kind in KINDS else {}
    names = [_(declared[key].label) if key in declared else key for key in item.fields]
    return f"{kind}: {', '.join(names)}" if names else kind


def why(item: SyncItem) -> str:
    """The reason of a state, in one sentence; '' when there is nothing to say."""
    if item.settled:
        return ""
    if item.state == "only_here":
        return _("Waits for the next synchronisation")
    return reason(item.code)


def preview_line(preview: Preview) -> str:
    """'12 perubahan dalam 5 kasus, 340 KB · 2 mendesak'."""
    if not preview.operations:
        return _("Nothing waits to be sent.")
    n = preview.operations
    changes = ngettext("{n} change", "{n} changes", n).format(n=format_number(n))
    words = changes
    if preview.cases:  # a person or a key belongs to none
        words += " " + ngettext("in {n} case", "in {n} cases", preview.cases).format(n=format_number(preview.cases))
    words += f", {format_bytes(preview.bytes)}"
    if preview.urgent:
        words += " \u00b7 " + _("{n} urgent, first").format(n=format_number(preview.urgent))
    return words


def progress_line(at: SyncProgress) -> str:
    """'9,1 dari 12,4 KB · 11 KB/dtk · sisa ± 3 dtk'."""
    done = format_bytes(at.done)
    parts = [_("{done} of {total}").format(done=done, total=format_bytes(at.total)) if at.total else done]
    if at.speed:
        parts.append(_("{speed}/s").format(speed=format_bytes(round(at.speed))))
    if at.eta is not None and at.total:
        parts.append(_("about {time} left").format(time=_short(at.eta)))
    return " \u00b7 ".join(parts)


def _short(seconds: float) -> str:
    if seconds < 60:
        n = max(1, round(seconds))
        return ngettext("{n} second", "{n} seconds", n).format(n=n)
    return format_duration(timedelta(seconds=seconds))


def report_line(report: SyncReport) -> str:
    """What went over, both ways."""
    sent, got = report.pushed_operations, sum(report.pulled.values())
    there = ngettext("{n} change sent", "{n} changes sent", sent).format(n=format_number(sent))
    here = ngettext("{n} record received", "{n} records received", got).format(n=format_number(got))
    return f"{there} ({format_bytes(report.bytes_up)}) \u00b7 {here} ({format_bytes(report.bytes_down)})"
