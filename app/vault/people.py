"""The people of a workspace: who may be added, who is behind a slot, who may be removed."""

from __future__ import annotations

import secrets

from app.errors import Conflicted, Forbidden, Invalid, NotFound
from app.i18n import _
from app.vault.faults import damaged
from app.vault.keyfile import KeyFile
from app.vault.passwords import check_password
from app.vault.slot import WITH_CLEARANCE, Slot, UserSlot


def new_user(login: str, *, name: str, role: str, password: str, cleared: bool) -> UserSlot:
    """A user with an id of their own; Invalid lists what is wrong."""
    login, name = login.strip(), name.strip()
    problems = [
        (key, _("This is needed.")) for key, value in (("login", login), ("name", name), ("role", role)) if not value
    ]
    if problems:
        raise Invalid(_("Some entries are missing."), problems)
    check_password(password, login=login)
    return UserSlot(secrets.token_hex(16), login, name, role, cleared)


def refuse_taken(key_file: KeyFile, login: str) -> None:
    """Invalid when somebody has this sign-in name already."""
    if key_file.slot_of(login):
        taken = _("This sign-in name is taken. Choose another one.")
        raise Invalid(taken, [("login", taken)])


def user_of(key_file: KeyFile, *, login: str) -> UserSlot:
    """The person behind a slot that was opened."""
    slot = key_file.slot_of(login)
    if slot is None:
        raise damaged()
    return slot.user


def require_cleared(signed_in: UserSlot) -> None:
    """Forbidden for what takes the restricted key."""
    if not signed_in.cleared:
        raise Forbidden(_("Only somebody who may read sealed entries can do this. Ask a colleague who may."))


def refuse_removal(key_file: KeyFile, *, user_id: str, signed_in: UserSlot) -> None:
    """Conflicted, NotFound or Forbidden, with the reason, when this user cannot be taken out of the key file now."""
    slot = _slot_by_id(key_file, user_id=user_id)
    if user_id == signed_in.id:
        raise Conflicted(_("You cannot take away your own access. Somebody else has to do it."))
    if slot.user.cleared:
        require_cleared(signed_in)
    _refuse_without_door(key_file, besides=user_id)


def clearing(key_file: KeyFile, *, user_id: str, signed_in: UserSlot) -> Slot:
    """The slot of whom to clear. NotFound; Forbidden when the giver is not cleared; Conflicted for an older slot."""
    slot = _slot_by_id(key_file, user_id=user_id)
    require_cleared(signed_in)
    if slot.format < WITH_CLEARANCE:
        told = _("Before this {names} has to sign in once more.").format(names=slot.user.name)
        raise Conflicted(told)
    return slot


def withdrawing(key_file: KeyFile, *, user_id: str, signed_in: UserSlot) -> Slot:
    """The slot of who is to read sealed entries no more, with the reasons of `clearing` and for oneself."""
    slot = _slot_by_id(key_file, user_id=user_id)
    if user_id == signed_in.id:
        raise Conflicted(_("You cannot take away your own access. Somebody else has to do it."))
    require_cleared(signed_in)
    _refuse_without_door(key_file, besides="")
    return slot


def _slot_by_id(key_file: KeyFile, *, user_id: str) -> Slot:
    slot = next((slot for slot in key_file.slots if slot.user.id == user_id), None)
    if slot is None:
        raise NotFound(_("This user cannot open this workspace."))
    return slot


def _refuse_without_door(key_file: KeyFile, *, besides: str) -> None:
    old = [slot.user.name for slot in key_file.slots if slot.door is None and slot.user.id != besides]
    if old:
        told = _("Before somebody is removed these have to sign in once more: {names}.").format(names=", ".join(old))
        raise Conflicted(told)
