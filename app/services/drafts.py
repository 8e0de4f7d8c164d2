"""Open forms, saved while they are filled in: what a lock or a crash must not lose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select

from app.errors import Conflicted, Forbidden, NotFound
from app.i18n import _
from app.models.base import KINDS
from app.models.case_index import CaseRow
from app.models.field import fields_of
from app.models.ids import new_id
from app.models.journal import audit
from app.models.local import Draft
from app.models.permission import Permission
from app.services.desk import Desk
from app.vault.workspace import Workspace


@dataclass(frozen=True, slots=True)
class SavedDraft:
    """A draft of one form of one user. `content` is what the form said, plain data."""

    id: str
    form: str
    record: str | None
    saved_at: datetime
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LeftWork:
    """A draft of somebody else: whose, of which form, about which case, since when. Never a word of what it says."""

    id: str
    user: str  # id
    form: str
    case_number: str
    saved_at: datetime


def save(
    desk: Desk, form: str, content: Mapping[str, Any], *, draft_id: str | None = None, record: str | None = None
) -> SavedDraft:
    """Keep a form's content in the encrypted file; the same id again overwrites it."""
    with desk.note(Permission.READ) as session:
        draft = session.get(Draft, draft_id) if draft_id else None
        if draft is None:
            draft = Draft(id=draft_id or new_id(), form=form, record=record, user=desk.actor.user)
            session.add(draft)
        draft.saved_at, draft.content = desk.now(), _packed(desk, draft.id, content)
        return SavedDraft(draft.id, draft.form, draft.record, draft.saved_at, dict(content))


def mine(desk: Desk) -> tuple[SavedDraft, ...]:
    """The signed-in user's drafts, newest first; without those they may not read any more."""
    with desk.read() as session:
        found = session.scalars(select(Draft).where(Draft.user == desk.actor.user).order_by(Draft.saved_at.desc()))
        read = ((draft, _content(desk, draft)) for draft in found)
        return tuple(SavedDraft(d.id, d.form, d.record, d.saved_at, told) for d, told in read if told is not None)


def discard(desk: Desk, draft_id: str) -> None:
    """Forget a draft: it was saved as a record, or is not wanted."""
    with desk.note(Permission.READ) as session:
        draft = session.get(Draft, draft_id)
        if draft is not None and draft.user == desk.actor.user:
            session.delete(draft)


def of_others(desk: Desk) -> tuple[LeftWork, ...]:
    """What everybody else has begun and not saved, newest first; for who manages users."""
    with desk.read(Permission.MANAGE_USERS) as session:
        statement = (
            select(Draft.id, Draft.user, Draft.form, CaseRow.number, Draft.saved_at)
            .outerjoin(CaseRow, CaseRow.case_id == Draft.record)
            .where(Draft.user != desk.actor.user)
            .order_by(Draft.saved_at.desc())
        )
        return tuple(LeftWork(id_, user, form, no or "", at) for id_, user, form, no, at in session.execute(statement))


def hand_over(desk: Desk, workspace: Workspace, draft_id: str, *, to: str) -> None:
    """Give what somebody left unsaved to a colleague: they find it where they would find their own.

    Conflicted while its owner may still sign in. Forbidden when it may hold sealed details and the colleague may not
    read those. NotFound for no such draft or colleague.
    """
    desk.require(Permission.MANAGE_USERS)
    users = {user.id: user for user in workspace.users()}
    if to not in users:
        raise NotFound(_("This user cannot open this workspace."))
    with desk.note(Permission.MANAGE_USERS) as session:
        draft = session.get(Draft, draft_id)
        if draft is None:
            raise NotFound(_("This work was saved or discarded meanwhile."))
        if draft.user in users:
            raise Conflicted(_("Who began this can still sign in and finish it. Nothing was handed over."))
        if not users[to].cleared and holds_sealed(draft):
            raise Forbidden(_("This work holds sealed details. Hand it over to somebody who may read them."))
        draft.user = to
        audit(session, "hand_over", "user", to, (draft.form,))


def _names(content: object) -> set[str]:
    """The names of everything a form said, however deep."""
    if isinstance(content, list | tuple):
        return set().union(*map(_names, content))
    if not isinstance(content, Mapping):
        return set()
    found = {str(name) for name, value in content.items() if value not in (None, "", (), [])}
    return found.union(*map(_names, content.values()))


def _sealed_keys() -> set[str]:
    return {field.key for kind in KINDS.values() for field in fields_of(kind) if field.sealed}


def _packed(desk: Desk, draft_id: str, content: Mapping[str, Any]) -> bytes:
    """At rest: a map, or (public key, box) where it holds what is sealed elsewhere; colleagues use the same file."""
    plain = msgspec.msgpack.encode(dict(content))
    if desk.keyring is None or not _names(content) & _sealed_keys():
        return plain
    return msgspec.msgpack.encode(desk.keyring.put_away(f"draft {draft_id}", plain))


def _content(desk: Desk, draft: Draft) -> Mapping[str, Any] | None:
    """What the form said; None for whoever may not read it."""
    told: Any = msgspec.msgpack.decode(draft.content)
    if isinstance(told, list):
        plain = desk.keyring.take_out(f"draft {draft.id}", told) if desk.keyring else None
        told = msgspec.msgpack.decode(plain) if plain is not None else None
    content: Mapping[str, Any] | None = told
    return content


def put_away(desk: Desk, draft: Draft) -> bool:
    """Seal a draft of before; whether there was anything to seal."""
    told: Any = msgspec.msgpack.decode(draft.content)
    if isinstance(told, list) or not _names(told) & _sealed_keys():
        return False
    draft.content = _packed(desk, draft.id, told)
    return True


def holds_sealed(draft: Draft) -> bool:
    """Whether it holds, or may hold, what only cleared people may read."""
    told: Any = msgspec.msgpack.decode(draft.content)
    return isinstance(told, list) or bool(_names(told) & _sealed_keys())
