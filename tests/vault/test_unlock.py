"""Making, opening, sharing and closing a workspace."""

from __future__ import annotations

import hashlib
import pickle
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import text

from app.errors import Invalid, WorkspaceBusy, WorkspaceDamaged, WrongPassword
from app.vault.attempts import DELAYS
from app.vault.entrance import users, wait_seconds
from app.vault.kdf import KdfCost
from app.vault.keyfile import read_key_file, write_key_file
from app.vault.workspace import Vault, Workspace, create, unlock
from tests.vault.offices import PASSWORD, ROOT, SECOND, Office, names, put


def test_both_users_open_the_same_records(office: Office) -> None:
    with office.unlock() as workspace:
        put(workspace, "by sari")
    with office.unlock(login="BUDI ", password=SECOND) as workspace:
        assert "by sari" in names(workspace)
        assert (workspace.user.name, workspace.user.role) == ("Budi", "SUPERVISOR")


def test_the_unlock_screen_sees_the_names_without_a_key(office: Office) -> None:
    told = users(office.directory)
    assert [(user.login, user.name, user.role) for user in told] == [
        ("sari", "Sari Dewi", "SOCIAL_WORKER"),
        ("budi", "Budi", "SUPERVISOR"),
    ]
    assert len({user.id for user in told}) == 2
    assert all(len(bytes.fromhex(user.id)) == 16 for user in told)


def test_the_product_uses_the_full_cost_and_opens_what_it_made(tmp_path: Path, clock: object) -> None:
    with create(tmp_path, login="sari", name="Sari", role="ADMIN", password=PASSWORD, now=clock) as workspace:
        slot = workspace.key_file().slot_of("sari")
    assert slot is not None
    assert slot.kdf == KdfCost(memory_mib=128, passes=3, lanes=4)
    unlock(tmp_path, login="sari", password=PASSWORD, now=clock).close()


def test_a_password_typed_in_another_unicode_form_opens(vault: Vault, tmp_path: Path, clock: object) -> None:
    composed, decomposed = "rumah kak\u00e9k di desa", "rumah kake\u0301k di desa"
    vault.create(tmp_path, login="a", name="A", role="ADMIN", password=composed, now=clock).close()
    vault.unlock(tmp_path, login="a", password=decomposed, now=clock).close()


def test_wrong_passwords_wait_longer_and_longer_whoever_tries(office: Office, clock) -> None:
    told = []
    for n in range(len(DELAYS) + 1):
        login = ("sari", "budi", "nobody")[n % 3]
        with pytest.raises(WrongPassword) as refused:
            office.unlock(login=login, password="not the password")
        told.append(refused.value.wait_seconds)
        assert wait_seconds(office.directory, now=clock) == refused.value.wait_seconds
        clock.forward(seconds=refused.value.wait_seconds)
    assert told == [0, 0, 0, 5, 15, 30, 60, 300, 900, 900]
    office.unlock().close()
    assert wait_seconds(office.directory, now=clock) == 0
    with pytest.raises(WrongPassword) as refused:
        office.unlock(password="not the password")
    assert refused.value.wait_seconds == 0, "a right password starts the count anew"


def test_the_right_password_is_not_even_tried_while_the_wait_runs(office: Office, clock) -> None:
    for _ in range(4):
        with pytest.raises(WrongPassword):
            office.unlock(password="not the password")
    clock.forward(seconds=4)
    with pytest.raises(WrongPassword, match="possible in 1 second") as refused:
        office.unlock()
    assert refused.value.wait_seconds == 1
    clock.forward(seconds=1)
    office.unlock().close()


