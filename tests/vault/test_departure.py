"""Somebody leaves: their password and everything they knew open nothing that is written from then on."""

from __future__ import annotations

import shutil
import threading
from base64 import b64decode
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.errors import Conflicted, NotFound, ReadOnly, WorkspaceBusy, WorkspaceDamaged, WrongPassword
from app.vault import cipher, verify
from app.vault.anchor import Altered, read_anchor
from app.vault.backup import backups
from app.vault.engine import DATABASE_PURPOSE
from app.vault.identity import new_identity, open_identity
from app.vault.kdf import CHEAPEST
from app.vault.keyfile import read_key_file, write_key_file
from app.vault.keys import Keys, KeySet
from app.vault.restoring import restore
from app.vault.slot import make_slot, open_slot, with_keys
from app.vault.workspace import Workspace
from tests.vault.offices import PASSWORD, SECOND, Office, names, put
from tests.vault.version1 import make_version_1

THIRD = "sepeda ontel warna merah"


def id_of(workspace: Workspace, login: str) -> str:
    return next(user.id for user in workspace.users() if user.login == login)


def kept_keys(workspace: Workspace) -> Keys:
    """What somebody might keep who had the workspace open."""
    return Keys(bytearray(workspace.keys._dek or b""), vault_id=workspace.vault_id)


def test_who_left_gets_no_more_in_and_who_stays_does(office: Office) -> None:
    with office.unlock() as workspace:
        workspace.add_user(login="rina", name="Rina", role="PARTNER", password=THIRD)
        device = workspace.device.id
        put(workspace, "before")
        workspace.remove_user(id_of(workspace, "budi"))
        assert [user.login for user in workspace.users()] == ["sari", "rina"]
        put(workspace, "after, in the same window")
        assert verify.integrity(workspace) == ()
    with pytest.raises(WrongPassword):
        office.unlock(login="budi", password=SECOND)
    for login, password in (("sari", PASSWORD), ("rina", THIRD)):
        with office.unlock(login, password) as workspace:
            assert workspace.stale == ""
            assert workspace.device.id == device
            assert {"row 0", "before", "after, in the same window"} <= names(workspace)
            assert len(workspace.device.sign(b"x")) == 64
    assert not list(office.directory.glob("*.rekeyed*"))


def test_what_they_knew_opens_nothing_new(office: Office) -> None:
    with office.unlock() as workspace:
        old = kept_keys(workspace)
        stolen = shutil.copytree(office.directory, office.directory.parent / "stolen")
        workspace.remove_user(id_of(workspace, "budi"))
        assert not kept_keys(workspace).same_as(old)
    key_file = read_key_file(office.directory)
    assert not key_file.is_signed_by(old)
    with old.derived(DATABASE_PURPOSE) as key, pytest.raises(WorkspaceDamaged):
        cipher.connect(office.database, key=key)
    with pytest.raises(Altered):
        read_anchor(office.directory, keys=old)
    with pytest.raises(WorkspaceDamaged):
        open_identity(key_file.device, keys=old)
    shutil.copy(stolen / "naungan.keys", office.key_file)
    with pytest.raises(WorkspaceDamaged):
        office.unlock(login="budi", password=SECOND)
    with old.derived(DATABASE_PURPOSE) as key, closing(cipher.connect(stolen / "workspace.db", key=key)) as mine:
        assert mine.execute("SELECT count(*) FROM setting").fetchone() == (200,), "else this test proves nothing"


def test_the_old_data_key_unwraps_no_part_of_the_new_key_file(office: Office) -> None:
    """Every sealed part, under the old data key and everything it derives for a known purpose."""
    with office.unlock() as workspace:
        old = kept_keys(workspace)
        workspace.remove_user(id_of(workspace, "budi"))
    door = read_key_file(office.directory).slots[0].door
    assert door is not None
    tried = [bytes(old._dek or b"")]
    for purpose in ("device keys", "key file", "anchor", DATABASE_PURPOSE):
        with old.derived(purpose) as key:
            tried.append(bytes(key))
    for key in tried:
        with pytest.raises(InvalidTag):
            AESGCM(key).decrypt(door.sealed.nonce, door.sealed.box, None)


def test_nobody_else_gives_a_slot_a_data_key_of_their_choosing(office: Office) -> None:
    """Whoever may write the file knows every public key in it; what they do not have is the device's signature."""
    slot = read_key_file(office.directory).slots[0]
    vault_id = read_key_file(office.directory).vault_id
    mine = KeySet.generate(vault_id)
    impostor = open_identity(new_identity(mine.keys), keys=mine.keys)
    forged = with_keys(slot, held=mine, device=impostor)
    assert open_slot(slot, password=PASSWORD, vault_id=vault_id) is not None
    assert open_slot(forged, password=PASSWORD, vault_id=vault_id) is None
    own = make_slot(slot.user, password=PASSWORD, cost=CHEAPEST, held=mine, device=impostor)
    assert open_slot(own, password=PASSWORD, vault_id=vault_id) is not None, "else this test proves nothing"
    for change in ({"ephemeral": bytes(32)}, {"signature": bytes(64)}, {"public": bytes(32)}):
        assert slot.door is not None
        spoilt = replace(slot, door=replace(slot.door, **change))
        assert open_slot(spoilt, password=PASSWORD, vault_id=vault_id) is None


def test_a_backup_is_made_before_and_opens_with_the_passwords_of_its_day(office: Office, clock) -> None:
    with office.unlock() as workspace:
        workspace.remove_user(id_of(workspace, "budi"))
    (made,) = backups(office.directory)
    restore(made.path, into=office.directory.parent / "again", login="budi", password=SECOND, now=clock)
    with replace(office, directory=office.directory.parent / "again").unlock("budi", SECOND) as workspace:
        assert "row 0" in names(workspace)


