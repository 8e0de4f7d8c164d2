"""Whoever goes leaves what they had begun: it is counted, never read, and handed to a colleague who may see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from app.errors import Conflicted, Forbidden, NotFound
from app.models.local import AuditEntry
from app.services import drafts, people, users
from app.services.desk import Desk
from app.vault.workspace import Workspace

PASSWORD = "lautan tenang di sore hari"
NOTE = {"text": "Korban ingin pulang", "note_kind": "OBSERVATION"}


@pytest.fixture
def supervisor(as_role: Callable[[str], Desk]) -> Desk:
    return as_role("SUPERVISOR")


@pytest.fixture
def dewi(supervisor: Desk, workspace: Workspace) -> Desk:
    """A worker with one entry begun, and their desk."""
    saved = users.add_user(
        supervisor, workspace, login="dewi", name="Dewi", role="SOCIAL_WORKER", password=PASSWORD, cleared=True
    )
    found = Desk(supervisor.engine, replace(supervisor.actor, user=saved.id, role="SOCIAL_WORKER"), supervisor.now)
    drafts.save(found, "case:note", NOTE)
    return found


def colleague(supervisor: Desk, workspace: Workspace, *, cleared: bool) -> str:
    return users.add_user(
        supervisor, workspace, login="agus", name="Agus", role="SOCIAL_WORKER", password=PASSWORD, cleared=cleared
    ).id


def of(desk: Desk, user_id: str) -> Desk:
    return Desk(desk.engine, replace(desk.actor, user=user_id, role="SOCIAL_WORKER"), desk.now)


def test_what_is_left_is_told_without_a_word_of_it(supervisor: Desk, dewi: Desk, workspace: Workspace) -> None:
    [left] = drafts.of_others(supervisor)
    assert (left.user, left.form) == (dewi.actor.user, "case:note")
    assert "Korban" not in repr(left)
    with pytest.raises(Forbidden):
        drafts.of_others(dewi)
    assert {w.login: len(w.left) for w in people.workers(supervisor, workspace)} == {"dewi": 1, "siti": 0}


def test_only_what_nobody_can_finish_is_handed_over(supervisor: Desk, dewi: Desk, workspace: Workspace) -> None:
    to = colleague(supervisor, workspace, cleared=False)
    [left] = drafts.of_others(supervisor)
    with pytest.raises(Conflicted):
        drafts.hand_over(supervisor, workspace, left.id, to=to)
    users.remove_user(supervisor, workspace, dewi.actor.user)
    gone = next(w for w in people.workers(supervisor, workspace) if not w.may_sign_in)
    assert gone.name == "Dewi" and gone.left == (left,)
    with pytest.raises(NotFound):
        drafts.hand_over(supervisor, workspace, left.id, to=dewi.actor.user)
    with pytest.raises(Forbidden):
        drafts.hand_over(of(supervisor, to), workspace, left.id, to=to)
    drafts.hand_over(supervisor, workspace, left.id, to=to)
    assert [d.content for d in drafts.mine(of(supervisor, to))] == [NOTE] and drafts.mine(dewi) == ()
    with supervisor.read() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "hand_over")).all()
        assert [(e.record, e.fields) for e in entries] == [(to, "case:note")]


@pytest.mark.parametrize("content", [{"health": "Luka lama"}, {"forms": {"safety": {"disability": ["X"]}}}])
def test_sealed_details_are_handed_to_nobody_who_may_not_read_them(
    supervisor: Desk, dewi: Desk, workspace: Workspace, content: dict[str, object]
) -> None:
    draft = drafts.save(dewi, "case:person", content)
    to = colleague(supervisor, workspace, cleared=False)
    users.remove_user(supervisor, workspace, dewi.actor.user)
    with pytest.raises(Forbidden):
        drafts.hand_over(supervisor, workspace, draft.id, to=to)
    users.set_cleared(supervisor, workspace, to, cleared=True)
    drafts.hand_over(supervisor, workspace, draft.id, to=to)
    assert [d.content for d in drafts.mine(of(supervisor, to))] == [content]
