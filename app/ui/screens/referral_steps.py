"""What may be done to a referral: the buttons, what each asks for, and the service it hands the answer to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtWidgets import QPushButton, QWidget

from app.i18n import N_, _
from app.models.codelist import label
from app.models.permission import Permission
from app.models.referral import UNANSWERED, ReferralEvent
from app.models.service import Note
from app.services import referrals, sharing
from app.services.referrals import ReferralItem
from app.ui.dialogs import Asked, FormDialog
from app.ui.widgets.basics import button
from app.ui.widgets.editors import CodeEditor
from app.ui.workplace import Workplace

WITHDRAWN = "WITHDRAWN"
# step -> (words on the button, what is asked for, words after it was done)
STEPS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "ACCEPTED": (N_("Accept"), (), N_("The referral is accepted.")),
    "DECLINED": (N_("Decline…"), ("reason", "feedback"), N_("The referral is declined.")),
    "IN_PROGRESS": (N_("Start work"), (), N_("Work on the referral has begun.")),
    "COMPLETED": (N_("Complete…"), ("outcome", "feedback"), N_("The referral is completed.")),
    "RETURNED": (N_("Return…"), ("reason", "feedback"), N_("The referral is returned.")),
    WITHDRAWN: (N_("Withdraw…"), ("feedback",), N_("The referral is withdrawn.")),
}
_NOTES = {
    "DECLINED": N_("The other office reads the reason at its next synchronisation."),
    "RETURNED": N_("The other office reads the reason at its next synchronisation."),
    "COMPLETED": N_("The other office reads outcome and feedback at its next synchronisation."),
    WITHDRAWN: N_("What was shared leaves the other office's laptop at its next synchronisation."),
}
_ORDER = ("ACCEPTED", "IN_PROGRESS", "COMPLETED", "DECLINED", "RETURNED", WITHDRAWN)


def may_take(place: Workplace, item: ReferralItem) -> tuple[str, ...]:
    """The steps this person may take now, the likeliest first."""
    may_refer, may_answer = place.desk.may(Permission.REFER), place.desk.may(Permission.ANSWER)
    allowed = may_refer if item.outgoing else may_answer
    return tuple(step for step in _ORDER if step in item.steps and allowed)


def step_buttons(
    place: Workplace, item: ReferralItem, *, owner: QWidget, done: Callable[[], object]
) -> Sequence[QPushButton]:
    """A button for every step; the first is the primary one, unless it takes the referral back."""
    made = []
    for number, step in enumerate(may_take(place, item)):
        words, paper = _(STEPS[step][0]), _is_on_paper(item, step)
        words = _("On paper: {step}").format(step=words) if paper else words
        kind = "primary" if number == 0 and step != WITHDRAWN and not paper else ""
        one = button(words, kind=kind, clicked=partial(ask, place, item, step, owner=owner, done=done))
        one.setAccessibleDescription(item.other)
        made.append(one)
    return made


def reminder_button(place: Workplace, item: ReferralItem, *, owner: QWidget) -> QPushButton | None:
    """“Remind…” on an own referral that nobody has answered."""
    if not item.outgoing or item.step not in UNANSWERED or not place.desk.may(Permission.REFER):
        return None
    return button(_("Note a reminder…"), clicked=partial(ask_reminder, place, item, owner=owner))


def ask_reminder(place: Workplace, item: ReferralItem, *, owner: QWidget) -> FormDialog:
    """How the other side was reminded, and what it said: a note of the case."""
    desk, referral_id = place.desk, item.entry.id
    kinds = [(code, label("note_kind", code)) for code in sharing.REMINDED_BY]

    def deed(values: dict[str, Any]) -> Any:
        return sharing.remind(desk, referral_id, how=values["note_kind"] or "", text=values["text"] or "")

    asked = Asked(
        Note, _("Note a reminder"), ("note_kind", "text"), deed, values={"note_kind": sharing.REMINDED_BY[0]},
        editors={"note_kind": lambda _f: CodeEditor(kinds)}, action=_("Save"),
        note=_("Call, visit or write to {office}; then note here what it said.").format(office=item.other),
    )  # fmt: skip
    dialog = FormDialog(place, asked, parent=owner.window())
    dialog.saved.connect(lambda _saved: place.say(_("The reminder is noted in the case.")))
    dialog.open()
    return dialog


def _is_on_paper(item: ReferralItem, step: str) -> bool:
    """Whether the sender enters what a partner without Naungan answered."""
    return item.outgoing and step != WITHDRAWN


def ask(
    place: Workplace, item: ReferralItem, step: str, *, owner: QWidget, done: Callable[[], object]
) -> FormDialog | None:
    """Take a step at once, or ask for what belongs to it first. A paper answer is entered by the sender."""
    desk, referral_id = place.desk, item.entry.id
    on_paper = _is_on_paper(item, step)

    def deed(values: dict[str, Any]) -> Any:
        told = {key: value for key, value in values.items() if value}
        return referrals.take_step(desk, referral_id, step, **told, **({"on_paper": True} if on_paper else {}))

    def finish(_result: object) -> None:
        place.say(_(STEPS[step][2]))
        done()

    words, keys, _after = STEPS[step]
    keys = ("paper_on", *keys) if on_paper else keys
    if not keys:
        place.save(lambda: deed({}), owner=owner, then=finish)
        return None
    note = _("The answer came on paper; you enter it for the partner.") if on_paper else _(_NOTES[step])
    values = {"paper_on": place.desk.today().isoformat()} if on_paper else {}
    asked = Asked(
        ReferralEvent, _(words).rstrip("…"), keys, deed, values=values, action=_(words).rstrip("…"), note=note
    )
    dialog = FormDialog(place, asked, parent=owner.window())
    dialog.saved.connect(finish)
    dialog.open()
    return dialog
