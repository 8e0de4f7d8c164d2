"""Open forms, saved while they are filled in: what a lock or a crash must not lose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select

from app.models.ids import new_id
from app.models.local import Draft
from app.models.permission import Permission
from app.services.desk import Desk


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """A draft of one form of one user. `content` is what the form said, plain data."""

    id: str
    form: str
    record: str | None
    saved_at: datetime
    content: Mapping[str, Any]


def save(
    desk: Desk, form: str, content: Mapping[str, Any], *, draft_id: str | None = None, record: str | None = None
) -> SavedDraft:
    """Keep a form's content in the encrypted file; the same id again overwrites it."""
    with desk.note(Permission.READ) as session:
        draft = session.get(Draft, draft_id) if draft_id else None
        if draft is None:
            draft = Draft(id=draft_id or new_id(), form=form, record=record, user=desk.actor.user)
            session.add(draft)
        draft.saved_at, draft.content = desk.now(), msgspec.msgpack.encode(dict(content))
        return _saved(draft)


def mine(desk: Desk) -> tuple[SavedDraft, ...]:
    """The signed-in user's drafts, newest first."""
    with desk.read() as session:
        found = session.scalars(select(Draft).where(Draft.user == desk.actor.user).order_by(Draft.saved_at.desc()))
        return tuple(_saved(draft) for draft in found)


def discard(desk: Desk, draft_id: str) -> None:
    """Forget a draft: it was saved as a record, or is not wanted."""
    with desk.note(Permission.READ) as session:
        draft = session.get(Draft, draft_id)
        if draft is not None and draft.user == desk.actor.user:
            session.delete(draft)


def _saved(draft: Draft) -> SavedDraft:
    return SavedDraft(draft.id, draft.form, draft.record, draft.saved_at, msgspec.msgpack.decode(draft.content))
