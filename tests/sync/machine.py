"""Three laptops of two offices do anything in any order, over links that break, to a centre that is put back; at the
end of every run it has to add up (tests/sync/invariants.py) against the second centre of tests/sync/reference.py.

Each run has a centre, a database and a country of its own: what one run did stands in no other's way.
"""

from __future__ import annotations

import contextlib
import itertools
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from sqlalchemy import select

from app.central import embedded
from app.errors import NetworkDown, UserError, WorkspaceBusy
from app.models.all import Case, Conflict
from app.services import care, cases, conflicts, consents, referrals
from app.services.case_page import open_page
from app.sync.pending import STANDING
from app.sync.settle import settle
from app.vault.kdf import CHEAPEST
from app.vault.workspace import Vault
from tests.centre import CentreUnderTest, new_centre
from tests.conftest import Clock
from tests.sync import adding_up, invariants
from tests.sync.backups import back_up_centre, put_centre_back
from tests.sync.clones import CopyOf
from tests.sync.country import Country, new_case, refer
from tests.sync.laptops import PASSWORD, Laptop
from tests.sync.proxy import Link, link_to
from tests.sync.sticks import carry
from tests.sync.test_crash import killed_at_commit
from tests.sync.test_erasing import erase

NAMES = ("a1", "a2", "b1")
OURS = NAMES[:2]
CODES = ("SEX", "LAB", "LAB.SEA", "LAB.DOMESTIC")
CHANCE = st.integers(0, 9)
_values = itertools.count(1)


@contextmanager
def country_of_a_run(postgres: embedded.Embedded) -> Iterator[tuple[Country, Link]]:
    """A centre that keeps a log, and nobody enrolled."""
    home = Path(tempfile.mkdtemp(prefix="naungan-offices-"))
    clock = Clock(datetime(2026, 11, 23, 1, 30, tzinfo=UTC))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        centre: CentreUnderTest = stack.enter_context(contextmanager(new_centre)(postgres, home, clock=clock))
        adding_up.keep_log(centre)
        country = Country(centre, home, clock)
        stack.callback(country.close)
        yield country, stack.enter_context(link_to(centre.base_url))


