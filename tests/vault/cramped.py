"""Run by tests/vault/test_faults.py in a process of its own: a disk that is full, a medium that takes no writing.

    python -m tests.vault.cramped ACTION FOLDER [TURNS]

No file may grow beyond a limit that the system sets (RLIMIT_FSIZE), which stands for the end of the disk.
"""

from __future__ import annotations

import ctypes
import random
import resource
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from app.errors import DiskFull, ReadOnly, WrongPassword
from app.vault import restoring, verify
from app.vault.backup import back_up, backups
from app.vault.entrance import users
from app.vault.escrow import Trustees, open_inner, open_outer
from app.vault.keyfile import read_key_file
from app.vault.recovery import Newcomer, recover
from app.vault.recovery_key import new_key
from app.vault.restoring import restore
from tests.vault.arena import create, founded, now, whole
from tests.vault.offices import PASSWORD, SECOND, Office, names, put

FEW = (0, 2500, 100_000, 200_000)  # what takes long is tried with these


TURNS = int(sys.argv[3]) if __name__ == "__main__" and len(sys.argv) > 3 else 12


DISTRICT, CENTRE = new_key(), new_key()
TRUSTEES = Trustees(DISTRICT.public, CENTRE.public)


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file grows beyond this many bytes inside the block."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))


def give_up_privileges() -> None:
    """Root obeys the file modes from here on, as everybody else does anyway."""

    class Header(ctypes.Structure):
        _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))

    nothing = (ctypes.c_uint32 * 6)()
    assert ctypes.CDLL(None).capset(ctypes.byref(Header(0x20080522, 0)), ctypes.byref(nothing)) == 0


def saving(folder: Path) -> int:
    """Saves until the disk is full: the last one fails in words, the others stay, and with room it goes on."""
    office, chance = founded(folder), random.Random(5)
    full = 0
    for turn in range(TURNS):
        done: set[str] = set()
        with office.unlock() as workspace:
            before = names(workspace)
            with room_for(chance.randrange(60_000, 400_000)):
                for n in range(400):
                    try:
                        put(workspace, f"turn {turn} save {n}")
                    except DiskFull:
                        full += 1
                        break
                    done.add(f"turn {turn} save {n}")
                assert names(workspace) == before | done, "reading goes on while nothing can be saved"
            put(workspace, f"turn {turn} with room again")
        with office.unlock() as workspace:
            assert names(workspace) == before | done | {f"turn {turn} with room again"}
            assert verify.integrity(workspace) == ()
    return full


def everything(folder: Path) -> int:
    """Each action with ever more room: it works or it says that the disk is full, and the old state is whole."""
    office, full, chance = founded(folder), 0, random.Random(6)
    sizes = [0, 1, 100, 700, 1500, 2500, 4096, 8192, 40_000, 100_000, 200_000, 10**7]
    for size in sizes + [chance.randrange(300_000) for _ in range(TURNS - len(sizes))]:
        for action in (
            _changes_the_password,
            _removes_a_user,
            _withdraws,
            _seals,
            _recovers,
            _backs_up,
            _restores,
            _makes_another,
            _unlocks,
        ):
            if action is _restores and size not in FEW:
                continue
            copy = replace(office, directory=office.directory.with_name("copy"))
            shutil.copytree(office.directory, copy.directory)
            try:
                action(copy, size)
            except DiskFull:
                full += 1
            _is_whole(copy)
            shutil.rmtree(copy.directory)
    return full


def _changes_the_password(office: Office, size: int) -> None:
    with office.unlock() as workspace, room_for(size):
        workspace.change_password(old=PASSWORD, new=SECOND)


def _removes_a_user(office: Office, size: int) -> None:
    with office.unlock() as workspace:
        gone = workspace.add_user(login="budi", name="B", role="ADMIN", password=SECOND)
        try:
            with room_for(size):
                workspace.remove_user(gone.id)
        finally:
            whole(workspace)


def _withdraws(office: Office, size: int) -> None:
    """Adding, clearing, and both keys and the escrow anew: whatever fails, the slot is as it was or as it is to be."""
    with office.unlock() as workspace:
        workspace.set_trustees(TRUSTEES)
        with room_for(size):
            user = workspace.add_user(login="budi", name="B", role="ADMIN", password=SECOND)
            workspace.set_cleared(user.id, True)
            workspace.set_cleared(user.id, False)
    _escrow_is_whole(office)


