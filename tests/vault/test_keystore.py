"""A slot that takes an entry of the system's keystore: the password alone opens nothing, and says why."""

from __future__ import annotations

import json
import shutil
from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from keyring.backends import fail, null

from app.errors import Conflicted, KeystoreFailed, WorkspaceDamaged, WorkspaceNewer, WrongPassword
from app.vault.attempts import Attempts
from app.vault.backup import back_up, backups
from app.vault.escrow import Trustees, open_inner, open_outer
from app.vault.kdf import Peppered
from app.vault.keyfile import read_key_file
from app.vault.recovery import Newcomer, recover
from app.vault.recovery_key import new_key
from app.vault.restoring import restore
from app.vault.slot import held_by
from tests.attacks import Survived
from tests.keystores import FileKeystore, installed
from tests.vault.offices import PASSWORD, SECOND, Office, names
from tests.vault.test_clearance import id_of
from tests.vault.test_keyfile import canonical, edited, leaves, other_values

DISTRICT, CENTRE = new_key(), new_key()
NEWCOMER = Newcomer("dewi", "Dewi", "SUPERVISOR", "sepeda ontel warna merah")


@pytest.fixture
def peppered(office: Office, store: FileKeystore) -> Office:
    """With an escrow; sari's slot takes the keystore, budi's does not."""
    with office.unlock() as workspace:
        workspace.set_trustees(Trustees(DISTRICT.public, CENTRE.public))
        assert workspace.set_peppered(PASSWORD, wanted=True) and workspace.peppered
    return office


def entry(office: Office) -> str:
    key_file = read_key_file(office.directory)
    return f"naungan {key_file.vault_id}/{key_file.slots[0].id}"


def put_entry(store: FileKeystore, told: dict[str, str]) -> None:
    store.path.write_text(json.dumps(told))


def test_the_right_password_opens_with_its_own_pepper_alone(peppered: Office, store: FileKeystore) -> None:
    key_file = read_key_file(peppered.directory)
    slot, pepper = key_file.slots[0], b64decode(json.loads(store.path.read_text())[entry(peppered)])
    assert len(pepper) == 32 and store.names == {entry(peppered)}
    for secret in (PASSWORD, Peppered(PASSWORD, bytes(32)), Peppered(PASSWORD, b""), Peppered(SECOND, pepper)):
        assert held_by(slot, password=secret, vault_id=key_file.vault_id) is None
    assert held_by(slot, password=Peppered(PASSWORD, pepper), vault_id=key_file.vault_id) is not None
    with peppered.unlock() as workspace:
        assert len(names(workspace)) == 200
    peppered.unlock("budi", SECOND).close()


def test_the_key_is_what_the_design_says_by_another_implementation(peppered: Office, store: FileKeystore) -> None:
    told, slot = json.loads(peppered.key_file.read_bytes()), read_key_file(peppered.directory).slots[0]
    pepper = b64decode(json.loads(store.path.read_text())[entry(peppered)])
    mine = told["slots"][0]
    bound = {key: mine[key] for key in ("slot", "kdf", "salt", "generation", "pepper")}
    bound["user"] = {key: value for key, value in mine["user"].items() if key != "cleared"}
    aad = canonical({"version": 2, "vault": told["vault"], "public": mine["door"]["public"], **bound})
    stretched = hash_secret_raw(PASSWORD.encode(), slot.salt, 2, 19 * 1024, 1, 32, Type.ID)
    kek = HKDF(hashes.SHA256(), 32, slot.salt, aad).derive(stretched + pepper)
    assert len(AESGCM(kek).decrypt(slot.sealed.nonce, slot.sealed.box, aad)) == 64


def _missing(store: FileKeystore) -> None:
    store.path.unlink()


def _locked(store: FileKeystore) -> None:
    store.locked = True


def _broken(store: FileKeystore) -> None:
    store.broken = True


def _another(store: FileKeystore) -> None:
    put_entry(store, {name: b64encode(bytes(32)).decode() for name in store.names})


def _nonsense(store: FileKeystore) -> None:
    put_entry(store, dict.fromkeys(store.names, "no such thing"))


