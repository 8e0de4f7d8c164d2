"""The people of a workspace: who may be added, who is behind a slot, who may be removed."""

from __future__ import annotations

import secrets

from app.errors import Conflicted, Invalid, NotFound
from app.i18n import _
from app.vault.faults import damaged
from app.vault.keyfile import KeyFile
from app.vault.passwords import check_password
from app.vault.slot import UserSlot


def new_user(login: str, *, name: str, role: str, password: str) -> UserSlot:
    """A user with an id of their own; Invalid lists what is wrong."""
    login, name = login.strip(), name.strip()
    problems = [
        (key, _("This is needed.")) for key, value in (("login", login), ("name", name), ("role", role)) if not value
    ]
    if problems:
        raise Invalid(_("Some entries are missing."), problems)
    check_password(password, login=login)
    return UserSlot(secrets.token_hex(16), login, name, role)


def user_of(key_file: KeyFile, *, login: str) -> UserSlot:
    """The person behind a slot that was opened."""
    slot = key_file.slot_of(login)
    if slot is None:
        raise damaged()
    return slot.user


def refuse_removal(key_file: KeyFile, *, user_id: str, signed_in: str) -> None:
    """Conflicted or NotFound, with the reason, when this user cannot be taken out of the key file now."""
    if user_id not in {user.id for user in key_file.users}:
        raise NotFound(_("This user cannot open this workspace."))
    if user_id == signed_in:
        raise Conflicted(_("You cannot take away your own access. Somebody else has to do it."))
    old = [slot.user.name for slot in key_file.slots if slot.door is None and slot.user.id != user_id]
    if old:
        told = _("Before somebody is removed these have to sign in once more: {names}.").format(names=", ".join(old))
        raise Conflicted(told)