def test_a_clock_set_back_or_a_spoilt_file_never_locks_out_for_longer(office: Office, clock) -> None:
    for _ in range(4):
        with pytest.raises(WrongPassword):
            office.unlock(password="not the password")
    clock.forward(days=-4000)
    assert wait_seconds(office.directory, now=clock) == 5
    for content in (b"", b"{", b"[]", b'{"failures": 1e400, "last": "x"}', b'{"failures": 9, "last": 3}', b"\xff" * 9):
        (office.directory / "attempts").write_bytes(content)
        assert wait_seconds(office.directory, now=clock) == 0


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "abcd efgh ijkl",
        "a b c d e f g h",
        "aaaaaaaaaaaaaaaaaaaa",
        "passwordpassword",
        "Password-Password-1",
        "123456789012345678",
        "qwertyuiopasdfghjkl",
        "abc123abc123abc123abc123",
        "sariwulan sariwulan",
        "indonesia merdeka",
        "x" * 1025,
        "",
    ],
)
def test_a_weak_password_is_refused_before_anything_is_made(vault: Vault, tmp_path: Path, clock, password: str) -> None:
    directory = tmp_path / "new"
    with pytest.raises(Invalid) as refused:
        vault.create(directory, login="sariwulan", name="S", role="ADMIN", password=password, now=clock)
    assert [key for key, _ in refused.value.problems] == ["password"]
    assert not directory.exists()


@pytest.mark.parametrize(
    "password",
    ["kuda hitam laut biru", "Tr0ub4dor&3-xkcd!", "ayam-goreng-enak-sekali", "ヘルプデスクの秘密の合言葉です"],
)
def test_a_long_password_is_taken(vault: Vault, tmp_path: Path, clock, password: str) -> None:
    vault.create(tmp_path, login="sari", name="S", role="ADMIN", password=password, now=clock).close()
    vault.unlock(tmp_path, login="sari", password=password, now=clock).close()


@pytest.mark.parametrize("missing", ["login", "name", "role"])
def test_a_missing_entry_is_named(vault: Vault, tmp_path: Path, clock, missing: str) -> None:
    entries = {"login": "sari", "name": "Sari", "role": "ADMIN", missing: "  " if missing != "role" else ""}
    with pytest.raises(Invalid) as refused:
        vault.create(tmp_path / "new", **entries, password=PASSWORD, now=clock)
    assert [key for key, _ in refused.value.problems] == [missing]


def test_create_never_replaces_a_workspace_or_its_remains(office: Office, clock) -> None:
    def again() -> None:
        with pytest.raises(Invalid, match="already a workspace"):
            office.vault.create(office.directory, login="x", name="X", role="ADMIN", password=PASSWORD, now=clock)

    again()
    whole, keys = office.database.read_bytes(), office.key_file.read_bytes()
    office.key_file.unlink()
    again()
    assert office.database.read_bytes() == whole
    office.key_file.write_bytes(keys)
    office.database.unlink()
    again()
    assert not office.database.exists()


def test_a_second_window_is_told_so(office: Office) -> None:
    with office.unlock():
        with pytest.raises(WorkspaceBusy):
            office.unlock(login="budi", password=SECOND)
        code = (
            "import sys; from pathlib import Path; from app.vault.instance_lock import InstanceLock\n"
            "from app.errors import WorkspaceBusy\n"
            "try: InstanceLock.take(Path(sys.argv[1]))\n"
            "except WorkspaceBusy: sys.exit(7)"
        )
        child = subprocess.run([sys.executable, "-c", code, str(office.directory)], cwd=ROOT, check=False)
        assert child.returncode == 7
    office.unlock().close()


def test_a_failed_unlock_leaves_the_workspace_free(office: Office) -> None:
    with pytest.raises(WrongPassword):
        office.unlock(password="not the password")
    office.unlock().close()


def test_after_close_nothing_works_and_nothing_is_left(office: Office) -> None:
    workspace = office.unlock()
    put(workspace, "last")
    workspace.close()
    workspace.close()
    assert sorted(each.name for each in office.directory.iterdir()) == [
        ".lock",
        "anchor",
        "naungan.keys",
        "workspace.db",
    ]
    with pytest.raises(RuntimeError, match="closed"):
        workspace.device.sign(b"message")
    with pytest.raises(RuntimeError, match="closed"), workspace.engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    with pytest.raises(RuntimeError, match="closed"):
        workspace.users()


