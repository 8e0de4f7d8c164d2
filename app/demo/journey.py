"""The journey of the demo: a case registered offline, referred, printed, sent and answered; the answer comes back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from app.context import Clock, Context, system_clock
from app.demo import servers
from app.demo.course import answer_values
from app.demo.girl import tell_file
from app.demo.laptop import Laptop
from app.demo.loading import Awaited, Loaded, Loader
from app.demo.offices import OFFICE_A, OFFICE_B, fill_directory
from app.demo.telling import Telling
from app.demo.world import World
from app.errors import KnownError
from app.i18n import _, ngettext
from app.reports.api import Rendered
from app.reports.protect import passphrase
from app.services import audit_check, care, exports, intake, referrals
from app.services.case_page import open_page
from app.services.directory import recipients
from app.services.entries import Entry
from app.vault.files import write_whole
from app.vault.verify import integrity

Shoot = Callable[[Context, Path], list[Path]]
# What it takes to get from an accepted referral to the step the plan wants.
WAYS = {
    "ACCEPTED": ("ACCEPTED",), "DECLINED": ("DECLINED",), "IN_PROGRESS": ("ACCEPTED", "IN_PROGRESS"),
    "COMPLETED": ("ACCEPTED", "IN_PROGRESS", "COMPLETED"), "RETURNED": ("ACCEPTED", "RETURNED"),
}  # fmt: skip
VISITOR = {
    "name": "Melati Kencana", "alias": "Mela", "sex": "P", "birth_date": "2009-08-??", "nationality": "ID",
    "region": "327302", "contact_safety": "MESSAGE_ONLY", "contact_note": "Pesan singkat kepada bibinya saja.",
    "education": "SLTP", "occupation": "STUDENT",
    "health": "Sesak napas; inhalatornya tertinggal di rumah bibinya.",
}  # fmt: skip
OTHERS = (
    ({"name": "Komariah Rahayu", "sex": "P", "age": 46, "region": "327302", "phone": "+6281100004417"},
     {"role": "GUARDIAN", "relation": "RELATIVE"}),
    ({"name": "Robi Tanjung", "alias": "Bang Ro", "sex": "L", "age": 34},
     {"role": "SUSPECT", "relation": "ONLINE_STRANGER", "network_role": "RECRUITER"}),
)  # fmt: skip
REPORT = {
    "channel": "SAPA129", "reporter_type": "FAMILY", "risk": "HIGH", "exploitation": ["SEX.CHILD"],
    "recruitment_mode": "JOB_SOCMED", "recruitment_place": "SOCNET", "platform": "FACEBOOK", "origin": "3273",
    "destination": "Kota Batam", "destination_country": "ID", "transport": "AIR",
    "control": ["FALSE_PROMISE", "MOVEMENT"],
    "summary": "Bibinya melaporkan: anak ditawari pekerjaan penjaga toko di Batam lewat media sosial, ponselnya tidak "
    "aktif sejak dua hari. Ditemukan di bandara bersama seorang laki-laki yang memegang tiket dan kartu identitasnya.",
}  # fmt: skip
SCREENING = {
    "process": ["ACT.RECRUIT", "ACT.TRANSPORT"], "means": ["MEANS.DECEIVE"], "purpose": ["PURP.SEXUAL"],
    "indicators": ["ILO.DECEPT_RECR.1", "ILO.ABUSE_RECR.3"], "conclusion": "PRESUMED",
}  # fmt: skip
CONSENT = {
    "purpose": "SHARE", "given_by": "BOTH", "method": "WRITTEN",
    "tiers": ["OPEN", "CASE", "IDENTIFYING", "NARRATIVE", "SENSITIVE"],
}  # fmt: skip
REFERRAL = {
    "reason": "LEGAL", "urgency": "URGENT3H", "services": ["L.REPORT"],
    "tiers": ["OPEN", "CASE", "IDENTIFYING", "SENSITIVE"],
    "message": "Korban menunggu bersama pendamping.",
}  # fmt: skip
SERVICES: tuple[dict[str, Any], ...] = (
    {"service_type": "P.PFA", "need": "PSYCHOSOCIAL", "state": "DONE", "goal": "Merasa aman untuk bercerita.",
     "result": "Sudah tenang, mau makan, meminta bibinya menemani."},
    {"service_type": "H.MEDICAL", "need": "MEDICAL", "state": "PLANNED", "goal": "Pemeriksaan kesehatan umum."},
    {"service_type": "S.FAMTRACE", "need": "FAMILY", "state": "PLANNED", "goal": "Orang tua di Garut dihubungi."},
)  # fmt: skip
NOTE = {
    "note_kind": "OBSERVATION",
    "text": "Korban bercerita berurutan bila bibinya ada di ruangan. Pertanyaan tentang perjalanan ditunda.",
}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the demo is asked for. `vault` and `now` are seams for tests."""

    out: Path
    cases: int = 200
    seed: int = 2022
    now: Clock = system_clock
    vault: Any = None
    shoot: Shoot | None = None


