"""Plays a plan of the sample world at a desk, through the services, at the moments of the plan, in few transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Any

from sqlalchemy.orm import Session

from app.demo.course import PARTNER
from app.demo.plan import CasePlan, Happening
from app.demo.whole_file import days_from
from app.models.permission import Permission
from app.services import directory
from app.services.care import enter_note, enter_service
from app.services.case_parts import alter_part, enter_part
from app.services.cases import add_case, end_case
from app.services.consents import add_consent
from app.services.desk import Desk
from app.services.parties import join
from app.services.referrals import add_referral, enter_step
from app.services.screening import add_screening

TOGETHER = 400  # happenings in one transaction: a kill leaves a smaller world, never half a happening
OF_A_VICTIM = frozenset({
    "assessment", "goal", "safety_plan", "hearing", "victim_right", "restitution", "empowerment",
})  # fmt: skip
Told = Callable[[int, int], None]  # (done, all)


@dataclass(slots=True)
class MovingClock:
    """The time of the plan while it is played; `real` is the time at which it ends."""

    moment: datetime

    def __call__(self) -> datetime:
        return self.moment


@dataclass(slots=True)
class Case:
    """What became of a plan so far: the ids that later happenings need."""

    id: str = ""
    victims: list[str] = field(default_factory=list)
    suspects: list[str] = field(default_factory=list)
    consents: dict[int, str] = field(default_factory=dict)  # victim -> consent to share
    goals: dict[str, str] = field(default_factory=dict)  # need -> goal
    latest: dict[str, str] = field(default_factory=dict)  # kind of a part -> the last one entered
    referrals: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Awaited:
    """A referral to the partner office, and the step it is to reach there; '' = it stays unanswered."""

    id: str
    answer: str


@dataclass(slots=True)
class Loaded:
    """What the loader wrote."""

    cases: int = 0
    victims: int = 0
    happenings: int = 0
    awaited: list[Awaited] = field(default_factory=list)


class Loader:
    """Enters plans at one desk. The desk's user enters everything; the clock goes through the years and comes back."""

    def __init__(self, desk: Desk, plans: Sequence[CasePlan], *, told: Told | None = None) -> None:
        self._clock = MovingClock(desk.now())
        self._desk = replace(desk, now=self._clock, listeners=[])
        self._plans = plans
        self._told = told
        self._cases = [Case() for _ in plans]
        self._again: dict[str, str] = {}
        self._agencies = {str(agency["agency_type"]): agency.id for agency in directory.agencies(desk)}
        self.loaded = Loaded()

    def run(self) -> Loaded:
        """Enter everything, oldest first."""
        events = self._events()
        for start in range(0, len(events), TOGETHER):
            with self._desk.write(Permission.WRITE_CASE) as session:
                for at, n, event in events[start : start + TOGETHER]:
                    self._clock.moment = at
                    self._enter(session, n, event)
                    self.loaded.happenings += 1
            if self._told:
                self._told(min(start + TOGETHER, len(events)), len(events))
        return self.loaded

    def _events(self) -> list[tuple[datetime, int, Happening | None]]:
        """(moment, which plan, what) of all plans in order of time; None is the report itself."""
        found: Iterator[tuple[datetime, int, Happening | None]] = chain.from_iterable(
            [(plan.reported_at, n, None), *((event.at, n, event) for event in plan.happenings)]
            for n, plan in enumerate(self._plans)
        )
        return sorted(found, key=lambda row: row[:2])

    def _enter(self, session: Session, n: int, event: Happening | None) -> None:
        if event is None:
            self._report(session, self._plans[n], self._cases[n])
        else:
            verb: Callable[[Session, Case, dict[str, Any]], None] = getattr(self, f"_{event.what}")
            verb(session, self._cases[n], dict(event.values))

    def _report(self, session: Session, plan: CasePlan, case: Case) -> None:
        record = add_case(session, self._desk, {**plan.values, "reported_at": plan.reported_at - timedelta(minutes=10)})
        session.flush()
        case.id = record.id
        for part in plan.parts:
            known = self._again.get(part.again) if part.again else None
            party = join(session, case.id, known or part.person, part.part)
            if part.again:
                self._again[part.again] = str(party.person_id)
            if part.is_victim:
                case.victims.append(str(party.person_id))
            elif part.part["role"] == "SUSPECT":
                case.suspects.append(str(party.person_id))
        self.loaded.cases += 1
        self.loaded.victims += len(case.victims)

    def _screen(self, session: Session, case: Case, values: dict[str, Any]) -> None:
        victim = case.victims[values.pop("victim")]
        lacking = not (values["process"] and values["means"] and values["purpose"])
        if lacking and values["conclusion"] != "POSSIBLE":
            values["reasoning"] = "Disimpulkan bersama supervisor berdasarkan keterangan keluarga."
        add_screening(session, self._desk, case.id, victim, values)

    def _consent(self, session: Session, case: Case, values: dict[str, Any]) -> None:
        victim = values.pop("victim")
        consent, _warnings = add_consent(session, self._desk, case.id, case.victims[victim], values)
        if values["purpose"] == "SHARE":
            case.consents[victim] = consent.id

    def _service(self, session: Session, case: Case, values: dict[str, Any]) -> None:
        provider = self._agencies.get(values.pop("provider"))
        person = case.victims[0] if case.victims else None
        links = {"provider_id": provider, "person_id": person, "goal_id": case.goals.get(values["need"])}
        enter_service(session, self._desk, case.id, {**values, **links})

    def _note(self, session: Session, case: Case, values: dict[str, Any]) -> None:
        enter_note(session, self._desk, case.id, values)

    def _refer(self, session: Session, case: Case, values: dict[str, Any]) -> None:
        to, victim, answer = values.pop("to"), values.pop("victim"), values.pop("answer", "")
        given = {
            "to_agency": self._agencies[to],
            "consent_id": case.consents[victim],
            "person_id": case.victims[victim],
        }
        referral = add_referral(session, self._desk, case.id, {**values, **given})
        case.referrals.append(referral.id)
        if to == PARTNER and answer != "WITHDRAWN":
            self.loaded.awaited.append(Awaited(referral.id, answer))

    def _step(self, session: Session, case: Case, values: dict[str, Any]) -> None:
        referral, step = case.referrals[values.pop("referral")], values.pop("step")
        enter_step(session, self._desk, referral, step, **values)

    def _close(self, session: Session, case: Case, values: dict[str, Any]) -> None:
        end_case(session, self._desk, case.id, reason=values["reason"])

    def _part(self, session: Session, case: Case, values: dict[str, Any]) -> None:
        """A part by its declaration, about the first victim, a stage about the first suspect."""
        kind, back = values.pop("kind"), values.pop("back", None)
        values |= days_from(self._desk.today(), values.pop("on", {}))
        if back is not None:
            values["at"] = self._clock() - timedelta(hours=back)
        if after := values.pop("after", ""):
            values["source"] = case.latest[after]
        if kind == "legal_step":
            values["person_id"] = next(iter(case.suspects), None)
        elif kind in OF_A_VICTIM:
            values["person_id"] = case.victims[0]
        record, _warnings = enter_part(session, self._desk, case.id, kind, values)
        case.latest[kind] = record.id
        if kind == "goal":
            case.goals[values["need"]] = record.id

    def _reach(self, session: Session, case: Case, values: dict[str, Any]) -> None:
        alter_part(session, self._desk, "goal", case.goals[values["need"]],
                   {"state": "REACHED", "result": values["result"]})  # fmt: skip
