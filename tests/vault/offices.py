"""What the vault's tests share: an office with a closed workspace, rows in and out, migrations made of SQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.models.journal import Actor, Journal, audit
from app.vault.workspace import Vault, Workspace

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "kuda hitam laut biru"
SECOND = "empat kata acak sekali"
Clock = Callable[[], datetime]


@dataclass
class Office:
    """A folder with a workspace of two people, sari and budi, closed."""

    directory: Path
    clock: Clock
    vault: Vault

    def unlock(self, login: str = "sari", password: str = PASSWORD) -> Workspace:
        return self.vault.unlock(self.directory, login=login, password=password, now=self.clock)

    @property
    def database(self) -> Path:
        return self.directory / "workspace.db"

    @property
    def key_file(self) -> Path:
        return self.directory / "naungan.keys"


def put(workspace: Workspace, *names: str) -> None:
    """One row per name, in one transaction."""
    with workspace.engine.begin() as connection:
        for name in names:
            connection.execute(text("INSERT INTO setting (name, value) VALUES (:n, :v)"), {"n": name, "v": b"x" * 200})


def names(workspace: Workspace) -> set[str]:
    """Which rows there are."""
    with workspace.reader.begin() as connection:
        return set(connection.execute(text("SELECT name FROM setting")).scalars())


def write_revisions(folder: Path, *revisions: Sequence[str]) -> Path:
    """A migrations folder with one revision per list of SQL statements."""
    (folder / "versions").mkdir(parents=True)
    for number, statements in enumerate(revisions, 1):
        before = f'"{number - 1:04}"' if number > 1 else "None"
        (folder / "versions" / f"{number:04}_step.py").write_text(
            f'from alembic import op\nrevision = "{number:04}"\ndown_revision = {before}\n\n\n'
            f"def upgrade():\n    for statement in {list(statements)!r}:\n        op.execute(statement)\n"
        )
    return folder


def save(workspace: Workspace, name: str, *, clock: Callable) -> None:
    """A row and its link of the chain in one transaction, as every save of a worker."""
    with Session(workspace.engine) as session:
        session.info["journal"] = Journal(Actor("u", "Sari", "ADMIN", "o", workspace.device.id), clock)
        session.connection().exec_driver_sql("INSERT INTO setting VALUES (?, x'00')", (name,))
        audit(session, "change", "case", "c" * 32, ("summary",))
        session.commit()


def seen(office: Office) -> str:
    """What an unlock says of the data; it is closed again."""
    with office.unlock() as workspace:
        return workspace.stale
