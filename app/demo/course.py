"""The course of one sample case: screening, consent, services, notes, referrals, closing, in the order they come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from app.demo.plan import CasePlan, Happening
from app.demo.stories import CARE, FEEDBACK, NOTES, STORIES, Care
from app.models.dates import is_child
from app.models.referral import NEEDS_REASON

PARTNER = "POLRES_PPA"  # the second office of the demo: it answers in Naungan, not on paper
SHARED = ("OPEN", "CASE", "IDENTIFYING")
# What the partner will do with the referrals it gets, one after the other. '' is no answer yet.
ANSWERS = ("ACCEPTED", "", "DECLINED", "COMPLETED", "", "IN_PROGRESS", "WITHDRAWN", "RETURNED", "")
# (agency type, reason, what is asked for, how an office on paper ends it)
PAPER: tuple[tuple[str, str, str], ...] = (
    ("RSUD", "HEALTH", "H.VISUM"), ("LBH", "LEGAL", "L.CONSULT"), ("LPSK", "PROTECTION", "L.LPSK"),
    ("DINSOS", "EMPOWER", "E.SKILL"), ("BP3MI", "RETURN", "TPPO.5"), ("SHELTER_NGO", "SHELTER", "S.SHELTER"),
    ("DUKCAPIL", "CIVREG", "A.CIVREG"),
)  # fmt: skip
PAPER_ENDS = (
    ("ACCEPTED", "IN_PROGRESS", "COMPLETED"), ("ACCEPTED", "COMPLETED"), ("DECLINED",), ("ACCEPTED", "RETURNED"),
)  # fmt: skip
CLOSINGS = ("GOALS_MET", "REINTEGRATED", "REPATRIATED", "WITHDRAWN", "NO_CONTACT", "TRANSFERRED")
DAYTIME = frozenset({"service", "note", "step", "close"})
WIB = timedelta(hours=7)
HOURS = {"IMMEDIATE": 1, "URGENT3H": 3, "DAY1": 24, "DAY3": 72, "ROUTINE": 168}


class Course:
    """Lets one case happen, from its report to today. `turn` counts the referrals to the partner office."""

    def __init__(self, random: Random, plan: CasePlan, *, now: datetime, active: bool) -> None:
        self._random = random
        self._plan = plan
        self._now = now
        self._active = active
        self._at = plan.reported_at + timedelta(minutes=20)
        self._found: list[Happening] = []
        self._referrals = 0

    def run(self, *, turn: int) -> CasePlan:
        """The plan with its course."""
        self._screen()
        self._consents()
        if self._active:
            self._open(turn=turn)
        else:
            self._finished()
        return replace(self._plan, happenings=tuple(sorted(self._found, key=lambda event: event.at)))

    def _screen(self) -> None:
        story = STORIES[self._plan.mode]
        for n, victim in enumerate(self._plan.victims):
            day = self._plan.reported_at.date()
            child = bool(is_child(victim.person.get("birth_date"), victim.person.get("age"), day))
            sure = self._random.random() < 0.75
            means = story.means if sure or not child else ()
            conclusion = self._random.choice(("PRESUMED", "PRESUMED", "CONFIRMED")) if means and sure else "POSSIBLE"
            self._do("screen", victim=n, process=self._some(story.acts), means=self._some(means),
                     purpose=self._some(story.purpose), indicators=self._some(story.indicators),
                     conclusion=conclusion)  # fmt: skip
            self._pass(minutes=25)

    def _consents(self) -> None:
        for n, victim in enumerate(self._plan.victims):
            child = bool(is_child(victim.person.get("birth_date"), victim.person.get("age"), self._at.date()))
            by = self._random.choice(("BOTH", "GUARDIAN")) if child else "VICTIM"
            method = self._random.choice(("WRITTEN", "WRITTEN", "THUMBPRINT", "VERBAL"))
            common = {"victim": n, "given_by": by, "method": method}
            self._do("consent", **common, purpose="RECORD")
            if self._random.random() < 0.9 or n == 0:
                tiers = [*SHARED, "NARRATIVE"] if self._random.random() < 0.4 else list(SHARED)
                self._do("consent", **common, purpose="SHARE", tiers=tiers)
            self._pass(minutes=10)

    def _finished(self) -> None:
        """A case of the past: services done, a referral answered, closed."""
        span = max(self._now - self._at, timedelta(hours=2))
        for _ in range(self._random.randint(1, 3)):
            self._pass(share=span / 12)
            self._service_done()
            if self._random.random() < 0.6:
                self._note()
        if self._random.random() < 0.55:
            self._pass(share=span / 12)
            self._paper(self._random.choice(PAPER_ENDS[:2] if self._random.random() < 0.7 else PAPER_ENDS))
        self._pass(share=span / 6)
        self._do("close", reason=self._random.choice(CLOSINGS))

    def _open(self, *, turn: int) -> None:
        """A case of today: some work behind it, some before it, perhaps a referral to the police office."""
        span = self._now - self._at
        if span > timedelta(days=2):
            for _ in range(self._random.randint(1, 3)):
                self._pass(share=span / 8)
                self._service_done()
            if self._random.random() < 0.35:
                self._pass(share=span / 8)
                self._paper(self._random.choice((*PAPER_ENDS, ("ACCEPTED",), ("ACCEPTED", "IN_PROGRESS"), ())))
        for _ in range(self._random.randint(0, 2)):
            self._pass(share=span / 8)
            self._note()
        self._pass(share=span / 10)
        for _ in range(self._random.randint(1, 2)):
            self._service_planned()
        if self._random.random() < 0.5 or turn == 0:
            self._to_partner(turn)

    def _service_done(self) -> None:
        care = self._care()
        self._do("service", **_care(care), state="DONE", result=care.result)

    def _service_planned(self) -> None:
        care = self._care()
        days = self._random.choice((-9, -3, -1, 0, 0, 1, 2, 3, 5, 7, 12, 20))
        self._do("service", **_care(care), state="PLANNED", due=self._day(days))

    def _note(self) -> None:
        kind, text = self._random.choice(NOTES)
        self._do("note", note_kind=kind, text=text)

    def _paper(self, ends: tuple[str, ...]) -> None:
        """A referral to an agency without Naungan: its answers come by letter and are entered here."""
        to, reason, service = self._random.choice(PAPER)
        urgency = self._random.choice(("DAY3", "ROUTINE"))
        which = self._refer(to=to, reason=reason, urgency=urgency, services=[service])
        for step in ends:
            self._pass(minutes=self._random.randint(60, 60 * HOURS[urgency] // 2))
            why = (
                {"reason": self._random.choice(("NO_CAPACITY", "INFO_MISSING"))}
                if step in ("DECLINED", "RETURNED")
                else {}
            )
            end = {"outcome": self._random.choice(("FULL", "PARTIAL")), "feedback": self._random.choice(FEEDBACK)}
            self._do("step", referral=which, step=step, on_paper=True, **why, **(end if step == "COMPLETED" else {}))

    def _to_partner(self, turn: int) -> None:
        answer = ANSWERS[turn % len(ANSWERS)]
        urgency = self._random.choice(("DAY1", "DAY1", "URGENT3H", "DAY3"))
        late = answer == "" and turn % 2
        hours = HOURS[urgency] * (1.5 if late else self._random.uniform(0.05, 0.6))
        self._at = max(self._at, min(self._now - timedelta(hours=hours), self._now - timedelta(minutes=15)))
        reason = self._random.choice(("LEGAL", "POLICE_24H", "SAFETY"))
        which = self._refer(to=PARTNER, reason=reason, urgency=urgency, services=["L.REPORT"], answer=answer,
                            message="Mohon pendampingan pelaporan; korban didampingi pekerja sosial.")  # fmt: skip
        if answer == "WITHDRAWN":
            self._pass(minutes=5)
            self._do("step", referral=which, step="WITHDRAWN")

    def _refer(self, **values: Any) -> int:
        self._do("refer", victim=0, tiers=list(SHARED), **values)
        self._referrals += 1
        return self._referrals - 1

    def _care(self) -> Care:
        adult = all(victim.person.get("age", 0) >= 18 for victim in self._plan.victims)
        return self._random.choice([care for care in CARE if not (adult and care.service == "E.EDU")])

    def _do(self, what: str, **values: Any) -> None:
        at = min(at_work(self._at) if what in DAYTIME else self._at, self._now - timedelta(minutes=1))
        self._found.append(Happening(at, what, values))
        self._at = at + timedelta(seconds=30)

    def _pass(self, *, minutes: float = 0, share: timedelta = timedelta()) -> None:
        """Time passes: some minutes, or about a share of the case's whole span."""
        self._at += timedelta(minutes=minutes) + share * self._random.uniform(0.4, 1.0)

    def _day(self, days: int) -> str:
        day: date = (self._now + timedelta(days=days) + WIB).date()
        return max(day, self._plan.reported_at.date()).isoformat()

    def _some(self, codes: tuple[str, ...]) -> list[str]:
        return sorted(self._random.sample(codes, self._random.randint(1, len(codes)))) if codes else []


def at_work(moment: datetime) -> datetime:
    """The same moment, or the next one at which an office works: Monday to Friday, eight to five in Bandung."""
    local = moment + WIB
    morning = local.replace(hour=8, minute=5 + local.minute // 2)
    if local.hour < 8:
        local = morning
    elif local.hour >= 17:
        local = morning + timedelta(days=1)
    while local.weekday() > 4:
        local += timedelta(days=1)
    return local - WIB


def answer_values(random: Random, step: str) -> dict[str, Any]:
    """What an answer has to say with this step: a reason, or an outcome with feedback."""
    if step in NEEDS_REASON:
        return {"reason": random.choice(("NO_CAPACITY", "INFO_MISSING"))}
    if step == "COMPLETED":
        return {"outcome": random.choice(("FULL", "PARTIAL")), "feedback": random.choice(FEEDBACK)}
    return {}


def _care(care: Care) -> Mapping[str, Any]:
    return {"service_type": care.service, "need": care.need, "provider": care.provider, "goal": care.goal}
