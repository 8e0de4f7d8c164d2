"""Tasks: free ones with a window of days, and a person's word that a rule's deadline was met or does not apply."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Conflicted, Invalid, NotFound
from app.i18n import _
from app.models.case import Case
from app.models.deadline_rules import shipped_rules
from app.models.due_words import rule_words
from app.models.office import User
from app.models.oversight import Conference
from app.models.permission import Permission
from app.models.task import Task
from app.services.desk import Desk, Saved
from app.services.entries import Entry, entry_of, get
from app.services.part_rule import Coming
from app.services.validate import changed_only, cleaned

# What these stand for has a state of its own: it is done where it is entered, not here.
BY_RECORD = frozenset({"SERVICE_DUE", "REFERRAL_ANSWER", "APPROVAL_WAITING", "GOAL_BY"})
_RULED = frozenset({"rule", "done_at", "cancelled_at"})


def rule(coming: Coming) -> None:
    """A free task has its days in order and is for somebody of this office. Its end is not typed."""
    for key in _RULED:
        if coming.values.get(key) is not None:
            coming.refuse(key, _("This is not typed: mark the task as done or cancelled."))
    if coming.changes("source") and coming["source"] is not None:
        meeting = coming.session.get(Conference, coming["source"])
        if meeting is None or meeting.case_id != coming.case_id:
            coming.refuse("source", _("A free task follows from a conference of its case, or from nothing."))
    coming.default("assignee", coming.desk.actor.user)
    coming.in_order("ready_from", "due")
    coming.in_order("due", "fails_after")
    coming.in_order("ready_from", "fails_after")
    if coming.changes("assignee") and coming["assignee"] and coming.session.get(User, coming["assignee"]) is None:
        coming.refuse("assignee", _("Choose somebody from the list."))


def add_task(desk: Desk, values: Mapping[str, Any], *, case_id: str | None = None) -> Saved:
    """Add a free task, for a case or for the office alone; for whoever adds it, unless somebody is named."""
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        if case_id:
            get(session, Case, case_id)
        coming = Coming(session, desk, case_id or "", Task, cleaned(Task, values))
        rule(coming)
        task = Task(**coming.values, case_id=case_id)
        session.add(task)
    return Saved(task.id, unit.changes)


def change_task(desk: Desk, task_id: str, values: Mapping[str, Any]) -> Saved:
    """Change a free task: its title, days, or whose it is."""
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        task = get(session, Task, task_id)
        if task.rule:
            raise Conflicted(_("This is a deadline of a rule; only its end can be said."))
        coming = Coming(session, desk, task.case_id or "", Task, changed_only(Task, values), task)
        rule(coming)
        for key, value in coming.values.items():
            setattr(task, key, value)
    return Saved(task_id, unit.changes)


def complete_task(desk: Desk, task_id: str, *, result: str | None = None) -> Saved:
    """Mark a free task as done now."""
    return _end(desk, task_id, {"done_at": desk.now(), "cancelled_at": None}, result)


def cancel_task(desk: Desk, task_id: str, *, why: str | None) -> Saved:
    """Cancel a free task, saying why."""
    return _end(desk, task_id, {"cancelled_at": desk.now(), "done_at": None}, _reason(why))


def complete_deadline(desk: Desk, source: tuple[str, str], case_id: str, *, result: str | None = None) -> Saved:
    """Say that the deadline of (rule, record it follows from) was met, though no record shows it."""
    return _say(desk, source, case_id, {"done_at": desk.now(), "cancelled_at": None, **_words(result)})


def cancel_deadline(desk: Desk, source: tuple[str, str], case_id: str, *, why: str | None) -> Saved:
    """Say that the deadline of (rule, record it follows from) does not apply here, and why."""
    return _say(desk, source, case_id, {"cancelled_at": desk.now(), "done_at": None, **_words(_reason(why))})


def reopen_task(desk: Desk, task_id: str) -> Saved:
    """Take back what was said of a task or a deadline: it is open again."""
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        task = get(session, Task, task_id)
        task.done_at = task.cancelled_at = task.result = None
    return Saved(task_id, unit.changes)


def read_task(desk: Desk, task_id: str) -> Entry:
    """A free task as it stands."""
    with desk.read() as session:
        return entry_of(get(session, Task, task_id))


def colleagues(desk: Desk) -> tuple[tuple[str, str], ...]:
    """(id, name) of those of this office a task may be for, whoever asks first."""
    with desk.read() as session:
        users = session.execute(select(User.id, User.name, User.active)).all()
    found = sorted(((u, n or "") for u, n, active in users if active is not False), key=lambda one: one[1].casefold())
    return tuple(sorted(found, key=lambda one: one[0] != desk.actor.user))


def _words(result: str | None) -> dict[str, Any]:
    return cleaned(Task, {"result": result}, complete=False)


def _reason(why: str | None) -> str:
    if not (why or "").strip():
        sentence = _("Say why; the entry stays.")
        raise Invalid(_("Not saved: {sentence}").format(sentence=sentence), [("result", sentence)])
    return why or ""


def _end(desk: Desk, task_id: str, values: Mapping[str, Any], result: str | None) -> Saved:
    clean = _words(result)
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        task = get(session, Task, task_id)
        if task.done_at or task.cancelled_at:
            raise Conflicted(_("This task is over already."))
        _put(task, {**values, **clean})
    return Saved(task_id, unit.changes)


def _say(desk: Desk, source: tuple[str, str], case_id: str, values: Mapping[str, Any]) -> Saved:
    code, record_id = source
    if code not in shipped_rules():
        raise NotFound(_("There is no rule “{rule}”.").format(rule=code))
    if code in BY_RECORD:
        raise Conflicted(_("This is done where it was entered: open the case."))
    unit = desk.write(Permission.WRITE_CASE)
    with unit as session:
        get(session, Case, case_id)
        task = _said(session, source)
        if task is None:
            task = Task(case_id=case_id, rule=code, source=record_id, title=rule_words(code))
            session.add(task)
        _put(task, values)
    return Saved(task.id, unit.changes)


def _said(session: Session, source: tuple[str, str]) -> Task | None:
    """What was said of this deadline before; of two offices' words the older one goes on."""
    wanted = select(Task).where(Task.rule == source[0], Task.source == source[1]).order_by(Task.id).limit(1)
    return session.scalar(wanted)


def _put(task: Task, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        setattr(task, key, value)
