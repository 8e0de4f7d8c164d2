"""Two people with a recovery key each come back into a workspace whose passwords or key file are lost; nobody else."""

from __future__ import annotations

import hashlib
import json
import shutil
from base64 import b64encode
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pyrage
import pytest

from app.errors import Conflicted, Forbidden, Invalid, NaunganError, UserError, WorkspaceDamaged, WrongPassword
from app.vault.backup import back_up, backups
from app.vault.engine import connect
from app.vault.escrow import Opened, Trustees, open_inner, open_outer, seal_escrow
from app.vault.keyfile import read_key_file, write_key_file
from app.vault.keys import Keys, KeySet
from app.vault.recovery import Newcomer, recover
from app.vault.recovery_key import from_typed, lines_of, new_key
from app.vault.workspace import Workspace
from tests.attacks import Survived, Tries
from tests.vault.offices import PASSWORD, SECOND, Office, names, put
from tests.vault.test_clearance import id_of, keep_ring, kept_ring

DISTRICT, CENTRE = new_key(), new_key()
TRUSTEES = Trustees(DISTRICT.public, CENTRE.public)
NEWCOMER = Newcomer("dewi", "Dewi", "SUPERVISOR", "sepeda ontel warna merah")
BY = ("Dewi dari kabupaten", "Agus dari pusat")


@pytest.fixture
def kept(office: Office) -> Office:
    """With an escrow, and closed."""
    with office.unlock() as workspace:
        keep_ring(workspace)
        workspace.set_trustees(TRUSTEES)
    return office


def opened(path: Path, *, centre: str = CENTRE.secret, district: str = DISTRICT.secret) -> Opened:
    return open_inner(open_outer(path.read_bytes(), identity=centre), identity=district)


def come_back(office: Office, escrow: Path | None = None, newcomer: Newcomer = NEWCOMER) -> Workspace:
    path = escrow or office.directory / "escrow.age"
    return recover(office.vault, office.directory, opened=opened(path), newcomer=newcomer, by=BY, now=office.clock)


def state(directory: Path) -> dict[str, str]:
    """What stands on the disk, but for what a look at it leaves."""
    found = {path.name: path for path in directory.iterdir() if path.is_file() and path.name != ".lock"}
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in found.items()}


def audited(workspace: Workspace) -> list[tuple[str, str]]:
    with closing(connect(workspace.database, keys=workspace.keys)) as connection:
        return connection.execute("SELECT action, fields FROM audit WHERE action = 'recover'").fetchall()


def test_any_age_program_opens_it_with_both_keys_and_with_no_one_alone(kept: Office) -> None:
    raw = (kept.directory / "escrow.age").read_bytes()
    district, centre = (pyrage.x25519.Identity.from_str(key.secret) for key in (DISTRICT, CENTRE))
    told = json.loads(pyrage.decrypt(pyrage.decrypt(raw, [centre]), [district]))
    with kept.unlock() as workspace:
        assert [told["keys"], told["restricted"]] == [_text(keys) for keys in workspace.held.each]
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(raw, [district])
    assert not [keys for keys in (told["keys"], told["restricted"]) if keys.encode() in raw]
    for key in (DISTRICT.secret, CENTRE.secret):
        assert not any(key.encode() in path.read_bytes() for path in kept.directory.iterdir() if path.is_file())


def test_a_lost_password(kept: Office) -> None:
    with come_back(kept) as workspace:
        assert workspace.cleared and workspace.stale == ""
        assert len(kept_ring(workspace, workspace.restricted).publics) == 1
        assert audited(workspace) == [("recover", ", ".join(BY))]
        put(workspace, "by the newcomer")
        with pytest.raises(Invalid, match="not set"):
            workspace.set_trustees(Trustees(DISTRICT.public, DISTRICT.public))
    for login, password in (("dewi", NEWCOMER.password), ("sari", PASSWORD), ("budi", SECOND)):
        with kept.unlock(login, password) as workspace:
            assert "by the newcomer" in names(workspace) and workspace.stale == ""


def test_only_the_newcomer(kept: Office) -> None:
    with come_back(kept) as workspace:
        workspace.remove_others()
        assert [user.login for user in workspace.users()] == ["dewi"]
    for login, password in (("sari", PASSWORD), ("budi", SECOND)):
        with pytest.raises(WrongPassword):
            kept.unlock(login, password)
    with come_back(kept, newcomer=replace(NEWCOMER, login="again")) as workspace:
        assert len(names(workspace)) == 201, "the escrow of the new keys"


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-9])


def _of_others(path: Path) -> None:
    told = read_key_file(path.parent)
    write_key_file(path.parent, told.signed(Keys.generate(told.vault_id)))


