"""Two keys: everybody opens the workspace, only who is cleared holds what the sealed entries are under."""

from __future__ import annotations

import shutil
from dataclasses import replace

import msgspec
import pytest
from sqlalchemy import text

from app.errors import Conflicted, Forbidden, NotFound, ReadOnly, WrongPassword
from app.vault.backup import backups
from app.vault.keyfile import VERSION, read_key_file
from app.vault.keys import Keys
from app.vault.ring import SETTING, Ring
from app.vault.slot import held_by
from app.vault.workspace import Workspace
from tests.vault.offices import SECOND, Office, names, put
from tests.vault.version1 import make_version_1, make_version_3

THIRD = "sepeda ontel warna merah"


def id_of(workspace: Workspace, login: str) -> str:
    return next(user.id for user in workspace.users() if user.login == login)


def copy_of(keys: Keys | None) -> Keys:
    """What somebody might keep who held it."""
    assert keys is not None
    return Keys(bytearray(keys._dek or b""), vault_id=keys.vault_id)


def keep_ring(workspace: Workspace) -> Ring:
    ring = Ring()
    ring.make()
    assert workspace.restricted is not None
    packed = msgspec.msgpack.encode(ring.pack(workspace.restricted))
    with workspace.engine.begin() as connection:
        connection.execute(text("INSERT INTO setting (name, value) VALUES (:n, :v)"), {"n": SETTING, "v": packed})
    return ring


def kept_ring(workspace: Workspace, restricted: Keys | None) -> Ring:
    with workspace.reader.connect() as connection:
        packed = connection.execute(text("SELECT value FROM setting WHERE name = :n"), {"n": SETTING}).scalar_one()
    assert restricted is not None
    return Ring.unpack(restricted, msgspec.msgpack.decode(packed))


def test_the_first_user_is_cleared_and_others_as_it_is_given(office: Office) -> None:
    with office.unlock() as workspace:
        assert workspace.cleared and workspace.user.cleared
        workspace.add_user(login="rina", name="Rina", role="PARTNER", password=THIRD, cleared=True)
        restricted, keys = copy_of(workspace.restricted), copy_of(workspace.keys)
        assert not restricted.same_as(keys)
        assert [user.cleared for user in workspace.users()] == [True, False, True]
    with office.unlock("budi", SECOND) as workspace:
        assert workspace.restricted is None and not workspace.cleared
        with pytest.raises(Forbidden, match="sealed"):
            workspace.add_user(login="dani", name="Dani", role="PARTNER", password=THIRD, cleared=True)
        for user in ("sari", "rina", "budi"):
            with pytest.raises((Forbidden, Conflicted)):
                workspace.set_cleared(id_of(workspace, user), user == "budi")
        with pytest.raises(Forbidden, match="sealed"):
            workspace.remove_user(id_of(workspace, "rina"))
        assert len(workspace.users()) == 3 and backups(office.directory) == ()
    with office.unlock("rina", THIRD) as workspace:
        assert workspace.restricted is not None and workspace.restricted.same_as(restricted)


def test_clearance_is_given_without_anybodys_password_and_stays_through_a_new_one(office: Office) -> None:
    with office.unlock() as workspace:
        before = read_key_file(office.directory).slots[1]
        workspace.set_cleared(id_of(workspace, "budi"), True)
        workspace.set_cleared(id_of(workspace, "budi"), True)
        assert read_key_file(office.directory).slots[1].sealed == before.sealed
        restricted = copy_of(workspace.restricted)
        with pytest.raises(NotFound):
            workspace.set_cleared("f" * 32, True)
    with office.unlock("budi", SECOND) as workspace:
        assert workspace.restricted is not None and workspace.restricted.same_as(restricted)
        workspace.change_password(old=SECOND, new=THIRD)
    with office.unlock("budi", THIRD) as workspace:
        held = workspace.restricted
        assert held is not None and held.same_as(restricted)
    assert held.wiped, "wiped wherever the data key is"


