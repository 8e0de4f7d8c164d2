"""A new case in five steps, by keyboard alone if one likes; kept as a draft all the time, saved in one piece."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.errors import Invalid
from app.i18n import N_, _, format_time
from app.models.permission import Permission
from app.services import drafts, intake, parties
from app.services.desk import Desk, Saved
from app.services.drafts import SavedDraft
from app.services.duplicates import Candidate
from app.ui import problems, theme
from app.ui.screens.draft_keeper import DraftBands, DraftKeeper
from app.ui.screens.intake_pages import IntakePages
from app.ui.screens.intake_side import Summary, confidentiality, report_advice, safety_advice
from app.ui.screens.intake_steps import STEPS, VICTIM, is_answered, to_intake
from app.ui.screens.refer import scrolled
from app.ui.screens.same_person import SamePerson
from app.ui.screens.weighing import Weighing
from app.ui.widgets.basics import KeyHint, button, row, show_keys, text
from app.ui.widgets.pills import StepBar, StepItem
from app.ui.workplace import Workplace

FORM = "intake"
GO_ON = "Ctrl+Return"
OFFERED = 3  # drafts offered at a time


class IntakeScreen:
    """The intake, reached by Ctrl+N."""

    name, title, icon, section = "intake", N_("New case"), "add", ""
    permission = Permission.WRITE_CASE

    def build(self, context: Any) -> QWidget:
        """An empty intake."""
        return IntakeView(context)


class IntakeView(QWidget):
    """Title line and steps, the form at the left, what helps at the right."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        theme.mark(self, role="page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.place, self._known = place, ""
        self.pages = IntakePages(place)
        self.keeper = DraftKeeper(place, form=FORM, read=self._content, parent=self)
        self.same, self.weighing, self.summary = SamePerson(place), Weighing(place), Summary()
        self.steps = StepBar()
        self.steps.wanted.connect(self.go_to)
        self.kept = text("", role="muted")
        self._bands = DraftBands(place)
        self._bands.wanted.connect(self.restore)
        self._bands.unwanted.connect(lambda draft: self.keeper.discard(draft.id))
        self._lay_out()
        self.pages.changed.connect(self._changed)
        self.keeper.kept.connect(self._say_kept)
        self.same.chosen.connect(self._take_known)
        self.go_to(0)

    # what the window asks

    def open(self, target: str) -> None:
        """Go on with this draft; what stands here meanwhile is kept as one of its own."""
        draft = next((d for d in self.keeper.others() if d.id == target), None)
        if draft is not None:
            self.save_draft()
            self.restore(draft)
            self._offer_drafts()

    def save_draft(self) -> None:
        """Keep what stands here."""
        self.pages.commit()
        self.keeper.save_now()

    on_save = save_draft  # Ctrl+S keeps the draft at once

    def on_new_case(self) -> None:
        """Ctrl+N while here: go on with what is open."""
        self.pages.focus_first()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._offer_drafts()
        self.pages.focus_first()

    # going

    def go_to(self, number: int) -> None:
        """Show a step; earlier ones may be incomplete, saving may not."""
        self.pages.go_to(number)
        self._side.setCurrentIndex(number)
        last = number == len(STEPS) - 1
        words = _("Save the case") if last else _("Save & continue")
        self._next.setAccessibleName(words)
        self._next.setText(f"{words}   {show_keys(GO_ON)}".replace("&", "&&"))
        self._help()

    def go_on(self) -> None:
        """Check this step and go to the next; at the last one save everything."""
        if not self._next.isEnabled():  # it is being saved
            return
        if not self.pages.check(self.pages.here):
            return
        if self.pages.here < len(STEPS) - 1:
            self.go_to(self.pages.here + 1)
            self.keeper.save_now()
            return
        wrong = next((number for number in range(len(STEPS)) if not self.pages.is_ready(number)), None)
        if wrong is not None:
            self.go_to(wrong)
            self.pages.check(wrong)
            self.place.say(_("Not saved yet: something is missing in step {n}.").format(n=wrong + 1))
            return
        self._save()

    def cancel(self) -> None:
        """Leave; the draft stays and is offered next time."""
        self.save_draft()
        if self.kept.text():
            self.place.say(_("The draft is kept; it is offered when you come back."))
        self._start_over()
        self.place.go("cases")

    # inside

    def _save(self) -> None:
        desk, draft_id, known = self.place.desk, self.keeper.id, self._known
        taken, person = to_intake(self.pages.answers(), known=known), self.pages.person()
        self.keeper.begin(draft_id)  # a draft on its way is written before the case, in the same lane
        self._next.setEnabled(False)
        self.place.save(
            lambda: _take(desk, taken, known=known, person=person, draft_id=draft_id),
            owner=self, then=self._saved, failed=self._refused,
        )  # fmt: skip

    def _saved(self, saved: Saved) -> None:
        self._start_over()
        self.place.go("case", target=saved.id)
        if not saved.warnings:
            self.place.say(_("The case is saved."))

    def _refused(self, error: Exception) -> None:
        self._next.setEnabled(True)
        self.keeper.touch()
        if isinstance(error, Invalid) and (step := self.pages.show_problems(error.problems)) is not None:
            self.go_to(step)
            self.pages.next_problem()
        problems.tell(self, error, at=self.place.say)

    def _start_over(self) -> None:
        self._known = ""
        self.kept.setText("")
        self._next.setEnabled(True)
        self.pages.clear()
        self.same.show_candidates(())
        self.keeper.begin()
        self.go_to(0)

    def _changed(self, part: str, key: str) -> None:
        self.keeper.touch()
        if part == VICTIM.name:
            self.same.ask(self.pages.person())
        self._help()

    def _help(self) -> None:
        """What stands at the right follows what stands in the forms."""
        answers = self.pages.committed()
        self.weighing.weigh_for(answers["victim"], answers["screening"])
        self.summary.show_steps(self.pages.states())
        here, seen = self.pages.here, self.pages.seen
        states = [
            "current" if n == here else "done" if n in seen and self.pages.is_done(n) else "todo"
            for n in range(len(STEPS))
        ]
        self.steps.show_steps([StepItem(_(s.title), state) for s, state in zip(STEPS, states, strict=True)])

    def _take_known(self, candidate: Candidate) -> None:
        self._known = candidate.person.id
        self.pages.fill_person(candidate.person.values)
        self.keeper.touch()
        self.place.say(_("This person is on this laptop already; the new case is added to the same person."))

    # drafts

    def _content(self) -> Mapping[str, Any]:
        forms = {
            part: {key: value for key, value in values.items() if value not in (None, "", ())}
            for part, values in self.pages.committed().items()
        }
        return {"step": self.pages.here, "known": self._known, "forms": forms}

    def _say_kept(self, draft: SavedDraft) -> None:
        if draft.id == self.keeper.id:
            self.kept.setText(_("Draft saved {time}").format(time=format_time(draft.saved_at)))

    def _offer_drafts(self) -> None:
        empty_yet = not is_answered(VICTIM, self.pages.committed()["victim"])
        self._bands.offer(self.keeper.others()[:OFFERED] if empty_yet else ())

    def restore(self, draft: SavedDraft) -> None:
        """Go on where the draft stopped."""
        self.keeper.begin(draft.id)
        self._known = str(draft.content.get("known") or "")
        self.pages.fill(draft.content.get("forms", {}))
        self._say_kept(draft)
        step = int(draft.content.get("step", 0))
        self.pages.seen.update(range(step))  # whoever got that far has been there
        self.go_to(step)
        self.same.ask(self.pages.person())

    def _lay_out(self) -> None:
        self._next = button("", kind="primary", clicked=self.go_on)
        # not the button's own shortcut: that one acts a moment later, and the next letters would go astray
        QShortcut(QKeySequence(GO_ON), self).activated.connect(self.go_on)
        self._side = QStackedWidget()
        for part in (report_advice(), self.same, self.weighing, safety_advice(), self.summary):
            self._side.addWidget(part)
        aside = QWidget()
        side = QVBoxLayout(aside)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(theme.px(12))
        side.addWidget(self._side, 1)
        side.addWidget(confidentiality())
        side.addWidget(KeyHint(("Alt+J", _("next problem")), ("Ctrl+Z", _("undo")), ("F1", _("help"))))
        middle = QHBoxLayout()
        middle.setSpacing(theme.px(14))
        middle.addWidget(self.pages, 3)
        middle.addWidget(scrolled(aside), 2)
        page = QVBoxLayout()
        page.setContentsMargins(theme.px(22), theme.px(18), theme.px(22), theme.px(18))
        page.setSpacing(theme.px(12))
        head = row(text(_("New case"), role="title"), self.kept, None, button(_("Cancel"), clicked=self.cancel))
        head.addWidget(self._next)
        page.addLayout(head)
        page.addWidget(self.steps)
        page.addLayout(middle, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._bands)
        layout.addLayout(page, 1)


def _take(desk: Desk, taken: intake.Intake, *, known: str, person: Mapping[str, Any], draft_id: str) -> Saved:
    """The case, what was learnt about somebody known, and the end of the draft."""
    saved = intake.take(desk, taken)
    learnt = {key: value for key, value in person.items() if value not in (None, "", ())}
    if known and learnt:
        parties.change_person(desk, known, learnt)
    drafts.discard(desk, draft_id)
    return saved
