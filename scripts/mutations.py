"""Does the suite notice when a promise of the sync is broken? One line of the program is broken at a time, in a copy.

    .venv/bin/python -m scripts.mutations                     all of them, one table
    .venv/bin/python -m scripts.mutations chain "dense counter"   those whose name has one of these words

A mutation is data: a file, what stands there, what stands there instead, and the tests that have to turn red. One that
stays green is a hole in the suite. Not part of `make test`: it runs tests that fail.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SECONDS = int(os.environ.get("NAUNGAN_MUTATION_SECONDS", "300"))
COPIED = ("app", "tests", "resources", "scripts", "pyproject.toml")
EIGHT = "tests/sync/test_eight_connections.py"


class Mutation(NamedTuple):
    """One broken promise."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


TRUSTING = """feed = session.get(Feed, scope)
    kept = decode(decode(feed.receipt, Signed).body, Receipt) if feed is not None and feed.receipt else None
    if feed is not None and kept is not None and kept.seq == feed.seq:
        return FeedPoint(bytes.fromhex(scope), feed.cursor, feed.seq, kept.digest, kept.count)
    digest = digest_of_scope(session, scope)
    cursor"""
CURSOR_FIRST = """with setup.write() as session:
        _move_cursor(session, segment, scope=scope)
    with setup.write() as session:
        rows = """

MUTATIONS = (
    Mutation(
        "de-duplication: the saved result is not looked for", "app/central/apply.py",
        "        if saved is not None:\n", "        if False:\n", ("tests/central/test_uploads.py", EIGHT),
    ),
    Mutation(
        "dense counter: the head is read without its lock", "app/central/pages.py",
        "WHERE scope = %s FOR UPDATE", "WHERE scope = %s", (EIGHT, "tests/central/test_faults.py"),
    ),
    Mutation(
        "dense counter: a number is left out", "app/central/book.py",
        "self.head += 1", "self.head += 1 + (self.head % 7 == 6)", (EIGHT, "tests/central/test_feeds.py"),
    ),
    Mutation(
        "base check: whatever came before counts as seen", "app/central/rows.py",
        "return {k for k, rev in self.revs.items() if rev > base_rev", "return {k for k, rev in self.revs.items() if 0",
        ("tests/central/test_apply.py", "tests/sync/test_state_machine.py"),
    ),
    Mutation(
        "recomputed digest: the laptop says what it was told last", "app/sync/proof.py",
        "feed = session.get(Feed, scope)\n    digest = digest_of_scope(session, scope)\n    cursor", TRUSTING,
        ("tests/faults/test_rows_astray.py",),
    ),
    Mutation(
        "receipt: the centre signs whatever is said to it", "app/central/receipts.py",
        "if (point.seq, point.digest, point.count) != (head.seq, head.digest, head.count):", "if False:",
        ("tests/central/test_feeds.py",),
    ),
    Mutation(
        "signature of a batch is not checked", "app/wire/batch.py",
        "if not verify(BATCH_DOMAIN + digest, signature):", "if False:", ("tests/attack/test_wire.py",),
    ),
    Mutation(
        "chain: a batch may follow anything", "app/central/intake.py",
        "if batch.header.previous != last_digest:", "if False:", ("tests/faults/test_another_past.py",),
    ),
    Mutation(
        "fork: other bytes under a known number are taken for the same", "app/central/intake.py",
        "known.digest == batch.digest", "True", ("tests/central/test_uploads.py",),
    ),
    Mutation(
        "cursor: it moves before the rows are here", "app/sync/apply.py",
        r"re:with setup\.write\(\) as session:\n        rows = ", CURSOR_FIRST, ("tests/sync/test_crash.py",),
    ),
    Mutation(
        "cursor: the centre leaves a row out after each", "app/central/feeds.py",
        "WHERE p.scope = %s AND p.seq > %s ORDER", "WHERE p.scope = %s AND p.seq > 1 + %s ORDER", (EIGHT,),
    ),
    Mutation(
        "epoch: what a restored centre lost is not offered again", "app/sync/restored.py",
        'session.execute(lost.values(state="FROZEN", offset=0))', "pass",
        ("tests/sync/test_refusals.py", "tests/sync/test_erasing.py"),
    ),
    Mutation(
        "epoch: a number of a history that is gone counts as seen", "app/central/epochs.py",
        "CASE WHEN centre.epoch = %s THEN", "CASE WHEN centre.epoch = %s OR true THEN",
        ("tests/central/test_epochs.py", "tests/faults/test_another_past.py"),
    ),
    Mutation(
        "PushFirst: a record leaves under unsent work", "app/sync/apply.py",
        "if any(op.result is None for row in rows if row.row is RowKind.LEAVE", "if any(0 for row in rows if 0",
        ("tests/sync/test_apply.py", "tests/sync/test_journey.py"),
    ),
    Mutation(
        "scope: the other victims of a case are shown as well", "app/models/view.py",
        "return record_id == person or record_id in _others(case)", "return True", ("tests/central/test_views.py",),
    ),
    Mutation(
        "scope: what is not allowed any more stays", "app/central/views.py",
        "recipient.drop(record, reason=reasons[record])", "pass",
        ("tests/central/test_views.py", "tests/sync/test_state_machine.py"),
    ),
    Mutation(
        "own rows: their sum is not checked", "app/sync/unfold.py",
        "if total.value() != segment.header.own:", "if False:", ("tests/sync/test_short_feeds.py",),
    ),
    Mutation(
        "resume: the centre writes wherever it is told to", "app/central/uploads.py",
        "if upload.offset != size:", "if False:", ("tests/central/test_uploads.py",),
    ),
    Mutation(
        "answer: a result for another batch is believed", "app/sync/push.py",
        "if (result.device, result.n, result.digest) != (self._course.setup.device, self._n, self._digest):",
        "if False:", ("tests/faults/test_wrong_answer.py",),
    ),
    Mutation(
        "erased: work on what is gone is taken", "app/central/erasing.py",
        'return Outcome(Status.ERASED, "erased") if _hangs_on(change) & ledger.erased else None', "return None",
        ("tests/central/test_erasing.py",),
    ),
)  # fmt: skip


