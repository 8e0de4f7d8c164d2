"""Approvals, conferences, flags and goals on the case page: their cards and what may be done to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.i18n import _
from app.models.assessment import Goal
from app.models.codelist import label
from app.models.dates import show_date
from app.models.oversight import Approval
from app.models.permission import Permission
from app.services import case_parts, planning, plans
from app.services.case_page import CasePage
from app.services.entries import Entry
from app.services.oversight import is_up
from app.ui.dialogs import Asked
from app.ui.screens.case_asking import CaseAsking
from app.ui.screens.case_cards import Actions, part_card
from app.ui.screens.case_shown import Shown
from app.ui.theme import Tone
from app.ui.widgets.basics import button
from app.ui.widgets.entry_card import ChipWords, EntryView
from app.ui.widgets.feedback import Banner
from app.ui.widgets.flow import empty

Buttons = Sequence[QPushButton]


def approval_card(shown: Shown, entry: Entry, actions: Actions = ()) -> EntryView:
    """What is asked, and what the supervisor said."""
    tones = {"APPROVED": (Tone.GOOD, "check"), "RETURNED": (Tone.WARN, "warning")}
    tone, sign = tones.get(entry["decision"] or "", (Tone.INFO, "dot"))
    words = label("approval_decision", entry["decision"]) or _("Waits for the supervisor")
    view = part_card(shown, entry, actions, chips=[(words, tone, sign)])
    return replace(view, title=label("approval_subject", entry["subject"]))


def screening_card(shown: Shown, entry: Entry, actions: Actions = ()) -> EntryView:
    """One look at the three elements; an earlier one of the same victim says that it is not the last."""
    same = [e for e in shown.page.screenings if e["person_id"] == entry["person_id"]]
    latest = max(same, key=lambda e: (e["concluded_at"].timestamp() if e["concluded_at"] else 0.0, e.id))
    chips: list[ChipWords] = []
    if len(same) > 1:
        chips.append((_("Latest"), Tone.GOOD, "check") if latest.id == entry.id else (_("Earlier"), Tone.NEUTRAL, ""))
    return part_card(shown, entry, actions, chips=chips)


def approval(asking: CaseAsking, entry: Entry) -> Buttons:
    """Approve or give back, for who may, while it waits."""
    desk = asking.place.desk
    if entry["decision"] or not desk.may(Permission.APPROVE):
        return ()
    back = Asked(
        Approval, _("Give back"), ("note",),
        lambda values: planning.decide(desk, entry.id, approve=False, note=values["note"]),
        action=_("Give back"), note=_("Write down what is missing. It can be asked again."),
    )  # fmt: skip

    def approve() -> None:
        asking.place.save(lambda: planning.decide(desk, entry.id, approve=True), owner=asking.widget)

    return asking.buttons((_("Approve"), approve), (_("Give back…"), lambda: asking.ask(back)))


def conference(asking: CaseAsking, entry: Entry) -> Buttons:
    """Tasks from what was decided, once."""
    found = planning.decisions_of(entry["decisions"])
    made = asking.page is None or any(task["source"] == entry.id for task in asking.page.parts["task"])
    if not found or made:
        return ()
    desk = asking.place.desk

    def make() -> None:
        tasks = [{"title": words} for words in found]
        asking.place.save(lambda: planning.tasks_from_conference(desk, entry.id, tasks), owner=asking.widget)

    return asking.buttons((_("Make tasks of the decisions"), make))


def goal(asking: CaseAsking, entry: Entry) -> Buttons:
    """Reached or dropped, while it is open."""
    if entry["state"] != plans.OPEN:
        return ()
    return asking.buttons(
        (_("Reached…"), lambda: asking.ask(_ending(asking, entry, plans.REACHED))),
        (_("Drop…"), lambda: asking.ask(_ending(asking, entry, plans.DROPPED))),
    )


def _ending(asking: CaseAsking, entry: Entry, state: str) -> Asked:
    desk = asking.place.desk
    reached = state == plans.REACHED
    return Asked(
        Goal, _("The goal is reached") if reached else _("Drop the goal"), ("ended_at", "result"),
        lambda values: case_parts.change_part(desk, "goal", entry.id, {**values, "state": state}),
        values={"ended_at": desk.today().isoformat()}, note="" if reached else _("Write down why; the entry stays."),
    )  # fmt: skip


class FlagBands(QWidget):
    """A band for every flag that is up; whoever may write lowers it there."""

    def __init__(self, asking: CaseAsking) -> None:
        super().__init__()
        self._asking = asking
        self._bands = QVBoxLayout(self)
        self._bands.setContentsMargins(0, 0, 0, 0)
        self._bands.setSpacing(2)

    def show_page(self, page: CasePage) -> None:
        """The flags of this case."""
        empty(self._bands)
        up = [flag for flag in page.parts["flag"] if is_up(flag, self._asking.place.desk.today().isoformat())]
        for flag in up:
            self._bands.addWidget(Banner(flag_words(flag), tone=Tone.DANGER, action=self._lower(flag, page)))
        self.setVisible(bool(up))

    def _lower(self, flag: Entry, page: CasePage) -> QPushButton | None:
        if not (self._asking.may_write and page.own):
            return None
        place, owner = self._asking.place, self._asking.widget
        return button(
            _("Lower the flag"),
            clicked=lambda: place.save(lambda: planning.lower_flag(place.desk, flag.id), owner=owner),
        )


def flag_words(flag: Entry) -> str:
    """'Danger: she is being looked for · until 25 November 2026'."""
    words = ": ".join(part for part in (label("flag_reason", flag["reason"]), flag["text"]) if part)
    until = _("until {date}").format(date=show_date(flag["until"])) if flag["until"] else ""
    return " \u00b7 ".join(part for part in (words, until) if part)