@pytest.mark.parametrize("lose", [Path.unlink, _cut, _of_others], ids=["missing", "cut", "signed by others"])
def test_a_lost_key_file(kept: Office, lose) -> None:
    with kept.unlock() as workspace:
        device = workspace.device.id
    lose(kept.key_file)
    with come_back(kept) as workspace:
        assert [user.login for user in workspace.users()] == ["dewi"]
        assert workspace.device.id == device and workspace.stale == "", "the centre knows it, and nothing is doubted"
        workspace.add_user(login="sari", name="Sari", role="SOCIAL_WORKER", password=PASSWORD, cleared=True)
    with kept.unlock() as workspace:
        assert len(names(workspace)) == 201
    kept.key_file.unlink()
    come_back(kept).close()


def test_key_file_and_anchor_both_lost_is_told(kept: Office) -> None:
    kept.key_file.unlink()
    (kept.directory / "anchor").unlink()
    with come_back(kept) as workspace:
        assert "anchor" in workspace.stale
    with kept.unlock("dewi", NEWCOMER.password) as workspace:
        workspace.accept_older()
    with kept.unlock("dewi", NEWCOMER.password) as workspace:
        assert workspace.stale == ""


def test_what_does_not_fit_is_refused_in_words_and_changes_nothing(kept: Office, tmp_path: Path) -> None:
    other = tmp_path / "other"
    with kept.vault.create(other, login="x", name="X", role="ADMIN", password=PASSWORD, now=kept.clock) as workspace:
        workspace.set_trustees(TRUSTEES)
    first = shutil.copy(kept.directory / "escrow.age", tmp_path / "first.age")
    with kept.unlock() as workspace:
        workspace.set_trustees(TRUSTEES)
    sealed_again = shutil.copy(kept.directory / "escrow.age", tmp_path / "again.age")
    with kept.unlock() as workspace:
        workspace.remove_user(id_of(workspace, "budi"))
    before = state(kept.directory)
    cases = [(other / "escrow.age", "another workspace"), (first, "older|changed"), (sealed_again, "older|changed")]
    for escrow, words in cases:
        with pytest.raises(Conflicted, match=words):
            come_back(kept, Path(escrow))
    with pytest.raises(Invalid, match="taken"):
        come_back(kept, newcomer=replace(NEWCOMER, login="SARI"))
    with pytest.raises(Invalid):
        come_back(kept, newcomer=replace(NEWCOMER, password="short"))
    assert state(kept.directory) == before
    kept.key_file.unlink()
    before = state(kept.directory)
    for escrow, _words in cases:
        with pytest.raises(Conflicted):
            come_back(kept, Path(escrow))
    assert state(kept.directory) == before
    come_back(kept).close()


def test_an_older_escrow_of_the_same_keys_is_refused(kept: Office, tmp_path: Path) -> None:
    first = shutil.copy(kept.directory / "escrow.age", tmp_path / "first.age")
    with kept.unlock() as workspace:
        workspace.set_trustees(Trustees(new_key().public, CENTRE.public))
    with pytest.raises(Conflicted, match="older escrow"):
        come_back(kept, Path(first))


def test_the_wrong_keys_are_told_apart(kept: Office) -> None:
    path, stranger = kept.directory / "escrow.age", new_key()
    for wrong in ({"centre": stranger.secret}, {"centre": DISTRICT.secret}, {"district": stranger.secret}):
        with pytest.raises(UserError, match="another key"):
            opened(path, **wrong)
    with pytest.raises(UserError, match="not a recovery key"):
        opened(path, centre="AGE-SECRET-KEY-1NONE")
    with pytest.raises(UserError, match="not an escrow"):
        open_outer(b"{}", identity=CENTRE.secret)
    inner = pyrage.encrypt(b'{"format": "naungan-escrow"}\n', [pyrage.x25519.Recipient.from_str(DISTRICT.public)])
    with pytest.raises(UserError, match="not the keys"):
        open_inner(inner, identity=DISTRICT.secret)
    outer = open_outer(path.read_bytes(), identity=CENTRE.secret)
    twice = pyrage.encrypt(outer, [pyrage.x25519.Recipient.from_str(DISTRICT.public)])
    with pytest.raises(UserError, match="wrong order"):
        open_inner(twice, identity=DISTRICT.secret)