@dataclass(slots=True)
class Played:
    """What came of the journey."""

    loaded: Loaded = field(default_factory=Loaded)
    case_id: str = ""
    referral_id: str = ""
    answer: str = ""
    sealed: bool = False  # whether the other office read what only it could open
    pdf: Path = Path()
    rendered: Rendered | None = None
    problems: list[str] = field(default_factory=list)
    screenshots: list[Path] = field(default_factory=list)


class Journey:
    """Plays the journey step by step; `close` stops everything it started."""

    def __init__(self, wishes: Wishes, telling: Telling) -> None:
        self._wishes = wishes
        self._telling = telling
        self._stack = ExitStack()
        self.passphrase = passphrase()
        make = {"passphrase": self.passphrase, "now": wishes.now, "vault": wishes.vault}
        self.a = Laptop(OFFICE_A, wishes.out / OFFICE_A.folder, **make)
        self.b = Laptop(OFFICE_B, wishes.out / OFFICE_B.folder, **make)
        self.centre: servers.DemoCentre | None = None
        self.played = Played()

    def play(self) -> Played:
        """The whole journey. On the way out nothing is stopped: a window may follow."""
        self._found()
        self._fill()
        self._answer_the_past()
        self._register()
        self._print()
        self._hand_over()
        self._come_back()
        self._check()
        self._shoot()
        return self.played

    def close(self) -> None:
        """Close both workspaces, stop the centre."""
        self._stack.close()

    def _found(self) -> None:
        with self._telling.step("centre", _("The centre starts, with a PostgreSQL of its own")):
            self.centre = self._stack.enter_context(servers.start(self._wishes.out / "centre", now=self._wishes.now))
        with self._telling.step("workspaces", _("Two offices set up their laptops and enrol them")):
            for laptop in (self.a, self.b):
                self._stack.callback(laptop.close)
                laptop.set_up()
                laptop.enrol(self.centre.url, code=self.centre.add_office(laptop.office))
                self.centre.confirm(laptop.context.workspace.device.id)
            for laptop in (self.a, self.b):
                laptop.sync()

    def _fill(self) -> None:
        count = self._wishes.cases
        words = ngettext("{n} sample case is entered", "{n} sample cases are entered", count).format(n=count)
        with self._telling.step("cases", words):
            fill_directory(self.a.context.desk)
            self.a.sign_in("siti")
            plans = World(self._wishes.now(), seed=self._wishes.seed).cases(count)
            self.played.loaded = Loader(self.a.context.desk, plans, told=self._telling.reached).run()
        with self._telling.step("first_sync", _("They are sent to the centre")):
            self.a.sync(told=self._telling.reached)

    def _answer_the_past(self) -> None:
        with self._telling.step("answers", _("The police unit receives its referrals and answers some")):
            self.b.sync(told=self._telling.reached)
            random = Random(self._wishes.seed)
            for awaited in self.played.loaded.awaited:
                self._answer(awaited, random)
            self.b.sync()
            self.a.sync()

    def _answer(self, awaited: Awaited, random: Random) -> None:
        for step in WAYS.get(awaited.answer, ()):
            referrals.take_step(self.b.context.desk, awaited.id, step, **answer_values(random, step))

    def _register(self) -> None:
        """Without a link: nothing here knows the centre."""
        with self._telling.step("register", _("Siti registers a case offline and refers the girl to the police")):
            desk = self.a.context.desk
            agency = next(agency.id for agency in recipients(desk) if agency["name"] == OFFICE_B.name)
            saved = intake.take(desk, intake.Intake(
                case=REPORT, victim=VISITOR, part={"trafficking_status": "ACTUAL"}, others=OTHERS,
                screening=SCREENING, consent=CONSENT, referral={"to_agency": agency, **REFERRAL},
            ))  # fmt: skip
            self.played.case_id = saved.id
            self.played.referral_id = referrals.of_case_items(desk, saved.id)[0].entry.id
            goals = tell_file(desk, saved.id)
            for service in SERVICES:
                under = {"goal_id": goals.get(service["need"])}
                care.add_service(desk, saved.id, {**service, **under, **self._due(service)})
            care.add_note(desk, saved.id, NOTE)

    def _due(self, service: dict[str, Any]) -> dict[str, str]:
        """What is planned is due in two days."""
        day = self.a.context.desk.today() + timedelta(days=2)
        return {"due": day.isoformat()} if service["state"] == "PLANNED" else {}

    def _print(self) -> None:
        with self._telling.step("pdf", _("She prints the case summary for the police as a protected PDF")):
            desk = self.a.context.desk
            agency = next(agency.id for agency in recipients(desk) if agency["name"] == OFFICE_B.name)
            order = exports.Order(
                profile="POLICE", agency=agency, purpose=_("police report"), released=("case.summary",)
            )
            rendered = exports.export_case(desk, self.played.case_id, order)
            self.played.pdf, self.played.rendered = self._wishes.out / rendered.file_name, rendered
            write_whole(self.played.pdf, rendered.pdf)

    def _hand_over(self) -> None:
        with self._telling.step("send", _("She synchronises; the police unit synchronises and finds the referral")):
            self.a.sync()
            self.b.sync()
            arrived = self._item(self.b.context.desk, incoming=True)
            victim = open_page(self.b.context.desk, self.played.case_id).victims[0].person
            self.played.sealed = victim["health"] == VISITOR["health"]
            if not self.played.sealed:
                raise KnownError(_("What was sealed for the police unit cannot be opened there."))
        with self._telling.step("accept", _("Iptu Ratna accepts it and synchronises")):
            referrals.take_step(self.b.context.desk, arrived.id, "ACCEPTED")
            self.b.sync()

    def _come_back(self) -> None:
        with self._telling.step("answer", _("Siti synchronises and sees the answer")):
            self.a.sync()
            self._item(self.a.context.desk, incoming=False)
            found = [item for item in referrals.outbox(self.a.context.desk) if item.entry.id == self.played.referral_id]
            self.played.answer = found[0].state

    def _item(self, desk: Any, *, incoming: bool) -> Entry:
        box = referrals.inbox(desk) if incoming else referrals.outbox(desk)
        found = [item.entry for item in box if item.entry.id == self.played.referral_id]
        if not found:
            raise KnownError(_("The referral did not arrive."))
        return found[0]

    def _check(self) -> None:
        with self._telling.step("verify", _("Both laptops are checked: file, audit chain, receipt")):
            for laptop in (self.a, self.b):
                laptop.sync()  # the centre noted a delivery meanwhile
                found = (*integrity(laptop.context.workspace), *audit_check.verify(laptop.context.desk))
                self.played.problems += [f"{laptop.office.name}: {problem}" for problem in found]

    def _shoot(self) -> None:
        if self._wishes.shoot is not None:
            with self._telling.step("screens", _("The screens are drawn")):
                self.played.screenshots = self._wishes.shoot(self.a.context, self._wishes.out / "screens")
