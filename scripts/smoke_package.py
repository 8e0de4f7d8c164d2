"""Try a built program: does it start, does it know its version, does it open a workspace and keep others shut?

python scripts/smoke_package.py dist/naungan
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from app import context
from app.services.first_run import Beginning

PASSWORD = "perahu kayu menyeberang pagi"
USER = 2  # the exit code for what a person can put right
SECONDS = 120  # a built program that hangs is not one that starts


def main(folder: str) -> int:
    """Run the built program three times; 0 when it did what it should each time."""
    program = Path(folder).resolve() / "naungan"
    with tempfile.TemporaryDirectory() as scratch:
        workspace, right, wrong = (Path(scratch) / name for name in ("workspace", "right.txt", "wrong.txt"))
        create(workspace)
        right.write_text(PASSWORD, encoding="utf-8")
        wrong.write_text(PASSWORD.upper(), encoding="utf-8")
        opening = ("--workspace", str(workspace), "--passphrase-file")
        tries = [
            ("says its version", run(program, "--version"), 0, version("naungan")),
            ("opens a workspace", run(program, *opening, str(right), "verify"), 0, ""),
            ("keeps it shut for a wrong password", run(program, *opening, str(wrong), "verify"), USER, ""),
        ]
    return max(report(name, result, code=code, text=text) for name, result, code, text in tries)


def create(workspace: Path) -> None:
    """A workspace made by the source, so that the built program meets a file it did not write."""
    beginning = Beginning(office_name="UPTD PPA Contoh", agency_type="UPTD_PPA", region="3671", sample=True)
    user = context.NewUser(login="ani", name="Ani Contoh", role="SUPERVISOR", password=PASSWORD)
    context.create(workspace, user=user, beginning=beginning).close()


def run(program: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The built program's answer, without our Python in its surroundings."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    surroundings["QT_QPA_PLATFORM"] = "offscreen"
    return subprocess.run(
        [str(program), *arguments], env=surroundings, capture_output=True, text=True, timeout=SECONDS, check=False
    )


def report(name: str, result: subprocess.CompletedProcess[str], *, code: int, text: str) -> int:
    """Print one line; 1 when the exit code or the text is not the expected one."""
    right = result.returncode == code and text in result.stdout and "Traceback" not in result.stderr
    print(f"smoke: {'yes' if right else 'NO '} {name}")
    if not right:
        print(result.stdout, result.stderr, sep="\n", file=sys.stderr)
    return int(not right)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