def test_an_escrow_cut_or_altered_anywhere_opens_nothing(kept: Office, tries: Tries, survived: Survived) -> None:
    raw = (kept.directory / "escrow.age").read_bytes()
    spots = range(0, len(raw), max(1, len(raw) // tries(ci=60, full=len(raw))))
    mutants = [raw[:spot] for spot in spots]
    mutants += [raw[:spot] + bytes([raw[spot] ^ 1 << (spot % 8)]) + raw[spot + 1 :] for spot in spots]
    repelled = sum(_is_refused(mutant) for mutant in mutants)
    control = "whole: opens" if not _is_refused(raw) else ""
    survived(repelled, of=len(mutants), control=control)


def _is_refused(raw: bytes) -> bool:
    try:
        open_inner(open_outer(raw, identity=CENTRE.secret), identity=DISTRICT.secret)
    except UserError:
        return True
    return False


def test_who_is_not_cleared_cannot_redirect_it(kept: Office) -> None:
    """They hold the data key, so they can sign a key file; the recipients are sealed with the other key."""
    mine = Trustees(new_key().public, new_key().public)
    with kept.unlock("budi", SECOND) as workspace:
        with pytest.raises(Forbidden):
            workspace.set_trustees(mine)
        with pytest.raises(Forbidden, match="sealed"):
            workspace.remove_user(id_of(workspace, "sari"))
        key_file = workspace.key_file()
        held = KeySet(workspace.keys, Keys.generate(workspace.vault_id))
        record, raw = seal_escrow(held, trustees=mine, generation=key_file.generation, device=key_file.device)
        write_key_file(kept.directory, replace(key_file, escrow=record).signed(workspace.keys))
        (kept.directory / "escrow.age").write_bytes(raw)
    with kept.unlock() as workspace:
        before = state(kept.directory)
        workspace.set_cleared(id_of(workspace, "budi"), True)
        with pytest.raises(WorkspaceDamaged):
            workspace.remove_user(id_of(workspace, "budi"))
        assert state(kept.directory)["escrow.age"] == before["escrow.age"]


def test_a_missing_or_altered_escrow_is_made_anew_when_somebody_cleared_comes(kept: Office) -> None:
    path = kept.directory / "escrow.age"
    for ruin in (Path.unlink, _cut):
        ruin(path)
        kept.unlock("budi", SECOND).close()
        with kept.unlock() as workspace:
            assert workspace.escrow is not None and workspace.escrow.is_in(path)
        assert not _is_refused(path.read_bytes())
    come_back(kept).close()


def test_a_rekey_cut_before_its_escrow_was_in_place_is_finished(kept: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    with kept.unlock() as workspace, monkeypatch.context() as patch:
        patch.setattr("app.vault.rekey.replace", _no_writing)
        with pytest.raises(NaunganError):
            workspace.remove_user(id_of(workspace, "budi"))
    with come_back(kept, kept.directory / "escrow.age.rekeyed") as workspace:
        assert len(names(workspace)) == 201
    assert not list(kept.directory.glob("*.rekeyed*"))
    come_back(kept, newcomer=replace(NEWCOMER, login="again")).close()


def _no_writing(_new: Path, _old: Path) -> None:
    raise PermissionError(13, "Permission denied")


def test_a_backup_carries_the_escrow_of_its_keys(kept: Office) -> None:
    with kept.unlock() as workspace:
        back_up(workspace, now=kept.clock)
        workspace.remove_user(id_of(workspace, "budi"))
    escrows = [(each.path / "escrow.age").read_bytes() for each in backups(kept.directory)]
    assert len(escrows) == 2
    for raw in escrows:
        assert read_key_file(backups(kept.directory)[0].path).escrow is not None
        assert not _is_refused(raw)


def test_a_key_on_paper_comes_back_however_it_is_typed() -> None:
    key = new_key()
    lines = lines_of(key.secret)
    assert [len(groups.replace(" ", "")) for groups, _check in lines] == [16, 16, 16, 10]
    whole = "\n".join(f"{groups}  {check}" for groups, check in lines)
    bare = " ".join(groups for groups, _check in lines)
    for typed in (key.secret, whole, whole.lower(), bare, bare.replace(" ", "-"), f"AGE-SECRET-KEY-1 {whole}"):
        assert from_typed(typed) == key.secret
    for n in range(len(lines)):
        wrong = [groups for groups, _check in lines]
        wrong[n] = ("Q" if wrong[n][0] != "Q" else "P") + wrong[n][1:]
        with pytest.raises(UserError, match=f"line {n + 1}"):
            from_typed("\n".join(f"{groups} {check}" for groups, (_same, check) in zip(wrong, lines, strict=True)))
        with pytest.raises(UserError, match="mistake"):
            from_typed(" ".join(wrong))
    for bad in ("", "x", "kata sandi", whole[:-1]):
        with pytest.raises(UserError):
            from_typed(bad)


def _text(keys: Keys) -> str:
    return b64encode(keys.bare()).decode()