class Offices(RuleBasedStateMachine):
    """What workers do, and what the world does to them."""

    postgres: ClassVar[embedded.Embedded]
    happened: ClassVar[Counter[str]] = Counter()

    @initialize()
    def begin(self) -> None:
        """Two offices, three laptops, a case that was referred."""
        self.stack = ExitStack()
        self.country, self.link = self.stack.enter_context(country_of_a_run(self.postgres))
        self.centre, self.backup, self.restored = self.country.centre, False, False
        self.seen: set[str] = set()  # values somebody saw when writing another one in their place
        self.written: list[tuple[str, str, str]] = []  # (laptop, case, value)
        self.notes: list[tuple[str, str, str]] = []
        for name in NAMES:
            self.country.laptop(name, office=name[0].upper())
        self.sync("a1")
        refer(self.laptop("a1"), new_case(self.laptop("a1")), "Kantor B", "OPEN", "CASE")
        for name in NAMES:
            self.sync(name)

    def note(self, what: str) -> None:
        """Count, for the table of `make soak`."""
        self.happened[what] += 1

    def laptop(self, name: str) -> Laptop:
        """The laptop of this name."""
        return self.country.laptops[name]

    def known(self, name: str) -> list[str]:
        """The cases a laptop shows."""
        with self.laptop(name).session() as session:
            return list(session.scalars(select(Case.id).order_by(Case.id)))

    def pick(self, name: str, chance: int) -> str | None:
        """One of the cases a laptop shows."""
        there = self.known(name)
        return there[chance % len(there)] if there else None

    # what workers do

    @rule(name=st.sampled_from(OURS))
    def open_a_case(self, name: str) -> None:
        """An intake; few cases, so that people meet in them."""
        if len(self.known(name)) < 3:
            new_case(self.laptop(name))
            self.note("case opened")

    @rule(name=st.sampled_from(NAMES), chance=CHANCE)
    def change_a_text(self, name: str, chance: int) -> None:
        """A value that nobody wrote before, in the place of what is shown."""
        case_id = self.pick(name, chance)
        if case_id:
            laptop, value = self.laptop(name), f"value {next(_values)}"
            shown = laptop.get(Case, case_id)
            if isinstance(shown, Case) and shown.transit:
                self.seen.add(shown.transit)
            cases.change_case(laptop.desk, case_id, {"transit": value})
            self.written.append((name, case_id, value))
            self.note("text changed")

    @rule(who=st.permutations(NAMES), chance=CHANCE)
    def meet_in_a_text(self, who: list[str], chance: int) -> None:
        """Two people write the same field of the same case, and neither hears of the other."""
        for name in who[:2]:
            self.change_a_text(name, chance)

    @rule(name=st.sampled_from(NAMES), chance=CHANCE, chosen=st.sets(st.sampled_from(CODES), min_size=1))
    def change_a_set(self, name: str, chance: int, chosen: set[str]) -> None:
        """Other entries."""
        case_id = self.pick(name, chance)
        if case_id:
            cases.change_case(self.laptop(name).desk, case_id, {"exploitation": sorted(chosen)})
            self.note("set changed")

    @rule(name=st.sampled_from(NAMES), chance=CHANCE)
    def write_a_note(self, name: str, chance: int) -> None:
        """A note."""
        case_id = self.pick(name, chance)
        if case_id:
            laptop, text = self.laptop(name), f"note {next(_values)}"
            care.add_note(laptop.desk, case_id, {"note_kind": "CALL", "at": laptop.clock(), "text": text})
            self.notes.append((name, case_id, text))
            self.note("note written")

    @rule(name=st.sampled_from(OURS), chance=CHANCE, tiers=st.sampled_from([("OPEN",), ("OPEN", "CASE")]))
    def refer_a_victim(self, name: str, chance: int, tiers: tuple[str, ...]) -> None:
        """To the other office, if the consent still stands."""
        case_id = self.pick(name, chance)
        if case_id:
            with contextlib.suppress(UserError):
                refer(self.laptop(name), case_id, "Kantor B", *tiers)
                self.note("referral made")

    @rule(name=st.sampled_from(NAMES), chance=CHANCE)
    def take_a_step(self, name: str, chance: int) -> None:
        """Whatever the screen offers for one of the referrals."""
        desk = self.laptop(name).desk
        open_ones = [item for item in (*referrals.inbox(desk), *referrals.outbox(desk)) if item.steps]
        if open_ones:
            item = open_ones[chance % len(open_ones)]
            step = item.steps[chance % len(item.steps)]
            reason = {"reason": "NO_CAPACITY"} if step in ("DECLINED", "RETURNED") else {}
            with contextlib.suppress(UserError):
                referrals.take_step(desk, item.entry.id, step, **reason)
                self.note(f"step {step}")

    @rule(name=st.sampled_from(OURS), chance=CHANCE)
    def withdraw_a_consent(self, name: str, chance: int) -> None:
        """What was shared on it has to come back."""
        case_id = self.pick(name, chance)
        if case_id:
            with contextlib.suppress(UserError):
                consents.withdraw(self.laptop(name).desk, open_page(self.laptop(name).desk, case_id).consents[0].id)
                self.note("consent withdrawn")

    @rule(name=st.sampled_from(OURS), chance=CHANCE)
    def erase_a_case(self, name: str, chance: int) -> None:
        """For good, whoever writes into it meanwhile; one case stays, so that the others have work."""
        case_id = self.pick(name, chance)
        if case_id and len(self.known(name)) > 1:
            with contextlib.suppress(UserError):
                erase(self.laptop(name), case_id)
                self.note("case erased")

    @rule(name=st.sampled_from(NAMES), chance=CHANCE, choice=st.sampled_from([conflicts.KEPT, conflicts.OTHER]))
    def settle_a_conflict(self, name: str, chance: int, choice: str) -> None:
        """A person chooses; another one may have chosen already."""
        laptop = self.laptop(name)
        with laptop.session() as session:
            query = select(Conflict).where(Conflict.settled.is_(None), Conflict.about_field == "transit")
            waiting = list(session.scalars(query.order_by(Conflict.id)))
        if waiting:
            shown = laptop.get(Case, str(waiting[chance % len(waiting)].about_id))
            if isinstance(shown, Case) and shown.transit:
                self.seen.add(shown.transit)
            with contextlib.suppress(UserError):
                conflicts.settle(laptop.desk, waiting[chance % len(waiting)].id, choice)
                self.note(f"conflict settled {choice}")

    @rule(name=st.sampled_from(NAMES), how=st.sampled_from(["again", "discard"]))
    def settle_what_was_refused(self, name: str, how: str) -> None:
        """Send it again, or give it up."""
        laptop = self.laptop(name)
        standing = [op.seq for op in laptop.operations() if op.result in STANDING and not op.settled]
        if standing:
            settle(laptop.setup, standing[0], how=how)  # type: ignore[arg-type]
            self.note(f"refused, {how}")

    @rule(how=st.sampled_from(["consent", "referral"]))
    def take_everything_back(self, how: str) -> None:
        """What was shared leaves the other office."""
        for position in range(len(self.known("a1")) if how == "consent" else 0):
            self.withdraw_a_consent("a1", position)
        for item in referrals.outbox(self.laptop("a1").desk):
            if how == "referral" and "WITHDRAWN" in item.steps:
                referrals.take_step(self.laptop("a1").desk, item.entry.id, "WITHDRAWN")
                self.note("step WITHDRAWN")

    # what the world does

    @rule(name=st.sampled_from(NAMES))
    def sync(self, name: str) -> None:
        """Over a sound link."""
        report = self.country.sync(self.laptop(name))
        assert report.problem is None, (report.problem, getattr(report.problem, "code", ""))
        assert report.green
        # a centre that was put back may have what was erased since: a laptop that knows better reads once more
        assert self.restored or not report.repaired
        self.note("sync, read anew" if report.repaired else "sync")

    @rule(name=st.sampled_from(NAMES), at=st.integers(0, 12_000))
    def sync_over_a_link_that_breaks(self, name: str, at: int) -> None:
        """Somewhere, perhaps not at all."""
        self.link.mend(cut_at=at)
        report = self.country.sync(self.laptop(name), url=self.link.url)
        assert report.problem is None or isinstance(report.problem, NetworkDown), report.problem
        self.note("sync, cut" if self.link.broken else "sync")

    @rule(name=st.sampled_from(NAMES))
    def sync_and_lose_the_reply(self, name: str) -> None:
        """The centre understood, and nobody heard."""
        self.link.mend()
        self.link.swallow = b"PUT "
        try:
            report = self.country.sync(self.laptop(name), url=self.link.url)
        finally:
            self.link.swallow = b""
        assert report.problem is None or isinstance(report.problem, NetworkDown), report.problem
        self.note("sync, reply lost" if report.problem else "sync")

    @rule(who=st.permutations(NAMES), count=st.integers(1, 3))
    def carry_a_stick(self, who: list[str], count: int) -> None:
        """By file to the centre and back; a file made before a restore may be told to come again."""
        carried = [self.laptop(name) for name in who[:count]]
        carry(self.country, self.country.directory / "stick", *carried, check=not self.restored)
        self.note("stick carried")

    @rule(name=st.sampled_from(NAMES), commit=st.integers(1, 12))
    def crash_in_a_sync(self, name: str, commit: int) -> None:
        """The program is killed right before one of its commits, and begins again."""
        laptop = self.laptop(name)
        laptop.workspace.close()
        killed = killed_at_commit(laptop, commit, self.centre.base_url)
        self.country.reopened(name)
        self.note("crash" if killed else "sync")

    @rule(name=st.sampled_from(NAMES))
    def restart(self, name: str) -> None:
        """The program ends and begins; while it is open nobody opens it a second time."""
        laptop = self.laptop(name)
        with pytest.raises(WorkspaceBusy):
            Vault(cost=CHEAPEST).unlock(
                laptop.workspace.directory, login=laptop.workspace.user.login, password=PASSWORD, now=laptop.clock
            )
        self.country.reopened(name)
        self.note("restart")

    @rule(name=st.sampled_from(OURS), chance=CHANCE)
    def copy_a_laptop(self, name: str, chance: int) -> None:
        """The laptop goes on; its copy, which does not know that it is one, wants to send as well."""
        copy = CopyOf(self.country, name)
        self.change_a_text(name, chance)
        self.sync(name)
        self.notes += copy.works(chance, text=f"note {next(_values)}")
        self.backup = False  # from before the copy became a laptop of its own
        self.note("laptop copied")

    @rule()
    def back_up_the_centre(self) -> None:
        """As every night."""
        back_up_centre(self.centre)
        self.backup = True
        self.note("centre backed up")

    @rule()
    def put_the_centre_back(self) -> None:
        """The disk broke: what was sent since then is there no more."""
        if self.backup:
            put_centre_back(self.centre)
            self.restored = True
            self.link.target = self.centre.address
            self.note("centre put back")

    @rule()
    def restart_the_centre(self) -> None:
        """Also in the middle of somebody's batch."""
        self.centre.stop()
        self.centre.start()
        self.link.target = self.centre.address
        self.note("centre restarted")

    @rule()
    def some_time_passes(self) -> None:
        """The centre counts requests per minute."""
        self.country.clock.forward(minutes=2)

    def teardown(self) -> None:
        """Let everybody hear everything; then it has to add up."""
        if not hasattr(self, "country"):
            return
        try:
            for _round in range(4):
                self.country.clock.forward(minutes=5)
                for name in NAMES:
                    self.sync(name)
            invariants.hold(invariants.World(self.country, NAMES, self.written, self.notes, self.seen))
        finally:
            self.stack.close()
