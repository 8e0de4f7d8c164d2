"""Try a built program: does it start, keep strangers out, enter a case, draw a PDF and show its window?

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
OPEN = 1000  # no exit code: the window was still there
LOOK = 10  # seconds the window has to stay
CASE = '{"case": {"channel": "WALKIN", "risk": "HIGH"}, "victim": {"name": "Contoh", "sex": "P"}}'
SECONDS = 120  # a built program that hangs is not one that starts


def main(folder: str) -> int:
    """Use the built program as a worker would; 0 when it did what it should each time."""
    program = Path(folder).resolve() / "naungan"
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        create(place / "workspace")
        (place / "right.txt").write_text(PASSWORD, encoding="utf-8")
        (place / "wrong.txt").write_text(PASSWORD.upper(), encoding="utf-8")
        (place / "case.json").write_text(CASE, encoding="utf-8")
        opening = ("--workspace", str(place / "workspace"), "--passphrase-file")
        right, wrong = (*opening, str(place / "right.txt")), (*opening, str(place / "wrong.txt"))
        new = ("case", "new", "--from", str(place / "case.json"))
        report = ("report", "case", "0001", "--profile", "internal", "--out", str(place / "case.pdf"))
        tries = [
            tried("says its version", run(program, "--version"), code=0, text=version("naungan")),
            tried("keeps a workspace shut for a wrong password", run(program, *wrong, "verify"), code=USER),
            tried("opens it for the right one", run(program, *right, "verify"), code=0),
            tried("enters a case", run(program, *right, *new), code=0),
            tried("draws it as a PDF", run(program, *right, *report), code=0),
            tried("shows its window", stay_open(program, home=place), code=OPEN),
        ]
    return 0 if all(tries) else 1


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


def stay_open(program: Path, *, home: Path) -> subprocess.CompletedProcess[str]:
    """Open the window for a while; the code is OPEN when it was still there and nothing complained."""
    surroundings = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "QT_QPA_PLATFORM": "offscreen"}
    try:
        return subprocess.run(
            [str(program)], env=surroundings, capture_output=True, text=True, timeout=LOOK, check=False
        )
    except subprocess.TimeoutExpired as gone:
        said = (gone.stderr or b"").decode()
        return subprocess.CompletedProcess([str(program)], OPEN if not said else 1, "", said)


def tried(name: str, result: subprocess.CompletedProcess[str], *, code: int, text: str = "") -> bool:
    """Print one line: whether the exit code and the text are the expected ones."""
    right = result.returncode == code and text in result.stdout and "Traceback" not in result.stderr
    print(f"smoke: {'yes' if right else 'NO '} {name}")
    if not right:
        print(result.returncode, result.stdout, result.stderr, sep="\n", file=sys.stderr)
    return right


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
