"""Three laptops of two offices do anything in any order, over links that break; then everything must add up.

Held at the end of every run: nothing is lost, every operation was applied exactly once, the laptops of an office hold
the same as the centre, no value was overwritten unseen, and the other office holds exactly what its view allows.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import msgspec
import pytest
from hypothesis import Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from app.errors import NetworkDown, UserError
from app.models.all import Case, Conflict, Note
from app.models.view import CaseFile, view_for
from app.services import care, cases, consents, referrals
from app.services.case_page import open_page
from tests.centre import CentreUnderTest, new_centre
from tests.conftest import Clock
from tests.sync.country import Country, new_case, of_scope, refer
from tests.sync.laptops import Laptop
from tests.sync.proxy import Link, link_to

NAMES = ("a1", "a2", "b1")
CODES = ("SEX", "LAB", "LAB.SEA", "LAB.DOMESTIC")
_runs = itertools.count(1)
_values = itertools.count(1)


class Offices(RuleBasedStateMachine):
    """What workers do, and what the link does to them."""

    centre: ClassVar[CentreUnderTest]
    link: ClassVar[Link]

    @initialize()
    def begin(self) -> None:
        """Two offices nobody has used before, three laptops."""
        self.run_number = next(_runs)
        self.home = Path(tempfile.mkdtemp(prefix="naungan-offices-"))
        self.country = Country(self.centre, self.home, self.centre.clock)  # type: ignore[arg-type]
        for name in NAMES:
            self.country.laptop(f"{name}X{self.run_number}", office=self.office_of(name))
        self.seen: set[str] = set()  # values somebody saw when writing another one in their place
        self.written: list[tuple[str, str, str]] = []  # (laptop, case, value)
        self.notes: list[tuple[str, str]] = []
        self.sync("a1")
        case_id = new_case(self.laptop("a1"))
        refer(self.laptop("a1"), case_id, f"Kantor B{self.run_number}", "OPEN", "CASE")
        for name in NAMES:
            self.sync(name)

    def office_of(self, name: str) -> str:
        """'A7' for a laptop of office A in the seventh run."""
        return f"{name[0].upper()}{self.run_number}"

    def laptop(self, name: str) -> Laptop:
        """The laptop of this name in this run."""
        return self.country.laptops[f"{name}X{self.run_number}"]

    def known(self, name: str) -> list[str]:
        """The cases a laptop shows."""
        return sorted(record for kind, record in self.laptop(name).contents() if kind == "case")

    def pick(self, name: str, chance: int) -> str | None:
        """One of the cases a laptop shows."""
        there = self.known(name)
        return there[chance % len(there)] if there else None

    @rule(name=st.sampled_from(NAMES[:2]))
    def open_a_case(self, name: str) -> None:
        """An intake; few cases, so that people meet in them."""
        if len(self.known(name)) < 3:
            new_case(self.laptop(name))

    @rule(name=st.sampled_from(NAMES), chance=st.integers(0, 9))
    def change_a_text(self, name: str, chance: int) -> None:
        """A value that nobody wrote before, in the place of what is shown."""
        case_id = self.pick(name, chance)
        if case_id:
            laptop, value = self.laptop(name), f"value {next(_values)}"
            shown = laptop.get(Case, case_id)
            if shown is not None and shown.transit:
                self.seen.add(shown.transit)
            cases.change_case(laptop.desk, case_id, {"transit": value})
            self.written.append((name, case_id, value))

    @rule(who=st.permutations(NAMES), chance=st.integers(0, 9))
    def meet_in_a_text(self, who: list[str], chance: int) -> None:
        """Two people write the same field of the same case, and neither hears of the other."""
        for name in who[:2]:
            self.change_a_text(name, chance)

    @rule(name=st.sampled_from(NAMES), chance=st.integers(0, 9), chosen=st.sets(st.sampled_from(CODES), min_size=1))
    def change_a_set(self, name: str, chance: int, chosen: set[str]) -> None:
        """Other entries."""
        case_id = self.pick(name, chance)
        if case_id:
            cases.change_case(self.laptop(name).desk, case_id, {"exploitation": sorted(chosen)})

    @rule(name=st.sampled_from(NAMES), chance=st.integers(0, 9))
    def write_a_note(self, name: str, chance: int) -> None:
        """A note."""
        case_id = self.pick(name, chance)
        if case_id:
            laptop, text = self.laptop(name), f"note {next(_values)}"
            care.add_note(laptop.desk, case_id, {"note_kind": "CALL", "at": laptop.clock(), "text": text})
            self.notes.append((name, text))

    @rule(
        name=st.sampled_from(NAMES[:2]), chance=st.integers(0, 9), tiers=st.sampled_from([("OPEN",), ("OPEN", "CASE")])
    )
    def refer_a_victim(self, name: str, chance: int, tiers: tuple[str, ...]) -> None:
        """To the other office, if the consent still stands."""
        case_id = self.pick(name, chance)
        if case_id:
            with contextlib.suppress(UserError):
                refer(self.laptop(name), case_id, f"Kantor B{self.run_number}", *tiers)

    @rule(name=st.sampled_from(NAMES), chance=st.integers(0, 9))
    def take_a_step(self, name: str, chance: int) -> None:
        """Whatever the screen offers for one of the referrals."""
        desk = self.laptop(name).desk
        open_ones = [item for item in (*referrals.inbox(desk), *referrals.outbox(desk)) if item.steps]
        if open_ones:
            item = open_ones[chance % len(open_ones)]
            step = item.steps[chance % len(item.steps)]
            event(f"step {step}")
            reason = {"reason": "NO_CAPACITY"} if step in ("DECLINED", "RETURNED") else {}
            with contextlib.suppress(UserError):
                referrals.take_step(desk, item.entry.id, step, **reason)

    @rule(name=st.sampled_from(NAMES[:2]), chance=st.integers(0, 9))
    def withdraw_a_consent(self, name: str, chance: int) -> None:
        """What was shared on it has to come back."""
        case_id = self.pick(name, chance)
        if case_id:
            given = open_page(self.laptop(name).desk, case_id).consents[0].id
            with contextlib.suppress(UserError):
                consents.withdraw(self.laptop(name).desk, given)

    @rule(name=st.sampled_from(NAMES))
    def sync(self, name: str) -> None:
        """Over a sound link."""
        report = self.country.sync(self.laptop(name))
        assert report.problem is None, report.problem
        assert report.green
        assert not report.repaired

    @rule(name=st.sampled_from(NAMES), at=st.integers(0, 12_000))
    def sync_over_a_link_that_breaks(self, name: str, at: int) -> None:
        """Somewhere, perhaps not at all."""
        self.link.mend(cut_at=at)
        report = self.country.sync(self.laptop(name), url=self.link.url)
        assert report.problem is None or isinstance(report.problem, NetworkDown)

    @rule(name=st.sampled_from(NAMES))
    def sync_and_lose_the_reply(self, name: str) -> None:
        """The centre understood, and nobody heard."""
        self.link.mend()
        self.link.swallow = b"PUT "
        try:
            report = self.country.sync(self.laptop(name), url=self.link.url)
        finally:
            self.link.swallow = b""
        assert report.problem is None or isinstance(report.problem, NetworkDown)

    @rule(name=st.sampled_from(NAMES))
    def restart(self, name: str) -> None:
        """The program ends and begins."""
        self.country.reopened(f"{name}X{self.run_number}")

    @precondition(lambda self: hasattr(self, "country"))
    @rule()
    def some_time_passes(self) -> None:
        """The centre counts requests per minute."""
        self.country.clock.forward(minutes=2)

    @rule(how=st.sampled_from(["consent", "referral"]))
    def take_everything_back(self, how: str) -> None:
        """What was shared leaves the other office."""
        for case_id in self.known("a1"):
            if how == "consent":
                self.withdraw_a_consent("a1", self.known("a1").index(case_id))
        for item in referrals.outbox(self.laptop("a1").desk):
            if how == "referral" and "WITHDRAWN" in item.steps:
                referrals.take_step(self.laptop("a1").desk, item.entry.id, "WITHDRAWN")

    def teardown(self) -> None:
        """Let everybody hear everything; then it has to add up."""
        if not hasattr(self, "country"):
            return
        try:
            self.country.clock.forward(minutes=5)
            for _round in range(3):
                for name in NAMES:
                    self.sync(name)
            self.everything_adds_up()
        finally:
            self.country.close()
            shutil.rmtree(self.home, ignore_errors=True)

    def everything_adds_up(self) -> None:
        """The invariants."""
        one, two, other = (self.laptop(name) for name in NAMES)
        event(f"conflicts {one.count(Conflict) > 0}")
        event(f"left B {other.count(Case) == 0}")
        ours = of_scope(one, one.actor.office)
        assert ours == of_scope(two, two.actor.office)
        self.exactly_once()
        self.nothing_unseen_is_overwritten(one)
        texts = {note.text for note in _all(one, Note)}
        assert {text for name, text in self.notes if name != "b1"} <= texts
        allowed = _view(ours, other.actor.office, today=self.country.clock().date().isoformat())
        theirs = of_scope(other, other.actor.office)
        assert {key: held for key, held in theirs.items() if key[0] not in ("user", "device")} == allowed

    def exactly_once(self) -> None:
        """As many outcomes at the centre as operations here, and each got one."""
        for name in NAMES:
            laptop = self.laptop(name)
            results = self.centre.sql("SELECT result FROM batch WHERE device = %s", laptop.workspace.device.id)
            outcomes = [o for (result,) in results for o in msgspec.msgpack.decode(bytes(result))["outcomes"]]
            assert len(outcomes) == len(laptop.operations())
            assert all(op.result for op in laptop.operations())
            if name != "b1":
                assert {op.result for op in laptop.operations()} <= {"accepted", "merged", "conflict"}

    def nothing_unseen_is_overwritten(self, laptop: Laptop) -> None:
        """A value is there, or stands in a conflict, or was seen by whoever replaced it."""
        there = {case.transit for case in _all(laptop, Case)}
        for conflict in _all(laptop, Conflict):
            there |= {json.loads(value) for value in (conflict.kept, conflict.other) if value}
        for name, case_id, value in self.written:
            taken = [op for op in self.laptop(name).operations() if op.record == case_id and value in str(op.changes)]
            if any(op.result in ("accepted", "merged", "conflict") for op in taken):
                assert value in there | self.seen, value


def _all(laptop: Laptop, kind: type[Any]) -> list[Any]:
    with laptop.session() as session:
        return session.query(kind).all()


def _view(ours: dict[Any, Any], recipient: str, *, today: str) -> dict[Any, Any]:
    """What the recipient may hold, worked out from what the owner holds."""
    allowed: dict[Any, Any] = {}
    for kind, case_id in ours:
        if kind != "case":
            continue
        file = CaseFile()
        people = {c["person_id"] for (k, _r), (_v, c) in ours.items() if k == "party" and c.get("case_id") == case_id}
        for (k, record), (rev, content) in ours.items():
            if record == case_id or content.get("case_id") == case_id or record in people:
                file.add(k, record, rev, content)
        for key, (rev, content) in view_for(file, recipient, today=today).items():
            allowed[key] = (rev, content)
    return allowed


@pytest.fixture
def machine(postgres: Any, tmp_path: Path) -> Iterator[type[Offices]]:
    """The machine, on one centre for all its runs."""
    clock = Clock(datetime(2026, 11, 23, 1, 30, tzinfo=UTC))
    for centre in new_centre(postgres, tmp_path, clock=clock):
        with link_to(centre.base_url) as link:
            Offices.centre, Offices.link = centre, link
            yield Offices


def test_anything_in_any_order_adds_up(machine: type[Offices]) -> None:
    # not shrunk: a smaller example of what three laptops did would take longer to find than to understand the first
    phases = (Phase.explicit, Phase.reuse, Phase.generate)
    bounds = settings(max_examples=6, stateful_step_count=25, deadline=None, phases=phases)
    run_state_machine_as_test(machine, settings=bounds)
