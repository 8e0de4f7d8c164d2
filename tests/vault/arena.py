"""Run by tests/vault/test_crash.py in a process of its own: kills children at every step of an action, and looks.

    python -m tests.vault.arena ACTION FOLDER [EVERY [KILLS]]

A step is a call into the operating system or the database: the child is killed right before the first, then before
the second, and so on until it once runs to its end. After each kill the workspace has to be the old or the new one.
With EVERY = 12 each call into the system is still a step, of those into the database every twelfth is. Above that, of
those that write through to the disk every fourth is a step, and every third step is tried.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy import inspect

from app.errors import Invalid, WorkspaceDamaged, WorkspaceNewer, WrongPassword
from app.vault import restoring as restorings
from app.vault import verify
from app.vault.backup import back_up, backups
from app.vault.entrance import users
from app.vault.kdf import CHEAPEST
from app.vault.restoring import restore
from app.vault.workspace import Vault, Workspace
from tests.vault.offices import PASSWORD, SECOND, Office, names, put, write_revisions

_NUMBERS = sys.argv[3:] if Path(sys.argv[0]).stem.startswith("arena") else []  # this one, or the one of the keys
KILLS = int(_NUMBERS[1]) if len(_NUMBERS) > 1 else 60
EVERY = int(_NUMBERS[0]) if _NUMBERS else 1
FULLEST = 12
THROUGH = 4 if EVERY > FULLEST else 1
STRIDE = 3 if EVERY > FULLEST else 1
TABLE = ("CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL)",)
REBUILD = (
    "CREATE TABLE fresh (name TEXT PRIMARY KEY, value BLOB NOT NULL, note TEXT)",
    "INSERT INTO fresh (name, value) SELECT name, value FROM setting",
    "DROP TABLE setting",
    "ALTER TABLE fresh RENAME TO setting",
    "CREATE TABLE added (id INTEGER)",
)
NAMES = {"rename", "replace", "unlink", "mkdir", "rmdir"}  # what decides
SYSTEM = {*NAMES, "flush", "fsync", "sendfile"}  # what shows on disk


def now() -> datetime:
    return datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


def run_until_step(step: int, action: Callable[[], None]) -> bool:
    """Whether the action came to its end before its step number `step`; else the child was killed right before it."""
    child = os.fork()
    if child == 0:
        left, calls = step, Counter[bool]()

        def count(_frame: FrameType, event: str, called: Any) -> None:
            nonlocal left
            if event != "c_call" or not _is_call_out(called):
                return
            through = called.__name__ in SYSTEM
            calls[through] += 1
            if called.__name__ in NAMES or calls[through] % (THROUGH if through else EVERY) == 0:
                left -= 1
                if left < 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(count)
        action()
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, f"the action failed by itself: {status}"
    return not os.WIFSIGNALED(status)


def _is_call_out(called: Any) -> bool:
    owner = getattr(called, "__self__", None)
    if type(owner).__module__.startswith("sqlcipher3"):
        return True
    return called.__name__ in SYSTEM and (getattr(called, "__module__", "") in ("posix", "io", "_io", None))


def at_every_step(office: Office, action: Callable[[Office], None], look: Callable[[Office], None]) -> int:
    """Do the action on fresh copies, killed ever later; the number of steps that were tried."""
    for tried, step in enumerate(range(0, 10_000, STRIDE)):
        copy = replace(office, directory=office.directory.with_name(f"step{step}"))
        if office.directory.exists():
            shutil.copytree(office.directory, copy.directory)
        ended = run_until_step(step, lambda copy=copy: action(copy))  # type: ignore[misc]
        look(copy)
        shutil.rmtree(copy.directory)
        if ended:
            return tried
    raise AssertionError("the action never ends")


def founded(folder: Path, *, revisions: Path | None = None) -> Office:
    vault = Vault(cost=CHEAPEST, migrations=revisions) if revisions else Vault(cost=CHEAPEST)
    office = Office(folder / "workspace", now, vault)
    with create(office) as workspace:
        put(workspace, *(f"row {n}" for n in range(50)))
    return office


def create(office: Office) -> Workspace:
    return office.vault.create(office.directory, login="sari", name="S", role="ADMIN", password=PASSWORD, now=now)


def whole(workspace: Workspace) -> None:
    assert verify.integrity(workspace) == ()
    assert names(workspace) == {f"row {n}" for n in range(50)}


def change(folder: Path) -> int:
    """Either the old password opens or the new one, never both, never neither."""

    def action(office: Office) -> None:
        with office.unlock() as workspace:
            workspace.change_password(old=PASSWORD, new=SECOND)

    def look(office: Office) -> None:
        opened = []
        for password in (PASSWORD, SECOND):
            try:
                with office.unlock(password=password) as workspace:
                    whole(workspace)
                    opened.append(password)
            except WrongPassword:
                pass
        assert len(opened) == 1, opened

    return at_every_step(founded(folder), action, look)


def departing(folder: Path) -> int:
    """Either both open it under the old key or the one who stays alone under the new; no row is lost."""
    office = founded(folder)
    with office.unlock() as workspace:
        workspace.add_user(login="budi", name="B", role="ADMIN", password=SECOND)

    def action(copy: Office) -> None:
        with copy.unlock() as workspace:
            workspace.remove_user(next(user.id for user in workspace.users() if user.login == "budi"))
            put(workspace, "after")

    def look(copy: Office) -> None:
        rows = set()
        for login, password in (("budi", SECOND), ("sari", PASSWORD), ("sari", PASSWORD)):
            try:
                with copy.unlock(login, password) as workspace:
                    assert workspace.stale == ""
                    assert verify.integrity(workspace) == ()
                    rows = names(workspace) - {"after"}
            except WrongPassword:
                assert login == "budi"
        assert not list(copy.directory.glob("*.rekeyed*"))
        assert rows == {f"row {n}" for n in range(50)}

    return at_every_step(office, action, look)


def founding(folder: Path) -> int:
    """Either a workspace that opens, or none, and then it can be made in the same folder."""

    def action(office: Office) -> None:
        create(office).close()

    def look(office: Office) -> None:
        try:
            users(office.directory)
        except WorkspaceDamaged:
            create(office).close()
        office.unlock().close()
        try:
            create(office)
        except Invalid:
            return
        raise AssertionError("made over a finished one")

    vault = Vault(cost=CHEAPEST, migrations=write_revisions(folder / "first", TABLE))
    return at_every_step(Office(folder / "workspace", now, vault), action, look)


def migrate(folder: Path) -> int:
    """The old program opens the file until the new one does; no row is lost and nothing is left lying about."""
    office = founded(folder, revisions=write_revisions(folder / "first", TABLE))
    newer = replace(office.vault, migrations=write_revisions(folder / "second", TABLE, REBUILD))

    def action(copy: Office) -> None:
        replace(copy, vault=newer).unlock().close()

    def look(copy: Office) -> None:
        try:
            with copy.unlock() as workspace:
                whole(workspace)
            assert not list(copy.directory.glob("*.migrating*"))
        except WorkspaceNewer:
            pass
        with replace(copy, vault=newer).unlock() as workspace:
            whole(workspace)
            assert "added" in inspect(workspace.reader).get_table_names()
        assert not list(copy.directory.glob("*.migrating*"))

    return at_every_step(office, action, look)


def backing(folder: Path) -> int:
    """What is listed as a backup can be restored; what is not whole is not listed and is removed."""

    def action(office: Office) -> None:
        with office.unlock() as workspace:
            back_up(workspace, now=now)

    def look(office: Office) -> None:
        with office.unlock() as workspace:
            whole(workspace)
        assert not list(office.directory.glob("backups/*.unfinished"))
        for made in backups(office.directory):
            again = replace(office, directory=office.directory / "again")
            restore(made.path, into=again.directory, login="sari", password=PASSWORD, now=now)
            with again.unlock() as workspace:
                whole(workspace)

    return at_every_step(founded(folder), action, look)


def restoring(folder: Path) -> int:
    """Either a whole workspace under the wanted name, or none, and then the restore can be repeated."""
    office = founded(folder)
    with office.unlock() as workspace:
        made = back_up(workspace, now=now)
    target = replace(office, directory=folder / "target")

    def action(copy: Office) -> None:
        restore(made.path, into=copy.directory, login="sari", password=PASSWORD, now=now)

    def look(copy: Office) -> None:
        if not copy.directory.exists():
            action(copy)
        with copy.unlock() as workspace:
            whole(workspace)

    return at_every_step(target, action, look)


def replacing(folder: Path) -> int:
    """Restored in place: either the workspace of before or the one of the backup, and no step of it is lost."""
    office = founded(folder)
    with office.unlock() as workspace:
        back_up(workspace, now=now)
        put(workspace, "after the backup")

    def action(copy: Office) -> None:
        made = backups(copy.directory)[-1]
        restorings.prepare(made.path, directory=copy.directory, login="sari", password=PASSWORD, now=now)
        restorings.put_in_place(copy.directory, now=now)

    def look(copy: Office) -> None:
        with copy.unlock() as workspace:
            assert workspace.stale == ""
            assert verify.integrity(workspace) == ()
            assert names(workspace) - {"after the backup"} == {f"row {n}" for n in range(50)}
        left = {each.name.partition("-")[0] for each in copy.directory.iterdir()}
        assert left == {"naungan.keys", "workspace.db", "anchor", "backups", ".lock"}, left
        assert not list(copy.directory.glob("backups/*.unfinished"))

    return at_every_step(office, action, look)


def save(folder: Path) -> int:
    """Whatever was acknowledged is there after the kill, and at most the one save under way besides."""
    office, chance = founded(folder), random.Random(11)
    acknowledged: set[str] = {f"row {n}" for n in range(50)}
    total = 0
    for turn in range(KILLS):
        done = _saves_until_killed(office, turn=turn, wanted=chance.randrange(1, 30))
        total += len(done)
        acknowledged |= done
        with office.unlock() as workspace:
            found = names(workspace)
            assert verify.integrity(workspace) == ()
        assert acknowledged <= found, f"lost: {acknowledged - found}"
        assert len(found - acknowledged) <= 1
        acknowledged = found
    return total


def _saves_until_killed(office: Office, *, turn: int, wanted: int) -> set[str]:
    hear, tell = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(hear)
        workspace = office.unlock()
        for n in range(100_000):
            put(workspace, f"turn {turn} save {n}")
            os.write(tell, f"turn {turn} save {n}\n".encode())
    os.close(tell)
    with os.fdopen(hear, "rb") as heard:
        done = [heard.readline() for _ in range(wanted)]
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        done += heard.readlines()
    return {line.decode().strip() for line in done if line.endswith(b"\n")}


ACTIONS = {each.__name__: each for each in (change, departing, founding, migrate, backing, restoring, replacing, save)}

if __name__ == "__main__":
    print(ACTIONS[sys.argv[1]](Path(sys.argv[2])))