def main(words: list[str]) -> int:
    """The exit code: 1 if a mutation stayed green, or does not fit the program any more."""
    chosen = [each for each in MUTATIONS if not words or any(word in each.name for word in words)]
    verdicts = [_try(mutation) for mutation in chosen]
    return 0 if all(verdicts) else 1


def _try(mutation: Mutation) -> bool:
    with tempfile.TemporaryDirectory(prefix="naungan-mutant-") as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            shutil.copytree(source, copy / name) if source.is_dir() else shutil.copy(source, copy / name)
        (copy / ".venv").symlink_to(ROOT / ".venv")
        said = "does not fit any more" if not _break(copy / mutation.file, mutation) else _red(copy, mutation.tests)
    print(f"{mutation.name} | {said}", flush=True)
    return said.startswith("tests/")


def _break(file: Path, mutation: Mutation) -> bool:
    text = file.read_text(encoding="utf-8")
    if mutation.old.startswith("re:"):
        broken, times = re.subn(mutation.old[3:], lambda _found: mutation.new, text, count=1)
    else:
        broken, times = text.replace(mutation.old, mutation.new, 1), text.count(mutation.old)
    file.write_text(broken, encoding="utf-8")
    return times > 0


def _red(copy: Path, tests: tuple[str, ...]) -> str:
    """The first test that failed, or that none did."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--tb=no", *tests]
    try:
        done = subprocess.run(command, cwd=copy, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return f"TOO LONG, over {SECONDS} s"
    failed = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
    return failed[1] if failed else f"GREEN: {' '.join(tests)}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
