"""What an office sets for its deadlines: the days nobody works, and limits of its own that stretch no law."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import Invalid
from app.i18n import _
from app.models.codelist import label
from app.models.deadline_rules import LAW, LOCAL, Limit, Rule, effective, is_longer, shipped_rules
from app.models.permission import Permission
from app.models.task import DeadlineLimit, Holiday
from app.models.workdays import shipped_holidays
from app.services.desk import Desk, Saved
from app.services.entries import get
from app.services.validate import changed_only, cleaned

LONGEST = 10_000  # of any unit: more is a slip of the pen


@dataclass(frozen=True, slots=True)
class HolidayLine:
    """One day of the table: shipped, or the office's own word on it."""

    id: str  # of the record; 'shipped:2026-08-17' for a shipped one nobody changed
    day: date
    name: str
    applies: bool
    is_own: bool
    is_sure: bool


@dataclass(frozen=True, slots=True)
class LimitLine:
    """One rule with a limit, as the law and as the office has it."""

    code: str
    title: str
    rule: Rule  # as it counts here
    shipped: Rule
    is_changed: bool

    @property
    def law(self) -> str:
        """The citation."""
        return self.shipped.law


def holidays(desk: Desk) -> tuple[HolidayLine, ...]:
    """All holidays by day; the office's word stands in the place of the shipped one."""
    found = {
        one.day: HolidayLine(f"shipped:{one.day}", one.day, one.name, True, False, one.is_sure)
        for one in shipped_holidays()
    }
    with desk.read(Permission.SYNC) as session:
        for own in session.scalars(select(Holiday).order_by(Holiday.id)):
            if own.day and "?" not in own.day:
                day = date.fromisoformat(own.day)
                found[day] = HolidayLine(own.id, day, own.name or "", not own.cancelled, True, True)
    return tuple(found[day] for day in sorted(found))


def add_holiday(desk: Desk, *, day: str, name: str) -> Saved:
    """A day on which nobody works. One that stands already is changed."""
    return _put_holiday(desk, day, {"name": name, "cancelled": None})


def drop_holiday(desk: Desk, day: str) -> Saved:
    """On this day people work after all; the entry stays and says so."""
    return _put_holiday(desk, day, {"cancelled": True})


def keep_holiday(desk: Desk, day: str) -> Saved:
    """This day is a holiday for certain, or once more."""
    return _put_holiday(desk, day, {"cancelled": None})


def limits(desk: Desk) -> tuple[LimitLine, ...]:
    """Every rule with a limit that something begins: the law's, local standards, the office's own."""
    with desk.read(Permission.SYNC) as session:
        own = {one.rule: one for one in session.scalars(select(DeadlineLimit).order_by(DeadlineLimit.id))}
    found = []
    for rule in shipped_rules().values():
        if rule.kind and rule.amount:
            held = own.get(rule.code)
            here = effective(rule, _limit(held) if held else None)
            found.append(LimitLine(rule.code, rule.title, here, rule, here != rule))
    return tuple(found)


def set_limit(
    desk: Desk, code: str, *, amount: int | None = None, unit: str | None = None, active: bool | None = None
) -> Saved:
    """The office's own limit of a rule; None: the shipped one. Invalid if it would stretch the law's."""
    rule = shipped_rules().get(code)
    if rule is None or not rule.amount or not rule.kind:
        raise Invalid(_("There is no rule “{rule}”.").format(rule=code), [("rule", code)])
    clean = cleaned(DeadlineLimit, {"rule": code, "amount": amount, "unit": unit, "active": active})
    _check_limit(rule, amount=amount, unit=unit)
    unit_of_work = desk.write(Permission.MANAGE_LISTS)
    with unit_of_work as session:
        held = session.scalar(select(DeadlineLimit).where(DeadlineLimit.rule == code).order_by(DeadlineLimit.id.desc()))
        if held is None:
            held = DeadlineLimit(rule=code)
            session.add(held)
        held.amount, held.unit = clean["amount"], clean["unit"]
        held.active = clean["active"] if rule.origin == LOCAL else None
    return Saved(held.id, unit_of_work.changes)


def _check_limit(rule: Rule, *, amount: int | None, unit: str | None) -> None:
    problem = ""
    if (amount is None) != (unit is None):
        problem = _("Give the number and its unit, or neither.")
    elif amount is not None and not 1 <= amount <= LONGEST:
        problem = _("Give a number from 1 to {most}.").format(most=LONGEST)
    elif amount is not None and unit and rule.origin == LAW and is_longer((amount, unit), rule.limit):
        problem = _("The law gives {amount} {unit}: an office may be quicker, never slower.").format(
            amount=rule.amount, unit=label("time_unit", rule.unit)
        )
    if problem:
        raise Invalid(_("Not saved: {sentence}").format(sentence=problem), [("amount", problem)])


def _limit(held: DeadlineLimit) -> Limit:
    return Limit(held.rule or "", held.amount, held.unit, held.active)


def _put_holiday(desk: Desk, day: str, values: dict[str, object]) -> Saved:
    clean = changed_only(Holiday, {"day": day, **values})
    if not clean["day"] or "?" in clean["day"]:
        problem = _("Give the whole date.")
        raise Invalid(_("Not saved: {sentence}").format(sentence=problem), [("day", problem)])
    unit = desk.write(Permission.MANAGE_LISTS)
    with unit as session:
        held = _held(session, clean["day"])
        if held is None:
            shipped = {one.day.isoformat(): one.name for one in shipped_holidays()}
            held = Holiday(**cleaned(Holiday, {"name": shipped.get(clean["day"]), **clean}))
            session.add(held)
        else:
            for key, value in clean.items():
                setattr(get(session, Holiday, held.id), key, value)
    return Saved(held.id, unit.changes)


def _held(session: Session, day: str) -> Holiday | None:
    return session.scalar(select(Holiday).where(Holiday.day == day).order_by(Holiday.id.desc()).limit(1))
