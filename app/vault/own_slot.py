"""What somebody does to their own slot: another password, and the pepper in the system's keystore on or off.

With a pepper the new entry comes first, under a name of its own, then the key file, then the old entry goes: a kill in
between leaves an entry too many, which opens nothing, and never one too few.
"""

from __future__ import annotations

import secrets
from abc import ABC, abstractmethod
from pathlib import Path

from app.errors import Conflicted, Invalid
from app.i18n import _
from app.vault import keystore
from app.vault.attempts import wrong_password
from app.vault.faults import damaged
from app.vault.files import ESCROW
from app.vault.identity import DeviceIdentity
from app.vault.kdf import KEY_BYTES, KdfCost, Peppered, Secret
from app.vault.keyfile import KeyFile
from app.vault.keys import KeySet
from app.vault.passwords import check_password
from app.vault.slot import Slot, UserSlot, held_by, make_slot


class OwnSlot(ABC):
    """The part of an open workspace that changes the signed-in user's slot."""

    directory: Path
    vault_id: str
    user: UserSlot
    device: DeviceIdentity
    _cost: KdfCost

    @property
    @abstractmethod
    def held(self) -> KeySet:
        """As `Access.held`."""

    @abstractmethod
    def key_file(self) -> KeyFile:
        """As `Access.key_file`."""

    @abstractmethod
    def _write(self, key_file: KeyFile) -> None: ...

    @property
    def peppered(self) -> bool:
        """Whether signing in takes an entry in the system's keystore besides the password."""
        return bool(self._own(self.key_file()).pepper)

    @property
    def recoverable(self) -> bool:
        """Whether two people could let somebody in: there is an escrow, and it is whole."""
        escrow = self.key_file().escrow
        return escrow is not None and escrow.is_in(self.directory / ESCROW)

    def change_password(self, *, old: str, new: str) -> None:
        """A new slot for the signed-in user, proved by opening it, then put in the old one's place, all or nothing."""
        slot = self._opened_by(old)
        check_password(new, login=self.user.login)
        if old == new:
            same = _("The new password is the old one. Choose another.")
            raise Invalid(same, [("password", same)])
        self._renew(slot, password=new, peppered=bool(slot.pepper))

    def set_peppered(self, password: str, *, wanted: bool) -> bool:
        """Have signing in take an entry in the system's keystore besides the password, or the password alone again.

        Whether the entry that is not needed any more is gone. Conflicted while no two people could let somebody in,
        KeystoreFailed when the keystore keeps nothing.
        """
        slot = self._opened_by(password)
        if wanted and not self.recoverable:
            told = _("A keystore can be lost with its laptop, so first two people have to be able to let you in again: "
                     "set the recovery keys, then switch this on.")  # fmt: skip
            raise Conflicted(told)
        return wanted == bool(slot.pepper) or self._renew(slot, password=password, peppered=wanted)

    def _own(self, key_file: KeyFile) -> Slot:
        slot = key_file.slot_of(self.user.login)
        if slot is None:
            raise damaged()
        return slot

    def _opened_by(self, password: str) -> Slot:
        slot = self._own(self.key_file())
        secret = keystore.with_pepper(slot, password, vault_id=self.vault_id)
        opened = held_by(slot, password=secret, vault_id=self.vault_id)
        if opened is None:
            raise wrong_password(0)
        opened.wipe()
        return slot

    def _renew(self, slot: Slot, *, password: str, peppered: bool) -> bool:
        secret: Secret = Peppered(password, secrets.token_bytes(KEY_BYTES)) if peppered else password
        fresh = make_slot(
            slot.user, password=secret, cost=self._cost, held=self.held, device=self.device,
            generation=slot.generation + 1,
        )  # fmt: skip
        if isinstance(secret, Peppered):
            keystore.keep(keystore.name_of(fresh, vault_id=self.vault_id), secret.pepper)
        self._replace_slot(self.key_file(), fresh, password=password)
        return not slot.pepper or keystore.forget(keystore.name_of(slot, vault_id=self.vault_id))

    def _replace_slot(self, key_file: KeyFile, fresh: Slot, *, password: str) -> None:
        secret = keystore.with_pepper(fresh, password, vault_id=self.vault_id)
        proof = held_by(fresh, password=secret, vault_id=self.vault_id)
        if proof is None or not proof.same_as(self.held):
            raise RuntimeError("the new slot does not open; the old one was kept")
        proof.wipe()
        self._write(key_file.with_slot(fresh))