def test_clearance_taken_away_takes_both_keys_anew_and_the_ring_along(office: Office) -> None:
    with office.unlock() as workspace:
        workspace.set_cleared(id_of(workspace, "budi"), True)
        ring = keep_ring(workspace)
    with office.unlock("budi", SECOND) as workspace:
        known = workspace.held.each
        old = [copy_of(each) for each in known]
        assert kept_ring(workspace, workspace.restricted).publics == ring.publics
    with office.unlock() as workspace:
        with pytest.raises(Conflicted, match="your own"):
            workspace.set_cleared(workspace.user.id, False)
        workspace.set_cleared(id_of(workspace, "budi"), False)
        assert kept_ring(workspace, workspace.restricted).publics == ring.publics
        assert not any(now.same_as(then) for now, then in zip(workspace.held.each, old, strict=True))
        put(workspace, "after, in the same window")
    with office.unlock("budi", SECOND) as workspace:
        assert workspace.restricted is None and workspace.stale == ""
        assert "after, in the same window" in names(workspace)
    with office.unlock() as workspace:
        assert kept_ring(workspace, workspace.restricted).publics == ring.publics


def test_who_is_not_cleared_removes_who_is_not_and_the_restricted_key_stays(office: Office) -> None:
    with office.unlock() as workspace:
        workspace.add_user(login="rina", name="Rina", role="SECRETARY", password=THIRD)
        ring, restricted = keep_ring(workspace), copy_of(workspace.restricted)
    with office.unlock("budi", SECOND) as workspace:
        workspace.remove_user(id_of(workspace, "rina"))
    with pytest.raises(WrongPassword):
        office.unlock("rina", THIRD)
    with office.unlock() as workspace:
        assert workspace.restricted is not None and workspace.restricted.same_as(restricted)
        assert kept_ring(workspace, restricted).publics == ring.publics


def test_a_cleared_one_who_left_knows_neither_key(office: Office) -> None:
    with office.unlock() as workspace:
        workspace.set_cleared(id_of(workspace, "budi"), True)
        keep_ring(workspace)
        old = copy_of(workspace.restricted)
        workspace.remove_user(id_of(workspace, "budi"))
        with pytest.raises(Exception, match="damaged"):
            kept_ring(workspace, old)


def test_a_second_door_of_another_slot_or_day_does_not_open(office: Office) -> None:
    """Whoever may write the file can copy doors about; each is bound to its slot, and to whether it is cleared."""
    with office.unlock() as workspace:
        workspace.set_cleared(id_of(workspace, "budi"), True)
        given = read_key_file(office.directory).slots[1]
        workspace.set_cleared(id_of(workspace, "budi"), False)
        taken = read_key_file(office.directory).slots[1]
        vault_id = workspace.vault_id
    assert held_by(given, password=SECOND, vault_id=vault_id) is not None
    for forged in (
        replace(taken, restricted=given.restricted, user=given.user),
        replace(taken, restricted=taken.door, user=given.user),
        replace(given, restricted=None, user=taken.user),
        replace(given, user=taken.user),
    ):
        assert held_by(forged, password=SECOND, vault_id=vault_id) is None


@pytest.mark.parametrize("older", [make_version_1, make_version_3])
def test_who_comes_first_to_an_older_workspace_is_cleared(office: Office, older) -> None:
    older(office)
    assert read_key_file(office.directory).version < VERSION
    with office.unlock("budi", SECOND) as workspace:
        assert workspace.cleared and workspace.user.cleared
        keep_ring(workspace)
    with office.unlock() as workspace:
        assert not workspace.cleared
        assert names(workspace) > {"row 0"}
    with office.unlock("budi", SECOND) as workspace:
        assert len(kept_ring(workspace, workspace.restricted).publics) == 1
        workspace.set_cleared(id_of(workspace, "sari"), True)
    with office.unlock() as workspace:
        assert len(kept_ring(workspace, workspace.restricted).publics) == 1
        workspace.remove_user(id_of(workspace, "budi"))
    with office.unlock() as workspace:
        assert workspace.cleared


def test_who_did_not_come_since_the_first_version_is_cleared_after_they_did(office: Office) -> None:
    make_version_1(office)
    with office.unlock() as workspace, pytest.raises(Conflicted, match="sign in once more"):
        workspace.set_cleared(id_of(workspace, "budi"), True)


def test_older_data_makes_nobody_cleared(office: Office) -> None:
    make_version_3(office)
    older = shutil.copytree(office.directory, office.directory.parent / "older")
    with office.unlock() as workspace:
        put(workspace, "newer")
    shutil.copy(older / "naungan.keys", office.key_file)
    with office.unlock("budi", SECOND) as workspace:
        assert workspace.stale and not workspace.cleared
        with pytest.raises((ReadOnly, Forbidden)):
            workspace.set_cleared(id_of(workspace, "sari"), True)