def test_add_user_and_change_password(office: Office) -> None:
    third = "sepeda ontel warna merah"
    with office.unlock() as workspace:
        added = workspace.add_user(login=" rina ", name="Rina", role="PARTNER", password=third)
        assert added in workspace.users()
        with pytest.raises(Invalid, match="taken"):
            workspace.add_user(login="SARI", name="Another", role="PARTNER", password=third)
        with pytest.raises(WrongPassword):
            workspace.change_password(old=SECOND, new=third)
        for weak in ("short", PASSWORD):
            with pytest.raises(Invalid):
                workspace.change_password(old=PASSWORD, new=weak)
        before = workspace.key_file()
        workspace.change_password(old=PASSWORD, new=SECOND)
        after = workspace.key_file()
    assert after.generation == before.generation + 1
    assert [slot.generation for slot in after.slots] == [2, 1, 1]
    assert after.slots[0].salt != before.slots[0].salt
    with pytest.raises(WrongPassword):
        office.unlock()
    for login, password in (("sari", SECOND), ("budi", SECOND), ("rina", third)):
        with office.unlock(login=login, password=password) as workspace:
            assert "row 0" in names(workspace)


def test_only_the_owner_may_read_any_of_it(office: Office, clock) -> None:
    fresh = office.directory.parent / "fresh"
    with office.vault.create(fresh, login="sari", name="S", role="ADMIN", password=PASSWORD, now=clock) as workspace:
        put(workspace, "while open")
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in fresh.iterdir()}
    assert {"workspace.db", "workspace.db-wal", "workspace.db-shm", "naungan.keys", ".lock"} <= modes.keys()
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(fresh.stat().st_mode) == 0o700


def test_no_key_shows_in_a_repr_and_none_can_be_pickled(workspace: Workspace) -> None:
    with workspace.keys.derived("workspace.db") as key:
        secrets_ = [workspace.keys._dek, bytes(key)]
        forms = [form for each in secrets_ for form in (each.hex(), repr(bytes(each))[2:-1])]
    shown = [repr(each) for each in (workspace, workspace.keys, workspace.device, workspace.engine, workspace.user)]
    shown += [repr(vars(workspace)), repr(workspace.engine.pool), repr(workspace.key_file())]
    assert not [form for form in forms for text_ in shown if form in text_]
    with pytest.raises(TypeError):
        pickle.dumps(workspace.keys)
    assert secrets_[1] != bytes(key), "the derived key is wiped when its block ends"


def test_an_error_carries_no_value(workspace: Workspace) -> None:
    with pytest.raises(Exception, match="UNIQUE") as failed, workspace.engine.begin() as connection:
        connection.execute(text("INSERT INTO setting VALUES (:n, :v)"), {"n": "row 0", "v": b"Siti Aminah"})
    assert "Siti" not in str(failed.value)
    assert "row 0" not in str(failed.value)


def test_the_device_identity_is_the_same_at_every_unlock_and_signs(office: Office) -> None:
    with office.unlock() as first:
        seen = (first.device.id, first.device.sign_public, first.device.box_public)
    with office.unlock(login="budi", password=SECOND) as workspace:
        device = workspace.device
        assert (device.id, device.sign_public, device.box_public) == seen
        assert device.id == hashlib.sha256(device.sign_public).hexdigest()[:32]
        Ed25519PublicKey.from_public_bytes(device.sign_public).verify(device.sign(b"batch"), b"batch")
        assert (len(device.sign(b"")), len(device.box_public)) == (64, 32)


def test_an_unfinished_workspace_says_so_and_can_be_made_again(office: Office, clock) -> None:
    with office.unlock() as workspace:
        unfinished = replace(workspace.key_file(), initialised=False).signed(workspace.keys)
    write_key_file(office.directory, unfinished)
    with office.unlock():  # the database is there: only the last step was missing
        assert read_key_file(office.directory).initialised
    write_key_file(office.directory, unfinished)
    office.database.unlink()
    with pytest.raises(WorkspaceDamaged, match="never finished"):
        users(office.directory)
    office.vault.create(office.directory, login="b", name="B", role="ADMIN", password=SECOND, now=clock).close()
    assert [user.login for user in users(office.directory)] == ["b"]
