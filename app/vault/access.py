"""Who may open one workspace: every change of its key file, and the rekeys that go with some of them."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import replace

from sqlalchemy import Engine

from app.errors import ReadOnly
from app.vault import keystore, rekey
from app.vault.attempts import Clock
from app.vault.backup import make_backup
from app.vault.engine import close_all
from app.vault.escrow import Escrow, Trustees
from app.vault.faults import damaged
from app.vault.files import ESCROW
from app.vault.freshness import Freshness
from app.vault.keyfile import KeyFile, read_key_file, write_key_file
from app.vault.keys import Keys, KeySet
from app.vault.own_slot import OwnSlot
from app.vault.people import clearing, new_user, refuse_removal, refuse_taken, require_cleared, withdrawing
from app.vault.slot import UserSlot, make_slot, with_keys


class Access(OwnSlot):
    """The part of an open workspace that knows its people and its keys."""

    keys: Keys
    restricted: Keys | None
    engine: Engine
    freshness: Freshness
    _now: Clock

    @abstractmethod
    def close(self) -> None:
        """As `Workspace.close`."""

    @property
    def cleared(self) -> bool:
        """Whether the signed-in user may read sealed entries."""
        return self.restricted is not None

    def users(self) -> tuple[UserSlot, ...]:
        """Everybody who may open this workspace."""
        return self.key_file().users

    @property
    def held(self) -> KeySet:
        """Both keys together, for the vault's own modules."""
        return KeySet(self.keys, self.restricted)

    def add_user(self, *, login: str, name: str, role: str, password: str, cleared: bool = False) -> UserSlot:
        """One more person with a slot of their own; Invalid when the name is taken or the password too weak.

        Forbidden when they are to be cleared and who adds them is not.
        """
        key_file = self.key_file()
        if cleared:
            require_cleared(self.user)
        user = new_user(login, name=name, role=role, password=password, cleared=cleared)
        refuse_taken(key_file, user.login)
        slot = make_slot(user, password=password, cost=self._cost, held=self.held, device=self.device)
        self._write(key_file.with_slot(slot))
        return user

    def bring_up(self, password: str) -> None:
        """Bring an older key file to this version; it takes the password its owner came with.

        While nobody is cleared, whoever signs in is from then on: until then everybody could read everything.
        """
        key_file = self.key_file()
        slot = key_file.slot_of(self.user.login)
        if slot is None or self.freshness.doubt is not None:
            return
        if slot.door is None:
            kdf, generation, user = slot.kdf, slot.generation, slot.user
            slot = make_slot(
                user, password=password, cost=kdf, held=self.held, device=self.device, generation=generation
            )
            self._replace_slot(key_file, slot, password=password)
        if not any(user.cleared for user in self.key_file().users):
            self._clear_first()
        self._mend_escrow()

    def remove_user(self, user_id: str) -> None:
        """Take somebody's slot away and encrypt everything anew: what they knew opens nothing from now on.

        A backup is made before; like all older ones it opens with the passwords of its day. It takes as long as a
        backup: call it where writes are serial. Conflicted for the signed-in user, and while somebody who stays has a
        slot of the first version; NotFound; Forbidden when only they are cleared of the two; WorkspaceBusy while
        others use the database.
        """
        key_file = self.key_file()
        refuse_removal(key_file, user_id=user_id, signed_in=self.user)
        if key_file.escrow:
            require_cleared(self.user)  # it holds both keys
        self._rekey(key_file, key_file.without_user(user_id))
        self._forget_peppers(key_file)

    def remove_others(self) -> None:
        """Take everybody else's slot away, as `remove_user` does one: after a recovery."""
        key_file = self.key_file()
        require_cleared(self.user)
        own = tuple(slot for slot in key_file.slots if slot.user.id == self.user.id)
        self._rekey(key_file, key_file.with_contents(device=key_file.device, slots=own))
        self._forget_peppers(key_file)

    @property
    def escrow(self) -> Escrow | None:
        """What the key file says of the escrow; None while there is none."""
        return self.key_file().escrow

    def set_trustees(self, trustees: Trustees) -> None:
        """Seal both keys to these two recovery keys, instead of to those before. Invalid; Forbidden; ReadOnly."""
        require_cleared(self.user)
        trustees.check()
        self._require_fresh()
        self._write_escrow(trustees)
        escrow = self.escrow
        if escrow is None or not escrow.is_in(self.directory / ESCROW):
            raise damaged()

    def set_cleared(self, user_id: str, cleared: bool) -> None:
        """Let somebody read sealed entries, or no more: then everything is encrypted anew as for `remove_user`.

        Only who is cleared can do either. Conflicted for oneself, and while somebody has to sign in once more.
        """
        key_file = self.key_file()
        slot = (clearing if cleared else withdrawing)(key_file, user_id=user_id, signed_in=self.user)
        if slot.user.cleared == cleared:
            return
        slot = with_keys(replace(slot, user=replace(slot.user, cleared=cleared)), held=self.held, device=self.device)
        changed = key_file.with_slot(slot)
        if cleared:
            self._write(changed)
        else:
            self._rekey(key_file, changed)

    def key_file(self) -> KeyFile:
        """The key file as it is on the disk now, refused if somebody changed it since."""
        key_file = read_key_file(self.directory)
        if not key_file.is_signed_by(self.keys):
            raise damaged()
        return key_file

    def _write(self, key_file: KeyFile) -> None:
        self._require_fresh()
        write_key_file(self.directory, key_file.signed(self.keys))
        self.freshness.key_file_seen(key_file.generation)

    def _forget_peppers(self, before: KeyFile) -> None:
        """Entries of people who are gone; those under another account of this system stay, and open nothing."""
        there = {slot.id for slot in self.key_file().slots}
        for slot in before.slots:
            if slot.pepper and slot.id not in there:
                keystore.forget(keystore.name_of(slot, vault_id=self.vault_id))

    def _clear_first(self) -> None:
        """Make the restricted key, for the signed-in user alone; every slot that has a door says so from then on."""
        key_file = self.key_file()
        user, fresh = replace(self.user, cleared=True), KeySet(self.keys, Keys.generate(self.vault_id))
        slots = [replace(slot, user=user) if slot.user.id == user.id else slot for slot in key_file.slots]
        raised = [with_keys(slot, held=fresh, device=self.device) if slot.door else slot for slot in slots]
        self._write(key_file.with_contents(device=key_file.device, slots=tuple(raised)))
        self.user, self.restricted = user, fresh.restricted

    def _write_escrow(self, trustees: Trustees) -> None:
        key_file = self.key_file()
        wanted = key_file.with_contents(device=key_file.device, slots=key_file.slots)
        prepared = rekey.with_escrow(wanted, trustees, held=self.held)
        rekey.write_prepared(self.directory, prepared)
        self.freshness.key_file_seen(prepared.key_file.generation)

    def _mend_escrow(self) -> None:
        """Make the escrow anew where it is missing or altered: it is on this disk for the day it is needed."""
        key_file = self.key_file()
        if self.cleared and key_file.escrow and not key_file.escrow.is_in(self.directory / ESCROW):
            trustees = rekey.trusted(key_file, restricted=self.restricted)
            if trustees is not None:
                self._write_escrow(trustees)

    def _rekey(self, key_file: KeyFile, wanted: KeyFile) -> None:
        """Encrypt everything anew, with fresh keys behind the slots that `wanted` has; a backup is made before."""
        self._require_fresh()
        decided = False
        try:
            with self.freshness.paused(), self.held.set_aside() as old:
                close_all(self.engine)
                make_backup(self.directory, key_file=key_file, keys=old.keys, now=self._now)
                fresh = KeySet(Keys.generate(self.vault_id), Keys.generate(self.vault_id) if old.restricted else None)
                prepared = rekey.under_keys(fresh, wanted, old=old, device=self.device)
                rekey.rekey(self.directory, prepared=prepared, old=old, fresh=fresh, now=self._now)
                decided = True
                try:
                    rekey.finish(self.directory, key_file=prepared.key_file, keys=fresh.keys)
                finally:
                    self.held.become(fresh)
        except BaseException:
            if decided:
                self.close()  # the next start puts the database in place
            raise
        self.freshness.key_file_seen(prepared.key_file.generation)
        self.freshness.keep()

    def _require_fresh(self) -> None:
        if self.freshness.doubt is not None:
            raise ReadOnly(str(self.freshness.doubt))
