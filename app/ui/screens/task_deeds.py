"""What is asked of a person about a task or a deadline, and the way back from what they said."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QPushButton, QWidget

from app.i18n import _
from app.models.due_items import TASK
from app.models.permission import Permission
from app.models.task import Task
from app.services import tasks
from app.services.deadlines import TaskLine
from app.services.desk import Desk, Saved
from app.services.entries import Entry
from app.ui.dialogs import Asked, Deed, FormDialog, Values
from app.ui.widgets.basics import button
from app.ui.widgets.editors import CodeEditor
from app.ui.workplace import Workplace

FIELDS = ("title", "assignee", "ready_from", "due", "fails_after")


def new_task(desk: Desk, people: Sequence[tuple[str, str]], *, case_id: str | None = None) -> Asked:
    """A free task; without a case, of the office."""
    return Asked(
        Task, _("New task"), FIELDS, lambda values: tasks.add_task(desk, values, case_id=case_id),
        values={"assignee": desk.actor.user}, editors={"assignee": lambda _field: CodeEditor(people)},
    )  # fmt: skip


def edit_task(desk: Desk, people: Sequence[tuple[str, str]], entry: Entry) -> Asked:
    """Another title, other days, or somebody else's."""
    return Asked(
        Task, _("Edit the task"), FIELDS, lambda values: tasks.change_task(desk, entry.id, values),
        values=entry.values, editors={"assignee": lambda _field: CodeEditor(people)},
    )  # fmt: skip


def _ending(desk: Desk, line: TaskLine, *, free: Callable[..., Saved], ruled: Callable[..., Saved], said: str) -> Deed:
    """How a free task, or the deadline of a rule, ends with a word."""

    def deed(values: Values) -> Saved:
        told = {said: values["result"]}
        if line.item.rule == TASK:
            return free(desk, line.item.source, **told)
        return ruled(desk, (line.item.rule, line.item.source), line.item.case_id, **told)

    return deed


def done(desk: Desk, line: TaskLine) -> Asked:
    """Say that it was done, and what came of it."""
    deed = _ending(desk, line, free=tasks.complete_task, ruled=tasks.complete_deadline, said="result")
    return Asked(Task, _("Done: {task}").format(task=line.title), ("result",), deed, action=_("Done"), note=_note(line))


def cancelled(desk: Desk, line: TaskLine) -> Asked:
    """Say that it is not to be done, and why."""
    deed = _ending(desk, line, free=tasks.cancel_task, ruled=tasks.cancel_deadline, said="why")
    return Asked(
        Task, _("Does not apply: {task}").format(task=line.title), ("result",), deed, action=_("Does not apply"),
        note=_("Write down why; the entry stays."),
    )  # fmt: skip


class TaskDeeds:
    """Asks, saves, and offers the way back for ten seconds; `then` is called when something was done."""

    def __init__(self, place: Workplace, *, owner: QWidget, then: Callable[[], object]) -> None:
        self.place, self._owner, self._then = place, owner, then

    @property
    def may(self) -> bool:
        """Whether the signed-in user may say anything at all."""
        return self.place.desk.may(Permission.WRITE_CASE)

    def add(self, case_id: str | None = None) -> None:
        """A new task."""
        desk = self.place.desk
        self._with_people(lambda people: self._ask(new_task(desk, people, case_id=case_id), ""))

    def edit(self, line: TaskLine) -> None:
        """Change a free task."""
        desk, task_id = self.place.desk, line.item.source

        def read() -> tuple[Entry, tuple[tuple[str, str], ...]]:
            return tasks.read_task(desk, task_id), tasks.colleagues(desk)

        self.place.load(
            read, owner=self._owner, then=lambda found: self._ask(edit_task(desk, found[1], found[0]), "")
        )  # fmt: skip

    def end(self, line: TaskLine) -> None:
        """It was done."""
        self._ask(done(self.place.desk, line), _("Marked as done."))

    def cancel(self, line: TaskLine) -> None:
        """It is not to be done."""
        self._ask(cancelled(self.place.desk, line), _("Marked as not applying."))

    def reopen(self, task_id: str) -> None:
        """Take back what was said."""
        desk = self.place.desk
        self.place.save(lambda: tasks.reopen_task(desk, task_id), owner=self._owner, then=lambda _saved: self._over())

    def buttons(self, line: TaskLine) -> list[QPushButton]:
        """What may be done to one of them now."""
        found: list[QPushButton] = []
        if not self.may:
            return found
        if line.item.ended:
            return [button(_("Take back"), clicked=lambda: self.reopen(line.task_id))] if line.task_id else found
        if line.can_be_ended:
            found.append(button(_("Done…"), clicked=lambda: self.end(line)))
            found.append(button(_("Does not apply…"), clicked=lambda: self.cancel(line)))
        if line.item.rule == TASK:
            found.append(button(_("Edit…"), clicked=lambda: self.edit(line)))
        return found

    def _over(self) -> None:
        self._then()

    def _with_people(self, then: Callable[[tuple[tuple[str, str], ...]], None]) -> None:
        desk = self.place.desk
        self.place.load(lambda: tasks.colleagues(desk), owner=self._owner, then=then)

    def _ask(self, asked: Asked, words: str) -> None:
        dialog = FormDialog(self.place, asked, parent=self._owner.window())

        def saved(result: Saved) -> None:
            if words:
                self.place.say(words, undo=lambda: self.reopen(result.id))
            self._then()

        dialog.saved.connect(saved)
        dialog.open()


def _note(line: TaskLine) -> str:
    return _("By law: {law}").format(law=line.law) if line.law else ""