@pytest.mark.parametrize(
    ("ruin", "words"),
    [(_missing, "not there"), (_locked, "locked"), (_broken, "does not answer"), (_another, "another one"),
     (_nonsense, "another one")],
)  # fmt: skip
def test_a_keystore_that_fails_is_said_with_the_way_out_and_is_no_try(
    peppered: Office, store: FileKeystore, ruin: Callable[[FileKeystore], None], words: str
) -> None:
    ruin(store)
    for password in (PASSWORD, "a wrong one") * 3:
        with pytest.raises(KeystoreFailed, match=words) as told:
            peppered.unlock(password=password)
        assert "two people" in str(told.value) and "colleague" in str(told.value)
    assert Attempts.read(peppered.directory).failures == 0
    peppered.unlock("budi", SECOND).close()
    _recovered(peppered)


def _recovered(office: Office) -> None:
    """The way out: two people let somebody in, whose slot takes no keystore."""
    raw = open_outer((office.directory / "escrow.age").read_bytes(), identity=CENTRE.secret)
    opened = open_inner(raw, identity=DISTRICT.secret)
    recover(office.vault, office.directory, opened=opened, newcomer=NEWCOMER, by=("A", "B"), now=office.clock).close()
    with office.unlock("dewi", NEWCOMER.password) as workspace:
        assert not workspace.peppered and len(names(workspace)) == 200


def test_a_system_without_a_keystore(peppered: Office) -> None:
    with installed(fail.Keyring()), pytest.raises(KeystoreFailed, match="does not answer"):
        peppered.unlock()
    with installed(null.Keyring()), pytest.raises(KeystoreFailed, match="not there"):
        peppered.unlock()


def test_a_wrong_password_is_a_wrong_password_and_counts(peppered: Office) -> None:
    with pytest.raises(WrongPassword):
        peppered.unlock(password="a wrong one")
    assert Attempts.read(peppered.directory).failures == 1


def test_it_is_refused_until_two_people_could_let_somebody_in(office: Office, store: FileKeystore) -> None:
    with office.unlock() as workspace:
        with pytest.raises(Conflicted, match="recovery keys"):
            workspace.set_peppered(PASSWORD, wanted=True)
        workspace.set_trustees(Trustees(DISTRICT.public, CENTRE.public))
        (office.directory / "escrow.age").unlink()
        with pytest.raises(Conflicted, match="recovery keys"):
            workspace.set_peppered(PASSWORD, wanted=True)
        with pytest.raises(WrongPassword):
            workspace.set_peppered("a wrong one", wanted=True)
    assert not store.names


@pytest.mark.parametrize("useless", [fail.Keyring, null.Keyring, "locked"])
def test_a_keystore_that_keeps_nothing_is_found_out_before_anything_changes(
    office: Office, store: FileKeystore, useless: object
) -> None:
    with office.unlock() as workspace:
        workspace.set_trustees(Trustees(DISTRICT.public, CENTRE.public))
        before = office.key_file.read_bytes()
        store.locked = True
        with installed(useless() if callable(useless) else store), pytest.raises(KeystoreFailed, match="keeps nothing"):
            workspace.set_peppered(PASSWORD, wanted=True)
        assert office.key_file.read_bytes() == before
    office.unlock().close()


def test_another_password_keeps_it_and_off_deletes_the_entry(peppered: Office, store: FileKeystore) -> None:
    first = store.names
    new = "gunung tinggi awan putih"
    with peppered.unlock() as workspace:
        workspace.change_password(old=PASSWORD, new=new)
        assert workspace.peppered
    assert store.names == {entry(peppered)} != first
    with peppered.unlock(password=new) as workspace:
        workspace.set_peppered(new, wanted=False)
        assert not workspace.peppered
    assert not store.names
    peppered.unlock(password=new).close()


