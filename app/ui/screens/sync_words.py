"""The sync in words: every state of an entry with tone and sign, what an entry changes, how far a run is."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.i18n import N_, _, format_bytes, format_duration, format_number, ngettext
from app.models.base import KINDS
from app.models.field import field_map
from app.models.kind_names import kind_name
from app.sync.report import FilesWaiting, Preview, SyncItem, SyncProgress, SyncReport
from app.sync.waits import Awaited
from app.sync.words import STATES, about, reason
from app.ui import presenting
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
    if item.new:
        return _("New: {kind}").format(kind=kind)
    declared = field_map(KINDS[item.kind]) if item.kind in KINDS else {}
    names = [_(declared[key].label) if key in declared else key for key in item.fields]
    return f"{kind}: {', '.join(names)}" if names else kind


def happened(item: SyncItem) -> str:
    """What happened to it, in one sentence."""
    if item.settled:
        return _("It was corrected, sent again or given up. What was written stays in the outbox.")
    words = _HAPPENED.get(item.state, "")
    return _(words) if words else ""


def why(item: SyncItem) -> str:
    """The reason of a state, in one sentence; '' when there is nothing to say."""
    return "" if item.settled or item.state == "only_here" else reason(item.code)


def next_step(item: SyncItem, *, is_open: bool = True) -> str:
    """What a person does now; that nothing has to be done is said as well. `is_open`: a conflict waits here."""
    if item.settled:
        return _("Nothing to do.")
    if item.state == "conflict" and not is_open:
        return _("It is settled, or the two values come with the next synchronisation.")
    return _(_NEXT.get(item.state, N_("Nothing to do.")))


def awaited_words(found: Awaited) -> str:
    """'Rujukan dalam kasus 3273-26-0033, dari laptop lain'."""
    name = kind_name(found.kind)
    if found.case_number and found.kind == "case":
        name = f"{name} {found.case_number}"
    elif found.case_number:
        name = _("{kind} in case {number}").format(kind=name, number=found.case_number)
    if found.here:
        return _("{record}, which goes over from this laptop").format(record=name)
    return _("{record}, which another laptop has to send").format(record=name)


_HAPPENED = {
    "only_here": N_("It is only on this laptop so far."),
    "sending": N_("A part of it may be at the centre already; the rest has not been answered."),
    "accepted": N_("The centre has taken it. It is proven once the centre has signed for everything."),
    "merged": N_("The centre has taken it beside what others changed in the same record."),
    "duplicate": N_("The centre had exactly this already."),
    "conflict": N_("The centre's value stands, yours is kept beside it."),
    "held": N_("The centre keeps it, but cannot place it yet."),
    "refused": N_("The centre did not take it. It stays here as it was written."),
    "left": N_("The case is not shared with this office any more."),
    "erased": N_("It belongs to somebody who was erased for good."),
    "proven": N_("The centre has it and has signed for it."),
}
_NEXT = {
    "only_here": N_("Press Start: it goes with everything else that waits."),
    "sending": N_("Press Start: it goes on where it stopped, and nothing goes twice."),
    "conflict": N_("Compare the two and choose. Both stay in the history."),
    "held": N_("Nothing has to be done: it goes in by itself when that arrives. If it never will, give this entry up."),
    "refused": N_("Correct it and it goes again; or send it as it is once the reason is gone; or give it up."),
    "left": N_("Ask the office that owns the case to enter it, then give this entry up."),
}


def preview_line(preview: Preview) -> str:
    """'12 perubahan dalam 5 kasus, 340 KB · 2 mendesak · 3 berkas lampiran, 2,1 MB'."""
    n, files = preview.operations, files_words(preview.files)
    if not n:
        return files or _("Nothing waits to be sent.")
    words = ngettext("{n} change", "{n} changes", n).format(n=format_number(n))
    if preview.cases:  # a person or a key belongs to none
        words += " " + ngettext("in {n} case", "in {n} cases", preview.cases).format(n=format_number(preview.cases))
    parts = [f"{words}, {about(preview)}"]
    if preview.urgent:
        parts.append(_("{n} urgent, first").format(n=format_number(preview.urgent)))
    return " \u00b7 ".join([*parts, files] if files else parts)


def step_titles(preview: Preview | None) -> list[str]:
    """The steps by name; what is urgent and the files with how much of them there is."""
    named = {name: _(title) for name, title in STEPS}
    if preview is not None and preview.urgent:
        named["urgent"] = _("Urgent: {n}").format(n=format_number(preview.urgent))
    if preview is not None and preview.files.count:
        named["files"] = _("Attachments {size}").format(size=format_bytes(preview.files.bytes))
    return list(named.values())


def files_words(files: FilesWaiting) -> str:
    """'3 berkas lampiran, 2,1 MB'; '' for none."""
    if not files.count:
        return ""
    n = ngettext("{n} attached file", "{n} attached files", files.count).format(n=format_number(files.count))
    return f"{n}, {format_bytes(files.bytes)}"


def expected_line(preview: Preview, *, files: bool) -> str:
    """'± 40 dtk dengan kecepatan terakhir'; '' while there is nothing to send or no speed is known."""
    seconds = preview.seconds(files=files)
    if seconds is None or not (preview.operations or (files and preview.files.count)):
        return ""
    return _("about {time} at the speed of last time").format(time=short_time(seconds))


def progress_line(at: SyncProgress) -> str:
    """'9,1 dari 12,4 KB · 11 KB/dtk · sisa ± 3 dtk'."""
    done = format_bytes(at.done)
    parts = [_("{done} of {total}").format(done=done, total=format_bytes(at.total)) if at.total else done]
    if at.speed:
        parts.append(_("{speed}/s").format(speed=format_bytes(round(at.speed))))
    if at.eta is not None and at.total:
        parts.append(_("about {time} left").format(time=short_time(at.eta)))
    if at.of_items:
        here = min(at.items + 1, at.of_items)
        parts.insert(0, _("{n} of {all}").format(n=format_number(here), all=format_number(at.of_items)))
    return " \u00b7 ".join(parts)


def traffic_line(at: SyncProgress) -> str:
    """'Terkirim 12,4 KB · diterima 3,1 KB · 512 B dua kali'; '' before anything went over."""
    if not at.up and not at.down:
        return ""
    words = _("Sent {up} \u00b7 received {down}").format(up=format_bytes(at.up), down=format_bytes(at.down))
    if at.again:
        words += " \u00b7 " + _("{size} twice, after breaks").format(size=format_bytes(at.again))
    return words


def waiting_line(report: SyncReport | None, seconds: int) -> str:
    """'Menunggu jaringan; mencoba lagi dalam 20 detik'."""
    when = short_time(seconds)
    if report is not None and report.retry_after:
        return _("The centre asks us to wait: trying again in {time}").format(time=when)
    return _("Waiting for the link: trying again in {time}").format(time=when)


def standing_line(proven_at: datetime | None, now: datetime, *, level: str = "") -> Said:
    """'Terakhir setara dengan pusat: Jum 20 Nov 15.42 · 9 hari lalu', amber and red with a sign."""
    words = _("Last in step with the centre: {when}").format(when=presenting.when(proven_at, now) or _("never"))
    days = (now - proven_at).days if proven_at else 0
    if days > 1:
        ago = ngettext("{n} day ago", "{n} days ago", days).format(n=format_number(days))
        words += f" \u00b7 {ago}"
    tones = {"red": (Tone.DANGER, "stop"), "amber": (Tone.WARN, "warning")}
    return Said(words, *tones.get(level, (Tone.NEUTRAL, "")))


def unproven_words(report: SyncReport) -> str:
    """What is not proven, after a sync that ended without the centre's signature for everything."""
    missing = sum(not proven for proven in report.proven.values())
    if not report.proven or not missing:
        return _("Not proven yet. Start again.")
    return ngettext(
        "{n} of {all} parts is not proven: the centre has not signed that both hold the same. Start again.",
        "{n} of {all} parts are not proven: the centre has not signed that both hold the same. Start again.", missing,
    ).format(n=format_number(missing), all=format_number(len(report.proven)))  # fmt: skip


def short_time(seconds: float) -> str:
    """'12 detik', '4 menit'."""
    if seconds < 90:
        n = max(1, round(seconds))
        return ngettext("{n} second", "{n} seconds", n).format(n=n)
    return format_duration(timedelta(seconds=seconds))


def report_line(report: SyncReport) -> str:
    """What went over, both ways, and what was left for a better link."""
    sent, got = report.pushed_operations, sum(report.pulled.values())
    there = ngettext("{n} change sent", "{n} changes sent", sent).format(n=format_number(sent))
    here = ngettext("{n} record received", "{n} records received", got).format(n=format_number(got))
    words = f"{there} ({format_bytes(report.bytes_up)}) \u00b7 {here} ({format_bytes(report.bytes_down)})"
    later = report.files_later + report.files_left
    if later:
        words += " \u00b7 " + ngettext("{n} file waits", "{n} files wait", later).format(n=format_number(later))
    return words