def test_oneself_and_strangers_are_not_removed(office: Office) -> None:
    before = office.key_file.read_bytes(), office.database.read_bytes()
    with office.unlock() as workspace:
        with pytest.raises(Conflicted, match="your own"):
            workspace.remove_user(workspace.user.id)
        with pytest.raises(NotFound):
            workspace.remove_user("f" * 32)
    assert before == (office.key_file.read_bytes(), office.database.read_bytes())
    assert backups(office.directory) == ()


def test_while_somebody_uses_the_database_nothing_is_touched(office: Office) -> None:
    with office.unlock() as workspace:
        gone = id_of(workspace, "budi")
        with workspace.reader.begin(), pytest.raises(WorkspaceBusy):
            workspace.remove_user(gone)
        put(workspace, "goes on")
        workspace.anchor()
        workspace.remove_user(gone)
        assert "goes on" in names(workspace)


def test_a_writer_in_another_thread_loses_nothing(office: Office) -> None:
    acknowledged: list[str] = []
    done = threading.Event()
    with office.unlock() as workspace:
        put(workspace, *(f"much {n}" for n in range(3000)))

        def write() -> None:
            for n in range(1_000_000):
                if done.wait(0.001):  # a moment in which nobody writes, as a person leaves many
                    return
                with suppress(WorkspaceBusy):
                    put(workspace, f"row of another {n}")
                    acknowledged.append(f"row of another {n}")

        thread = threading.Thread(target=write)
        thread.start()
        try:
            gone = id_of(workspace, "budi")
            while len(workspace.users()) == 2:
                with suppress(WorkspaceBusy):
                    workspace.remove_user(gone)
            so_far = len(acknowledged)
            while len(acknowledged) < so_far + 3 and thread.is_alive():
                done.wait(0.001)
            assert len(acknowledged) >= so_far + 3, "the other thread died"
        finally:
            done.set()
            thread.join()
        assert set(acknowledged) <= names(workspace)
    with office.unlock() as workspace:
        assert set(acknowledged) <= names(workspace)
        assert verify.integrity(workspace) == ()


def test_a_rekey_decided_but_not_finished_is_finished_at_the_next_start(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.unlock() as workspace, monkeypatch.context() as patch:
        patch.setattr("app.vault.rekey.replace", _no_writing)
        with pytest.raises(ReadOnly):
            workspace.remove_user(id_of(workspace, "budi"))
        assert workspace.keys.wiped, "the window is closed: its database is not in place yet"
    assert (office.directory / "workspace.db.rekeyed").exists()
    with office.unlock() as workspace:
        assert workspace.stale == ""
        assert len(names(workspace)) == 200
    with pytest.raises(WrongPassword):
        office.unlock(login="budi", password=SECOND)


def _no_writing(_new: Path, _old: Path) -> None:
    raise PermissionError(13, "Permission denied")


def test_leftovers_of_another_key_are_removed(office: Office) -> None:
    other = Keys.generate("0" * 32)
    copy = office.directory / "workspace.db.rekeyed"
    copy.touch()
    with other.derived(DATABASE_PURPOSE) as key, closing(cipher.connect_fresh(copy, key=key)) as connection:
        connection.execute("CREATE TABLE setting (name, value)")
    (office.directory / "anchor.rekeyed").write_bytes(b"{}")
    with office.unlock() as workspace:
        assert len(names(workspace)) == 200
        assert workspace.stale == ""
    assert not list(office.directory.glob("*.rekeyed*"))


def test_a_first_version_gets_doors_one_sign_in_at_a_time(office: Office) -> None:
    make_version_1(office)
    assert [slot.door for slot in read_key_file(office.directory).slots] == [None, None]
    with office.unlock() as workspace:
        workspace.add_user(login="rina", name="Rina", role="PARTNER", password=THIRD)
        assert [bool(slot.door) for slot in workspace.key_file().slots] == [True, False, True]
        with pytest.raises(Conflicted, match="sign in once more: Budi"):
            workspace.remove_user(id_of(workspace, "rina"))
    with office.unlock("budi", SECOND) as workspace:
        assert [bool(slot.door) for slot in workspace.key_file().slots] == [True, True, True]
        workspace.remove_user(id_of(workspace, "rina"))
    for login, password in (("sari", PASSWORD), ("budi", SECOND)):
        with office.unlock(login, password) as workspace:
            assert len(names(workspace)) == 200


def test_one_of_the_first_version_may_leave_without_coming_again(office: Office) -> None:
    make_version_1(office)
    with office.unlock() as workspace:
        workspace.remove_user(id_of(workspace, "budi"))
    office.unlock().close()


def test_older_data_is_not_encrypted_anew(office: Office) -> None:
    older = office.database.read_bytes()
    with office.unlock() as workspace:
        put(workspace, "newer")
    office.database.write_bytes(older)
    with office.unlock() as workspace, pytest.raises(ReadOnly):
        workspace.remove_user(id_of(workspace, "budi"))
    assert len(read_key_file(office.directory).users) == 2


def test_the_key_file_says_nothing_of_a_slot_key(office: Office) -> None:
    with office.unlock() as workspace:
        before = workspace.key_file()
        workspace.remove_user(id_of(workspace, "budi"))
        after = workspace.key_file()
        dek = bytes(workspace.keys._dek or b"")
    assert after.generation == before.generation + 1
    assert before.slots[0].sealed == after.slots[0].sealed, "what the password opens is not touched"
    assert before.slots[0].door != after.slots[0].door
    told = office.key_file.read_text().split('"')
    assert dek not in [b64decode(text) for text in told if len(text) == 44]
    write_key_file(office.directory, before)
    with pytest.raises(WorkspaceDamaged):
        office.unlock()