def _seals(office: Office, size: int) -> None:
    with office.unlock() as workspace:
        workspace.set_trustees(TRUSTEES)
        try:
            with room_for(size):
                workspace.set_trustees(Trustees(new_key().public, TRUSTEES.centre))
        finally:
            _escrow_is_whole(office)


def _recovers(office: Office, size: int) -> None:
    with office.unlock() as workspace:
        workspace.set_trustees(TRUSTEES)
    raw = (office.directory / "escrow.age").read_bytes()
    inner = open_inner(open_outer(raw, identity=CENTRE.secret), identity=DISTRICT.secret)
    newcomer = Newcomer("dewi", "Dewi", "SUPERVISOR", "sepeda ontel warna merah")
    before = office.key_file.read_bytes()
    try:
        with room_for(size):
            recover(office.vault, office.directory, opened=inner, newcomer=newcomer, by=("A", "B"), now=now).close()
    except DiskFull:
        assert office.key_file.read_bytes() == before
        raise
    with office.unlock("dewi", newcomer.password) as workspace:
        whole(workspace)


def _escrow_is_whole(office: Office) -> None:
    escrow = read_key_file(office.directory).escrow
    assert escrow is not None and escrow.is_in(office.directory / "escrow.age")


def _backs_up(office: Office, size: int) -> None:
    with office.unlock() as workspace, room_for(size):
        back_up(workspace, now=now)


def _restores(office: Office, size: int) -> None:
    with office.unlock() as workspace:
        made = back_up(workspace, now=now)
    with room_for(size):
        restoring.prepare(made.path, directory=office.directory, login="sari", password=PASSWORD, now=now)
        restoring.put_in_place(office.directory, now=now)


def _makes_another(office: Office, size: int) -> None:
    other = replace(office, directory=office.directory / "other")
    try:
        with room_for(size):
            create(other).close()
    except DiskFull:
        create(other).close()  # in the same folder, once there is room
        raise
    finally:
        other.unlock().close()


def _unlocks(office: Office, size: int) -> None:
    with room_for(size):
        office.unlock().close()


def _is_whole(office: Office) -> None:
    opened = 0
    for password in (PASSWORD, SECOND):
        with suppress(WrongPassword), office.unlock(password=password) as workspace:
            whole(workspace)
            opened += 1
    assert opened == 1
    assert not list(office.directory.glob("backups/*.unfinished"))
    for made in backups(office.directory):
        restore(made.path, into=office.directory / "again", login="sari", password=PASSWORD, now=now)


def read_only(folder: Path) -> int:
    """From a stick that takes no writing: names show, unlocking says what to do, a backup on it can be restored."""
    office = founded(folder)
    with office.unlock() as workspace:
        made = back_up(workspace, now=now)
    for each in (*office.directory.rglob("*"), office.directory):
        each.chmod(0o500 if each.is_dir() else 0o400)
    give_up_privileges()
    assert [user.login for user in users(office.directory)] == ["sari"]
    before = sorted(office.directory.rglob("*"))
    _says(ReadOnly, office.unlock)
    _says(ReadOnly, lambda: create(replace(office, directory=office.directory / "new")))
    assert sorted(office.directory.rglob("*")) == before
    again = replace(office, directory=folder / "again")
    restore(made.path, into=again.directory, login="sari", password=PASSWORD, now=now)
    with again.unlock() as workspace:
        whole(workspace)
        again.directory.chmod(0o500)
        _says(ReadOnly, lambda: workspace.change_password(old=PASSWORD, new=SECOND))
        again.directory.chmod(0o700)
    office.key_file.chmod(0)
    _says(ReadOnly, lambda: users(office.directory))
    return 0


def _says(kind: type[Exception], action: Callable[[], object]) -> None:
    try:
        action()
    except kind:
        return
    raise AssertionError(f"no {kind.__name__}")


ACTIONS = {each.__name__: each for each in (saving, everything, read_only)}

if __name__ == "__main__":
    print(ACTIONS[sys.argv[1]](Path(sys.argv[2])))
