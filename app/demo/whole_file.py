"""The file of one sample case: needs, goals, the way to court, rights, restitution, and what comes after.

Drawn from a seed of its own, so that the course of the case stays what it was. Shares of legal stages are sourced.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from app.demo import file_texts as texts
from app.demo.course import at_work
from app.demo.distributions import draw, weights
from app.demo.plan import CasePlan, Happening

UNTIL_TRIAL = timedelta(days=240)  # a younger case has not come to its verdict
UNTIL_OUTCOME = timedelta(days=400)  # and in a younger one nobody was looked at half a year later
INSTITUTIONS = {
    "LP": "Polrestabes Bandung", "INQUIRY": "Polrestabes Bandung", "INVESTIGATION": "Polrestabes Bandung",
    "P21": "Kejaksaan Negeri Bandung", "COURT_FILED": "Pengadilan Negeri Bandung",
    "TRIAL": "Pengadilan Negeri Bandung", "VERDICT_PN": "Pengadilan Negeri Bandung",
}  # fmt: skip
STAGES = {"lidik": ("INQUIRY",), "sidik": ("INQUIRY", "INVESTIGATION")}
LATER = ("INQUIRY", "INVESTIGATION", "P21", "COURT_FILED", "TRIAL", "VERDICT_PN")
WIB = timedelta(hours=7)


def may_be_whole(plan: CasePlan, now: datetime) -> bool:
    """Whether this case is old enough, and has who it takes, to be told up to its verdict."""
    return plan.suspect is not None and _end(plan, now) - plan.reported_at > UNTIL_TRIAL


def with_file(plan: CasePlan, random: Random, *, now: datetime, whole: bool) -> CasePlan:
    """The plan with its file; a whole one has an entry of every kind."""
    return CaseFile(plan, random, now=now, whole=whole).run()


class CaseFile:
    """Lets the file of one case grow between its consent and its end."""

    def __init__(self, plan: CasePlan, random: Random, *, now: datetime, whole: bool) -> None:
        self._plan, self._random, self._now, self._whole = plan, random, now, whole
        consents = [event.at for event in plan.happenings if event.what == "consent"]
        self._start = max([plan.reported_at, *consents]) + timedelta(minutes=1)
        self._end = max(_end(plan, now), self._start + timedelta(minutes=2))
        self._open = all(event.what != "close" for event in plan.happenings)
        self._found: list[Happening] = []

    def run(self) -> CasePlan:
        """The plan with its file."""
        if self._chance(0.7):
            self._needs()
        if (self._plan.values["risk"] == "HIGH" and self._chance(0.3)) or self._whole:
            self._add("safety_plan", 0.03, **texts.SAFETY)
        if self._chance(0.55):
            self._legal()
        if self._chance(0.4):
            self._rights()
        if self._end - self._start > UNTIL_TRIAL and self._chance(0.35):
            self._empower()
        if self._chance(0.12):
            self._confer()
        if self._open:
            self._today()
        # first what is its own: a goal stands before a service of the same minute
        happenings = sorted((*self._found, *self._plan.happenings), key=lambda event: event.at)
        return replace(self._plan, happenings=tuple(happenings))

    def _needs(self) -> None:
        """An assessment, goals for what services are there for, and those that were reached."""
        services = [event for event in self._plan.happenings if event.what == "service"]
        needs = list(dict.fromkeys(event.values["need"] for event in services))
        risk = self._plan.values["risk"].replace("UNASSESSED", "MEDIUM")
        again = {"again_on": self._ahead(-3, 40)} if self._open else {}
        self._add(
            "assessment", 0, risk=risk, needs=[*needs, "SAFETY"] if "SAFETY" not in needs else needs,
            urgent_needs=["SAFETY"] if risk == "HIGH" else [], strengths=self._one(texts.STRENGTHS),
            own_words=self._one(texts.OWN_WORDS), wishes=self._one(texts.WISHES), summary=self._one(texts.FOUND),
            **again,
        )  # fmt: skip
        for need in needs:
            first, *_others = mine = [event for event in services if event.values["need"] == need]
            later = (self._start + timedelta(days=self._random.randint(30, 150))).date().isoformat()
            wanted = self._ahead(-4, 60) if self._open else later
            self._add("goal", 0, need=need, goal=first.values["goal"], wanted_by=wanted, agreed=True)
            done = [event for event in mine if event.values["state"] == "DONE"]
            if done and (not self._open or self._chance(0.5)):
                last = done[-1]
                values = {"need": need, "result": last.values["result"]}
                self._found.append(Happening(last.at + timedelta(seconds=1), "reach", values))
        if self._open and (self._whole or self._random.random() < 0.08):
            self._add("approval", 0.995, subject="PLAN", request="Rencana disusun bersama korban; mohon persetujuan.")

    def _legal(self) -> None:
        """The report to the police, and how far it came."""
        reached = "later" if self._whole else draw(self._random, weights("legal_stage"))
        later = reached == "later" and may_be_whole(self._plan, self._now)
        stages = ("LP", *(LATER if later else STAGES.get(reached, STAGES["sidik"])))
        number = f"LP/B/0000/{self._plan.reported_at.month:02}/{self._plan.reported_at.year}/SPKT"
        for n, stage in enumerate(stages):
            said: dict[str, Any] = {"report_number": number} if stage == "LP" else {}
            if stage in ("INVESTIGATION", "COURT_FILED"):
                said["articles"] = self._articles()
            if stage == "VERDICT_PN":
                said |= {"months": 60, "fine": 120_000_000, "outcome": "Terbukti; restitusi dikabulkan sebagian."}
            place = INSTITUTIONS[stage]
            self._add("legal_step", 0.04 + 0.1 * n, on={"day": 0}, institution=place, stage=stage, **said)
        if later:
            self._hear()
            self._restitute()

    def _hear(self) -> None:
        """The diary of the trial; where the case is open, one day of it lies ahead."""
        court = {"place": "Pengadilan Negeri Bandung", "attends": "WITHOUT_ACCUSED", "companion": "Pendamping kantor"}
        self._add("hearing", 0.50, hearing_kind="TRIAL", back=1, result="Dakwaan dibacakan.", **court)
        self._add("hearing", 0.55, hearing_kind="TESTIMONY", back=1, result="Korban didengar, didampingi.", **court)
        self._add("hearing", 0.63, hearing_kind="VERDICT", back=1, result="Putusan dibacakan.", **court)
        if self._open:
            self._add("hearing", 0.9, hearing_kind="OTHER", back=-240, **court)

    def _restitute(self) -> None:
        """Claimed, assessed, ordered, and paid in part."""
        claimed = self._random.randrange(40, 140, 5) * 1_000_000
        lines = (("CLAIMED", claimed, 0.30), ("ASSESSED", claimed * 9 // 10, 0.40), ("ORDERED", claimed * 3 // 4, 0.66),
                 ("PAID", claimed // 4, 0.75))  # fmt: skip
        for step, amount, when in lines:
            self._add("restitution", when, on={"day": 0}, step=step, amount=amount)

    def _rights(self) -> None:
        for code in self._random.sample(texts.RIGHTS, self._random.randint(2, 4)):
            state = self._random.choices(("TOLD", "GIVEN", "DENIED"), (40, 50, 10))[0]
            note = {"note": texts.DENIED} if state == "DENIED" else {}
            self._add("victim_right", 0.02, on={"day": 0}, right_code=code, state=state, **note)

    def _empower(self) -> None:
        """Offered and begun; where the case is old enough, done and looked at half a year later."""
        kind, skill, detail, outcomes = self._one(texts.EMPOWERMENT)
        days, said = {"offered_on": -60, "answered_on": -50, "started_on": -40}, {}
        if self._end - self._start > UNTIL_OUTCOME:
            days = {"offered_on": -330, "answered_on": -323, "started_on": -310, "ended_on": -200, "outcome_on": 0}
            said = {"outcome": self._one(outcomes), "outcome_note": "Dikunjungi di rumahnya."}
        self._add(
            "empowerment", 0.95, on=days, opportunity=kind, skills=skill, detail=detail, answer="ACCEPTED", **said
        )  # fmt: skip

    def _confer(self) -> None:
        """A conference; what it decided are tasks, where the case is open."""
        self._add("conference", 0.2, **texts.CONFERENCE)
        if self._open:
            for title in self._random.sample(texts.TASKS, 2):
                self._add("task", 0.2, title=title, due=self._ahead(-2, 14), after="conference")

    def _today(self) -> None:
        """What an open case has on it now: tasks and flags."""
        if self._chance(0.25):
            self._add("task", 0.8, title=self._one(texts.TASKS), due=self._ahead(-1, 14))
        if self._chance(0.12):
            reason = self._one(tuple(texts.FLAGS))
            self._add("flag", 0.6, reason=reason, text=texts.FLAGS[reason], until=self._ahead(5, 60))

    def _add(self, kind: str, share: float, **values: Any) -> None:
        """One entry after this share of the time between consent and end."""
        at = self._start + (self._end - self._start) * share
        at = min(at_work(at), self._end) if share else at
        last = self._found[-1].at if share and self._found and self._found[-1].what == kind else at
        self._found.append(Happening(max(at, last), "part", {"kind": kind, **values}))

    def _articles(self) -> list[str]:
        child = self._plan.mode == "CHILD"
        abroad = self._plan.values.get("destination_country", "ID") != "ID"
        return ["UU21-6", "UU21-17"] if child else ["UU21-4" if abroad else "UU21-2"]

    def _ahead(self, first: int, last: int) -> str:
        day = (self._now + timedelta(days=self._random.randint(first, last)) + WIB).date()
        return max(day, (self._plan.reported_at + WIB).date()).isoformat()

    def _chance(self, share: float) -> bool:
        return self._random.random() < share or self._whole

    def _one(self, found: Any) -> Any:
        return self._random.choice(found)


def _end(plan: CasePlan, now: datetime) -> datetime:
    """Just before it was closed, or now."""
    closed: Iterable[datetime] = (event.at for event in plan.happenings if event.what == "close")
    return min([*closed, now]) - timedelta(minutes=2)


def days_from(today: Any, said: Mapping[str, int]) -> dict[str, str]:
    """Days counted from the day of an entry: {'day': 0} is that day."""
    return {key: (today + timedelta(days=days)).isoformat() for key, days in said.items()}
