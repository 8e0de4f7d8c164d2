"""Two offices and a centre with sample cases, played from end to end."""

from __future__ import annotations

import argparse
import importlib
import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from app.cli.shell import Shell, stoppable
from app.cli.window import show_elsewhere
from app.context import Context
from app.demo.folder import DEFAULT, fresh_folder, keep_passphrases, keep_summary
from app.demo.journey import Journey, Wishes
from app.demo.summary import lines_of, summary_of
from app.demo.telling import Telling
from app.errors import UserError
from app.i18n import _, language

MOST = 5000
TRIAL = "from PySide6.QtWidgets import QApplication; QApplication([])"


def add_arguments(parser: argparse.ArgumentParser, _name: str) -> None:
    """How large the sample is, where it goes, and whether a window opens."""
    parser.add_argument("--cases", type=int, default=200, metavar="N", help=_("sample cases of the first office (200)"))
    parser.add_argument(
        "--out", type=Path, default=DEFAULT, metavar="DIR", help=_("folder for everything, made anew (./naungan-demo)")
    )
    parser.add_argument("--no-window", action="store_true", help=_("draw the screens to files, open no window"))
    parser.add_argument("--no-screens", action="store_true", help=_("neither window nor drawn screens"))
    parser.set_defaults(run=run)


def run(shell: Shell, wanted: argparse.Namespace) -> int:
    """Play it, write the summary, and open the window if there is a screen to open it on."""
    if not 1 <= wanted.cases <= MOST:
        raise UserError(_("--cases takes a number from 1 to {n}.").format(n=MOST))
    window = not wanted.no_window and not wanted.no_screens and has_display(shell)
    out = fresh_folder(wanted.out.absolute())
    shoot = None if window or wanted.no_screens else shoot_screens
    wishes = Wishes(out, cases=wanted.cases, now=shell.now, vault=shell.vault, shoot=shoot)
    telling = Telling(shell.err if shell.wants_json else shell.out)
    telling.say(_("Naungan demo in {folder}. Everything in it is invented.").format(folder=out))
    journey = Journey(wishes, telling)
    with stoppable(), closing(journey):
        keep_passphrases(out, journey.passphrase)
        played = journey.play()
        summary = summary_of(journey, wishes, telling.seconds)
        path = keep_summary(out, summary)
        telling.say()
        shell.tell(summary, lines=[*lines_of(summary, played, wishes), _("Summary: {path}").format(path=path)])
        if window:
            _open_window(journey, telling)
    return 0 if summary["digests_equal"] and not summary["problems"] else 3


def has_display(shell: Shell) -> bool:
    """Whether a window can be shown to somebody."""
    if shell.environ.get("QT_QPA_PLATFORM") == "offscreen":
        return False
    if sys.platform in ("win32", "darwin"):
        return True
    return any(shell.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY")) and _display_answers()


def _display_answers() -> bool:
    """Qt ends the whole process when a display does not answer or a library is missing: another one tries it first."""
    if getattr(sys, "frozen", False):
        return True
    tried = subprocess.run([sys.executable, "-c", TRIAL], stdin=subprocess.DEVNULL, capture_output=True)
    return tried.returncode == 0


def shoot_screens(context: Context, folder: Path) -> list[Path]:
    """The screens of an open workspace as PNG files, drawn without a display."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application: Any = importlib.import_module("app.ui.application")
    drawn: list[Path] = application.shoot(context, folder, languages=("id", "en"))
    return drawn


def _open_window(journey: Journey, telling: Telling) -> None:
    """Office A's window; the centre stays up, so that its sync works, until the window is closed, locked or not."""
    telling.say(
        _("The window of {office} opens; the centre runs until it is closed.").format(office=journey.a.office.name)
    )
    a = journey.a
    login = a.context.workspace.user.login
    a.close()  # one workspace, one program
    show_elsewhere(a.directory, login=login, passphrase=a.passphrase, language=language())
