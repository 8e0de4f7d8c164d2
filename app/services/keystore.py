"""The keystore of the system as a second half of one's own password: on, off, and how it stands."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from app.errors import DiskFull
from app.services.audit_log import note
from app.services.desk import Desk
from app.vault import keystore
from app.vault.workspace import Workspace

ON, OFF = "keystore_on", "keystore_off"  # what the audit calls it


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether one's own sign-in takes the keystore, whether it may be switched on, and what the keystore is called."""

    on: bool
    recoverable: bool
    system: str


def standing(workspace: Workspace) -> Standing:
    """How it stands for the signed-in user."""
    return Standing(workspace.peppered, workspace.recoverable, keystore.system())


def switch(desk: Desk, workspace: Workspace, *, password: str, on: bool) -> bool:
    """For the signed-in user. False if an entry that is not needed any more could not be deleted: it opens nothing.

    See `Workspace.set_peppered` for what is refused.
    """
    clean = workspace.set_peppered(password, wanted=on)
    with suppress(DiskFull):  # it is done: nobody may believe that it is not
        note(desk, ON if on else OFF, kind="user", record=desk.actor.user)
    return clean
