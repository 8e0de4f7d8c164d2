"""Data that may be older than known is read and exported; nobody saves or sends it until one who may accepts it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app import context as contexts
from app.context import Context
from app.errors import Conflicted, Forbidden, Invalid, ReadOnly
from app.models import settings
from app.models.journal import Actor
from app.models.local import AuditEntry
from app.models.permission import Permission
from app.services import audit_check, cases, drafts
from app.services.case_page import open_page
from app.services.desk import Desk, log_view
from app.services.exports import Order, export_case
from app.services.freshness import ACCEPTED, accept_older
from app.services.users import add_user
from app.sync.enrol import enrol
from app.vault.workspace import Vault, Workspace
from tests.conftest import Clock
from tests.worlds import PASSWORD


@pytest.fixture
def older(desk: Desk, case_id: str, workspace: Workspace, vault: Vault, clock: Clock) -> Iterator[Context]:
    """The workspace with the file of yesterday put in the place of today's, opened again."""
    directory = workspace.directory
    workspace.close()
    yesterday = (directory / "workspace.db").read_bytes()
    with vault.unlock(directory, login="siti", password=PASSWORD, now=clock) as again:
        newer = Desk(again.engine, desk.actor, clock)
        cases.close_case(newer, case_id, reason="GOALS_MET")
    (directory / "workspace.db").write_bytes(yesterday)
    opened = contexts.unlock(directory, login="siti", password=PASSWORD, now=clock, vault=vault)
    yield opened
    opened.close()


def supervisor(context: Context) -> Desk:
    actor = context.desk.actor
    chief = Actor(actor.user, "Ibu Kepala", "SUPERVISOR", actor.office, actor.device)
    return Desk(context.desk.engine, chief, context.now, stale=context.desk.stale)


def actions(context: Context) -> list[str]:
    with context.desk.read() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.seq)))


def test_nothing_is_saved_on_older_data_and_the_reason_is_said(older: Context, case_id: str) -> None:
    assert open_page(older.desk, case_id).row.status == "SCREENED", "the closing is not here"
    with pytest.raises(ReadOnly) as refused:
        cases.close_case(older.desk, case_id, reason="GOALS_MET")
    assert str(refused.value) == older.workspace.stale != ""
    with pytest.raises(ReadOnly):
        add_user(supervisor(older), older.workspace, login="d", name="D", role="PARTNER", password="lautan tenang sore")
    assert [user.login for user in older.workspace.users()] == ["siti"]
    assert audit_check.verify(older.desk) == ()


def test_views_exports_and_drafts_go_on_and_are_audited(older: Context, case_id: str) -> None:
    log_view(older.desk, case_id)
    assert export_case(older.desk, case_id, Order(profile="INTERNAL")).pdf
    drafts.save(older.desk, "intake", {"name": "Sitti"})
    assert [draft.content for draft in drafts.mine(older.desk)] == [{"name": "Sitti"}]
    assert actions(older)[-2:] == ["view", "export"]


def test_a_note_changes_no_record(desk: Desk, case_id: str) -> None:
    note = desk.note(Permission.READ)
    with pytest.raises(AssertionError, match=r"use desk\.write"), note as session:
        session.get(cases.Case, case_id).summary = "lain"
    assert open_page(desk, case_id).case["summary"] != "lain"


def test_older_data_is_not_sent(older: Context) -> None:
    setup = older.sync_setup()
    with pytest.raises(ReadOnly):
        setup.require_fresh()
    with older.transport("http://127.0.0.1:9") as nowhere, pytest.raises(ReadOnly):
        enrol(setup, nowhere, code="x", tag="ABC")


def test_a_supervisor_accepts_it_with_a_reason(older: Context, case_id: str, vault: Vault, clock: Clock) -> None:
    with pytest.raises(Forbidden):
        accept_older(older.desk, older.workspace, "disk was replaced")
    chief = supervisor(older)
    with pytest.raises(Invalid):
        accept_older(chief, older.workspace, "  ")
    assert older.workspace.stale
    accept_older(chief, older.workspace, "disk was replaced")
    assert older.workspace.stale == ""
    assert actions(older)[-1] == "accept_older"
    with older.desk.read() as session:
        assert [told[-1] for told in settings.get(session, ACCEPTED)] == ["disk was replaced"]
    assert cases.close_case(older.desk, case_id, reason="GOALS_MET").changes
    older.sync_setup().require_fresh()
    with pytest.raises(Conflicted):
        accept_older(chief, older.workspace, "again")
    older.close()
    contexts.unlock(older.workspace.directory, login="siti", password=PASSWORD, now=clock, vault=vault).close()


@pytest.mark.parametrize("role", ["SOCIAL_WORKER", "PARTNER", "SECRETARY"])
def test_others_may_not(older: Context, as_role: Callable[[str], Desk], role: str) -> None:
    with pytest.raises(Forbidden):
        accept_older(as_role(role), older.workspace, "because")


def test_a_fresh_workspace_opens_by_the_composition_root(
    desk: Desk, workspace: Workspace, vault: Vault, clock: Clock, tmp_path: Path
) -> None:
    workspace.close()
    opened = contexts.unlock(workspace.directory, login="siti", password=PASSWORD, now=clock, vault=vault)
    assert opened.desk.stale() == "" == opened.workspace.stale
    with pytest.raises(Forbidden):
        accept_older(opened.desk, opened.workspace, "because")
    opened.close()
