"""The lease: counted from the centre's signed word, by the latest moment ever seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app import context as contexts
from app import i18n
from app.context import Context, NewUser
from app.errors import LeaseOver, ReadOnly
from app.models import settings
from app.models.contact import SEEN, Contact, prove_contact
from app.models.field import to_ms
from app.models.permission import Permission
from app.services import case_list
from app.services.first_run import Beginning
from app.services.intake import take
from app.services.lease import LeaseWatch, Stage, weigh
from app.vault.kdf import CHEAPEST
from app.vault.workspace import Vault
from tests.conftest import Clock
from tests.worlds import PASSWORD, intake

START = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "stage"),
    [(-1, 0), (0, 0), (13.9, 0), (14, 1), (29.9, 1), (30, 2), (59.9, 2), (60, 3), (3650, 3)],
)
def test_the_stages(days: float, stage: int) -> None:
    contact = Contact(START, START)
    assert weigh(contact, START + timedelta(days=days)).stage == stage
    back = Contact(START, START + timedelta(days=max(days, 0)))
    assert weigh(back, START).stage == stage, "by the latest moment seen, whatever the clock says"
    assert weigh(None, START + timedelta(days=days)).stage is Stage.GOOD


@pytest.mark.parametrize("language", ["id", "en"])
def test_every_stage_says_what_to_do(language: str) -> None:
    i18n.use(language)
    said = {str(weigh(Contact(START, START), START + timedelta(days=days))) for days in (0, 14, 30, 60)}
    assert len(said) == 4
    assert "" in said


@pytest.fixture
def reopen(tmp_path: Path, clock: Clock) -> Iterator[Callable[[], Context]]:
    """Opens the workspace of a test (again): it is closed in between."""
    opened: list[Context] = []
    vault = Vault(cost=CHEAPEST)

    def again() -> Context:
        if opened:
            opened[-1].close()
            opened.append(contexts.unlock(tmp_path / "ws", login="siti", password=PASSWORD, now=clock, vault=vault))
        else:
            beginning = Beginning("UPTD PPA", "UPTD_PPA", "3273")
            user = NewUser("siti", "Siti Rahma", "SUPERVISOR", PASSWORD)
            opened.append(contexts.create(tmp_path / "ws", user=user, beginning=beginning, now=clock, vault=vault))
        return opened[-1]

    yield again
    opened[-1].close()


@pytest.fixture
def context(reopen: Callable[[], Context], clock: Clock) -> Context:
    """A workspace with a case, that met its centre now."""
    made = reopen()
    take(made.desk, intake())
    meet(made, clock())
    return made


def meet(context: Context, at: datetime) -> None:
    """What a sync keeps of the centre's signed moment."""
    with Session(context.workspace.engine) as session, session.begin():
        prove_contact(session, to_ms(at))
    context.lease.reload()


def test_without_a_centre_there_is_no_lease(reopen: Callable[[], Context], clock: Clock) -> None:
    context = reopen()
    clock.forward(days=400)
    take(context.desk, intake())
    assert case_list.counts(context.desk)
    assert reopen().lease.lease().stage is Stage.GOOD


def test_after_thirty_days_nothing_is_saved_after_sixty_nothing_is_seen(context: Context, clock: Clock) -> None:
    clock.forward(days=14)
    take(context.desk, intake())
    assert context.lease.lease().stage is Stage.WARN
    clock.forward(days=16)
    with pytest.raises(ReadOnly, match="30"):
        take(context.desk, intake())
    with context.desk.read():
        pass
    clock.forward(days=30)
    with pytest.raises(LeaseOver, match="60"), context.desk.read():
        pass
    with pytest.raises(ReadOnly):
        context.desk.write(Permission.WRITE_CASE)
    assert context.sync_setup().stale == "", "it can be synchronised all the same"
    meet(context, clock())
    take(context.desk, intake())


@pytest.mark.parametrize("known_by", ["closing", "the audit", "opening"])
def test_a_clock_that_is_set_back_does_not_extend_it(
    context: Context, reopen: Callable[[], Context], clock: Clock, known_by: str
) -> None:
    clock.forward(days=29)
    if known_by == "the audit":  # the program was killed before it could keep the moment
        take(context.desk, intake())
        again: Any = LeaseWatch(context.workspace.engine, clock)
    elif known_by == "closing":
        again = context.lease
        again.lease()
        context.close()
        context = reopen()
        again = context.lease
    else:
        clock.forward(days=-29)
        context = reopen()
        clock.forward(days=29)
        context = reopen()
        again = LeaseWatch(context.workspace.engine, clock)
    clock.forward(days=-28)
    assert again.lease().days == 29
    clock.forward(days=30)
    assert again.lease().stage is Stage.READ_ONLY


def test_a_clock_that_was_far_ahead_is_put_right_by_the_next_contact(
    context: Context, reopen: Callable[[], Context], clock: Clock
) -> None:
    clock.forward(days=3650)
    assert context.lease.lease().stage is Stage.LOCKED
    context = reopen()
    clock.forward(days=-3650)
    assert context.lease.lease().stage is Stage.LOCKED
    meet(context, clock())
    assert context.lease.lease().stage is Stage.GOOD
    assert reopen().lease.lease().stage is Stage.GOOD


def test_a_full_disk_does_not_keep_anybody_out(context: Context, clock: Clock) -> None:
    clock.forward(days=1)
    with context.workspace.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TRIGGER full BEFORE UPDATE ON setting BEGIN SELECT RAISE(FAIL, 'full'); END")
    context.lease.keep()
    with context.workspace.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER full")
    with context.desk.read() as session:
        assert settings.get(session, SEEN) < to_ms(clock())
