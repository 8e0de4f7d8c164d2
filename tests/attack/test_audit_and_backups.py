"""A chain altered in any link and any column, and a backup with any bit flipped: each named, none restored."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from sqlalchemy import text

from app.errors import NaunganError
from app.services import audit_check, backups
from app.services.desk import Desk, log_view
from app.services.intake import take
from app.vault import restoring
from app.vault.workspace import Workspace
from tests.attacks import Survived, Tries
from tests.conftest import Clock
from tests.worlds import PASSWORD, case_id, desk, intake, vault, workspace

__all__ = ["case_id", "desk", "vault", "workspace"]

GONE = "DELETE FROM audit WHERE seq = :n"
HARMS = (
    "UPDATE audit SET actor = actor || 'x' WHERE seq = :n", "UPDATE audit SET device = 'ff' WHERE seq = :n",
    "UPDATE audit SET action = 'note' WHERE seq = :n", "UPDATE audit SET kind = kind || 's' WHERE seq = :n",
    "UPDATE audit SET record = '' WHERE seq = :n", "UPDATE audit SET fields = fields || ',name' WHERE seq = :n",
    "UPDATE audit SET at = at - 1 WHERE seq = :n", "UPDATE audit SET h = zeroblob(32) WHERE seq = :n",
    GONE, "UPDATE audit SET seq = seq + 100000 WHERE seq = :n",
)  # fmt: skip


def test_a_link_altered_anywhere_is_named(
    workspace: Workspace, desk: Desk, case_id: str, tries: Tries, survived: Survived
) -> None:
    for _n in range(20):
        log_view(desk, case_id)
    workspace.anchor()
    links, chance, count = audit_check.check(desk, workspace).links, random.Random(7), tries(ci=60, full=2_000)
    named = unnoticed = 0
    for turn in range(count):
        cut = turn % 20 == HARMS.index(GONE)  # the last link: by itself such a chain is whole
        seq = links if cut else chance.randrange(1, links + 1)
        with workspace.engine.connect() as connection:
            kept = connection.execute(text("SELECT * FROM audit WHERE seq = :n"), {"n": seq}).mappings().one()
        _run(workspace, HARMS[turn % len(HARMS)], seq)
        found = audit_check.check(desk, workspace)
        named += bool(found.problems) and found.whole_to == seq - 1 and str(seq) in found.problems[0]
        unnoticed += not audit_check.verify(desk)  # without the anchor a last link that is gone is not missed
        _put_back(workspace, dict(kept))
    assert audit_check.check(desk, workspace).whole
    survived(named, of=count, control=f"without the anchor, {unnoticed} of {count} went unnoticed")
    assert unnoticed > 0


def test_a_bit_flipped_in_a_backup_restores_nothing(
    workspace: Workspace, desk: Desk, clock: Clock, tmp_path: Path, tries: Tries, survived: Survived
) -> None:
    take(desk, intake())
    made = backups.make(desk, workspace)
    chance, count = random.Random(11), tries(ci=40, full=800)
    repelled = 0
    for turn in range(count):
        path = made.path / ("workspace.db", "workspace.db", "backup.json", "naungan.keys")[turn % 4]
        whole = path.read_bytes()
        spoilt = bytearray(whole)
        spoilt[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        path.write_bytes(spoilt)
        repelled += _refused(workspace, made.path, tmp_path / "new", clock)
        path.write_bytes(whole)
    assert not _refused(workspace, made.path, tmp_path / "new", clock), "the untouched one restores"
    survived(repelled, of=count, control="with the bit put back, the same backup is checked and restored")


def _refused(workspace: Workspace, backup: Path, into: Path, clock: Clock) -> bool:
    """Whether neither a check nor a restore takes it, and nothing is left."""
    refused = 0
    try:
        restoring.check(backup, directory=workspace.directory, keys=workspace.keys)
    except NaunganError:
        refused += 1
    try:
        restoring.restore(backup, into=into, login="siti", password=PASSWORD, now=clock)
    except NaunganError:
        refused += not into.exists()
    return refused == 2


def _run(workspace: Workspace, harm: str, seq: int) -> None:
    with workspace.engine.begin() as connection:
        connection.execute(text(harm), {"n": seq})


def _put_back(workspace: Workspace, row: dict[str, Any]) -> None:
    seq = row["seq"]
    with workspace.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit WHERE seq IN (:n, :far)"), {"n": seq, "far": seq + 100_000})
        names = ", ".join(row)
        values = ", ".join(f":{name}" for name in row)
        connection.execute(text(f"INSERT INTO audit ({names}) VALUES ({values})"), row)