@pytest.mark.parametrize("cut", ["app.vault.access.write_key_file", "app.vault.keystore.forget"])
@pytest.mark.parametrize("was_on", [False, True])
def test_cut_off_before_or_after_the_key_file_it_is_the_old_or_the_new(
    office: Office, store: FileKeystore, monkeypatch: pytest.MonkeyPatch, cut: str, was_on: bool
) -> None:
    """As at a kill: nothing runs after it. Every single call is tried by the arena (`peppering`)."""
    new = "gunung tinggi awan putih"
    with office.unlock() as workspace:
        workspace.set_trustees(Trustees(DISTRICT.public, CENTRE.public))
        workspace.set_peppered(PASSWORD, wanted=was_on)
        monkeypatch.setattr(cut, _cut_off)
        with suppress(KeyboardInterrupt):
            if was_on:
                workspace.change_password(old=PASSWORD, new=new)
            else:
                workspace.set_peppered(PASSWORD, wanted=True)
        monkeypatch.undo()
    late = cut.endswith("forget")
    assert len(store.names) == 1 + was_on, "one too many rather than one too few"
    with office.unlock(password=new if was_on and late else PASSWORD) as workspace:
        assert workspace.peppered == (was_on or late)
    with pytest.raises(WrongPassword):
        office.unlock(password=PASSWORD if was_on and late else new)


def _cut_off(*_arguments: object) -> None:
    raise KeyboardInterrupt


def test_who_is_removed_leaves_no_entry_and_new_keys_keep_those_of_others(
    peppered: Office, store: FileKeystore
) -> None:
    with peppered.unlock("budi", SECOND) as workspace:
        workspace.set_peppered(SECOND, wanted=True)
    assert len(store.names) == 2
    with peppered.unlock() as workspace:
        workspace.remove_user(id_of(workspace, "budi"))
    assert store.names == {entry(peppered)}
    with peppered.unlock() as workspace:
        assert workspace.peppered and len(names(workspace)) == 200


def test_a_backup_on_another_laptop_says_why_the_password_does_not_suffice(
    peppered: Office, store: FileKeystore, tmp_path: Path
) -> None:
    with peppered.unlock() as workspace:
        back_up(workspace, now=peppered.clock)
    made = backups(peppered.directory)[0].path
    with (
        installed(FileKeystore(tmp_path / "another.json")),
        pytest.raises(KeystoreFailed, match=r"not there.*backup.*--backup"),
    ):
        restore(made, into=tmp_path / "there", login="sari", password=PASSWORD, now=peppered.clock)
    assert not (tmp_path / "there").exists()
    restore(made, into=tmp_path / "here", login="sari", password=PASSWORD, now=peppered.clock)
    replace(peppered, directory=tmp_path / "here").unlock().close()


def test_no_edit_of_a_slot_with_a_pepper_opens(peppered: Office, store: FileKeystore, survived: Survived) -> None:
    whole = peppered.key_file.read_bytes()
    told = json.loads(whole)
    mine, theirs = told["slots"]
    mutants = [
        edited(told, place, lambda _old, new=value: new)
        for place in leaves(told) if place[:3] in (("slots", 0, "pepper"), ("slots", 0, "slot"), ("slots", 0, "salt"))
        for value in other_values(_at(told, place))
    ]  # fmt: skip
    bare = {key: value for key, value in mine.items() if key != "pepper"}
    mutants += [
        {**told, "slots": [bare, theirs]},
        {**told, "slots": [mine, {**theirs, "pepper": mine["pepper"]}]},
        {**told, "version": 3},
    ]
    repelled = 0
    for mutant in mutants:
        for login, password in (("sari", PASSWORD), ("budi", SECOND)):
            peppered.key_file.write_bytes(canonical(mutant))
            (peppered.directory / "attempts").unlink(missing_ok=True)
            repelled += _refused(peppered, login, password)
    peppered.key_file.write_bytes(whole)
    peppered.unlock().close()
    survived(repelled, of=2 * len(mutants), control="the file as it was written opens with both passwords")


def test_the_old_files_with_the_old_password_open_nothing_after_a_change(
    peppered: Office, store: FileKeystore, tmp_path: Path
) -> None:
    shutil.copytree(peppered.directory, tmp_path / "stolen")
    with peppered.unlock() as workspace:
        workspace.change_password(old=PASSWORD, new="gunung tinggi awan putih")
    with pytest.raises(KeystoreFailed, match="not there"):
        replace(peppered, directory=tmp_path / "stolen").unlock()


def _refused(office: Office, login: str, password: str) -> bool:
    try:
        office.unlock(login, password).close()
    except (WorkspaceDamaged, WorkspaceNewer, WrongPassword, KeystoreFailed):
        return True
    return False


def _at(told: object, path: tuple[str | int, ...]) -> object:
    for key in path:
        told = told[key]  # type: ignore[index]
    return told
