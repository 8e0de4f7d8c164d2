"""The folder the demo writes into: made anew at every run, and never one that is not the demo's own."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from app.demo.offices import OFFICE_A, OFFICE_B
from app.errors import UserError
from app.i18n import _
from app.vault.files import private_folder, write_whole

MARK = ".naungan-demo"
DEFAULT = Path("naungan-demo")


def fresh_folder(out: Path) -> Path:
    """An empty folder with our mark in it. UserError if it holds something that is not the demo's."""
    if out.exists() and (not out.is_dir() or (any(out.iterdir()) and not (out / MARK).is_file())):
        raise UserError(
            _(
                "{folder} holds something that is not a demo. Name another folder with --out; nothing was touched."
            ).format(folder=out)
        )
    if out.exists():
        for entry in out.iterdir():
            if entry.name == MARK:
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
    private_folder(out)
    write_whole(out / MARK, b"")
    return out


def keep_passphrases(out: Path, passphrase: str) -> None:
    """The passphrase on the first line, ready for --passphrase-file; below it whom it lets in where."""
    lines = [passphrase, ""]
    for office in (OFFICE_A, OFFICE_B):
        lines += [f"{office.folder} --user {worker.login}  {worker.name}, {worker.role}" for worker in office.workers]
    write_whole(out / "passphrases.txt", ("\n".join(lines) + "\n").encode())


def keep_summary(out: Path, summary: dict[str, Any]) -> Path:
    """summary.json, whole or not at all."""
    path = out / "summary.json"
    write_whole(path, (json.dumps(summary, ensure_ascii=False, indent=2) + "\n").encode())
    return path
