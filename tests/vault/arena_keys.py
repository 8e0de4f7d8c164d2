"""The arena of the keys: escrow, clearance and recovery, killed at every step.

python -m tests.vault.arena_keys ACTION FOLDER [EVERY]
"""

from __future__ import annotations

import sys
from pathlib import Path

from app.errors import WorkspaceDamaged, WrongPassword
from app.vault.escrow import Opened, Trustees, open_inner, open_outer
from app.vault.recovery import Newcomer, recover
from app.vault.recovery_key import new_key
from app.vault.workspace import Workspace
from tests.keystores import FileKeystore, installed
from tests.vault.arena import at_every_step, founded, now, whole
from tests.vault.offices import PASSWORD, SECOND, Office
from tests.vault.test_clearance import id_of, keep_ring, kept_ring
from tests.vault.version1 import make_version_3

DISTRICT, CENTRE, OTHER = new_key(), new_key(), new_key()
NEWCOMER = Newcomer("dewi", "Dewi", "SUPERVISOR", "sepeda ontel warna merah")


def sealed(folder: Path) -> Office:
    """Of two people, both cleared, with a keyring and an escrow."""
    office = founded(folder)
    with office.unlock() as workspace:
        workspace.add_user(login="budi", name="B", role="ADMIN", password=SECOND, cleared=True)
        keep_ring(workspace)
        workspace.set_trustees(Trustees(DISTRICT.public, CENTRE.public))
    return office


def opened(office: Office, *, district: str = DISTRICT.secret) -> Opened:
    raw = (office.directory / "escrow.age").read_bytes()
    return open_inner(open_outer(raw, identity=CENTRE.secret), identity=district)


def sound(workspace: Workspace) -> None:
    """Every row but the ring's, which opens."""
    assert workspace.stale == ""
    assert len(kept_ring(workspace, workspace.restricted).publics) == 1
    with workspace.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM setting WHERE name = 'office_ring'")
    whole(workspace)


def fits(office: Office, workspace: Workspace, *, district: str) -> None:
    """The escrow on the disk is the one that the key file names, and holds the present keys."""
    escrow = workspace.escrow
    assert escrow is not None and escrow.is_in(office.directory / "escrow.age")
    found = opened(office, district=district)
    assert found.held.same_as(workspace.held) and found.generation == escrow.generation
    assert not list(office.directory.glob("*.rekeyed*"))


def escrowing(folder: Path) -> int:
    """Sealed to the keys before or to the new ones, and the file is the one that was decided for."""

    def action(office: Office) -> None:
        with office.unlock() as workspace:
            workspace.set_trustees(Trustees(OTHER.public, CENTRE.public))

    def look(office: Office) -> None:
        with office.unlock() as workspace:
            new = workspace.escrow is not None and workspace.escrow.district == OTHER.public
            fits(office, workspace, district=OTHER.secret if new else DISTRICT.secret)
            sound(workspace)

    return at_every_step(sealed(folder), action, look)


def withdrawing(folder: Path) -> int:
    """Both read everything, or one does under new keys: with them go the ring and the escrow."""

    def action(office: Office) -> None:
        with office.unlock() as workspace:
            workspace.set_cleared(id_of(workspace, "budi"), False)

    def look(office: Office) -> None:
        with office.unlock("budi", SECOND) as workspace:
            cleared = workspace.cleared
            assert workspace.stale == "" and cleared == workspace.user.cleared
        with office.unlock() as workspace:
            assert [user.cleared for user in workspace.users()] == [True, cleared]
            fits(office, workspace, district=DISTRICT.secret)
            sound(workspace)

    return at_every_step(sealed(folder), action, look)


def recovering(folder: Path) -> int:
    """The newcomer is in, or the same recovery lets them in."""
    office = sealed(folder)
    office.key_file.unlink()

    def action(copy: Office) -> None:
        recover(copy.vault, copy.directory, opened=opened(copy), newcomer=NEWCOMER, by=("A", "B"), now=now).close()

    def look(copy: Office) -> None:
        try:
            copy.unlock("dewi", NEWCOMER.password).close()
        except (WrongPassword, WorkspaceDamaged):
            action(copy)
        with copy.unlock("dewi", NEWCOMER.password) as workspace:
            fits(copy, workspace, district=DISTRICT.secret)
            sound(workspace)

    return at_every_step(office, action, look)


def peppering(folder: Path) -> int:
    """Off, on with another password, or on with the old: whichever the key file says, its entry is in the keystore."""
    office, third = sealed(folder), "gunung tinggi awan putih"

    def store(copy: Office) -> FileKeystore:
        return FileKeystore(copy.directory.with_suffix(".keystore"))

    def action(copy: Office) -> None:
        with installed(store(copy)), copy.unlock() as workspace:
            workspace.set_peppered(PASSWORD, wanted=True)
            workspace.change_password(old=PASSWORD, new=third)
            workspace.set_peppered(third, wanted=False)

    def look(copy: Office) -> None:
        opened = 0
        with installed(store(copy)):
            for password in (PASSWORD, third):
                try:
                    with copy.unlock(password=password) as workspace:
                        slots = workspace.key_file().slots
                        needed = {f"naungan {workspace.vault_id}/{slot.id}" for slot in slots if slot.pepper}
                        assert needed <= store(copy).names and len(store(copy).names - needed) <= 1
                        sound(workspace)
                        opened += 1
                except WrongPassword:
                    pass
        assert opened == 1, opened

    return at_every_step(office, action, look)


def upgrading(folder: Path) -> int:
    """An older key file becomes this program's at a sign-in: exactly one is cleared, and everybody still opens it."""
    office = founded(folder)
    with office.unlock() as workspace:
        workspace.add_user(login="budi", name="B", role="ADMIN", password=SECOND)
    make_version_3(office)

    def action(copy: Office) -> None:
        copy.unlock("budi", SECOND).close()

    def look(copy: Office) -> None:
        for login, password in (("sari", PASSWORD), ("budi", SECOND)):
            try:
                with copy.unlock(login, password) as workspace:
                    assert [user.cleared for user in workspace.users()].count(True) == 1
                    whole(workspace)
            except (WrongPassword, WorkspaceDamaged) as error:
                raise AssertionError(login) from error

    return at_every_step(office, action, look)


ACTIONS = {each.__name__: each for each in (escrowing, withdrawing, recovering, upgrading, peppering)}

if __name__ == "__main__":
    print(ACTIONS[sys.argv[1]](Path(sys.argv[2])))
