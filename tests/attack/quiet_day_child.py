"""A day at the laptop in a process of its own, with a needle in everything; test_quiet_day.py reads what it leaves.

Its arguments: the folder of the workspace, a folder for exports. It prints how many faults carried a needle.
"""

from __future__ import annotations

import faulthandler
import importlib
import inspect
import logging
import os
import pkgutil
import sys
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget
from sqlalchemy import text
from sqlalchemy.orm import Session

import app.services as services
from app import context as contexts
from app.cli.bugs import bug_report
from app.errors import NaunganError
from app.models.field import Kind, fields_of
from app.models.journal import Actor, Journal
from app.models.office import Agency
from app.models.permission import Permission
from app.models.person import Person
from app.services import first_run, parties
from app.services.exports import Order, export_case
from app.services.intake import Intake, take
from app.ui import problems
from app.ui.application import Application, Options
from app.ui.problems import BugDialog
from app.ui.screens.export_file import write
from app.ui.workspace_window import WorkspaceWindow
from app.vault.kdf import CHEAPEST
from app.vault.workspace import Vault

NEEDLE = "Jarum Rahasia"  # every needle begins so
PASSWORD = "kereta pagi lewat jembatan"
SKIPPED = ("app.services.statistics",)  # takes no words of a person


def now() -> datetime:
    return datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


def needle(name: str) -> str:
    """A word that stands nowhere else; in markup, so that whoever draws it as such asks for a file of that name."""
    return f'{NEEDLE} {name} <img src="file:///{NEEDLE}/{name}.png"> =1+1 %s {{0}}'


def make(folder: Path) -> None:
    """A workspace of an office with one agency."""
    with Vault(cost=CHEAPEST).create(
        folder, login="siti", name="Siti Rahma", role="SUPERVISOR", password=PASSWORD, now=now
    ) as made:
        user = first_run.Person(made.user.id, made.user.login, made.user.name, made.user.role)
        beginning = first_run.Beginning("UPTD PPA Kota Bandung", "UPTD_PPA", "3273")
        first_run.begin(made.engine, device=made.device.id, user=user, beginning=beginning, now=now)
        with Session(made.engine) as session:
            session.info["journal"] = Journal(
                Actor("a" * 32, "x", "ADMIN", "b" * 32, made.device.id), now, applying=True
            )
            session.add(Agency(name="RSUD Kota Bandung", agency_type="RSUD"))
            session.commit()


def fill(desk: Any) -> str:
    """A case with a needle in every field of words."""
    words = {f.key: needle(f.key) for f in fields_of(Person) if f.kind in (Kind.TEXT, Kind.LONG) and f.group != "entry"}
    case = {"channel": "SAPA129", "reporter_type": "FAMILY", "risk": "HIGH", "summary": needle("summary")}
    made = take(desk, Intake(
        case=case, victim={**words, "sex": "P", "birth_date": "2009-08-??"},
        screening={"process": ["ACT.RECRUIT"], "purpose": ["PURP.PROSTITUTION"], "conclusion": "POSSIBLE",
                   "reasoning": needle("reasoning")},
        consent={"purpose": "SHARE", "given_by": "BOTH", "tiers": ["OPEN", "CASE", "IDENTIFYING"], "note": needle("c")},
    ))  # fmt: skip
    parties.add_party(desk, made.id, {"name": needle("suspect"), "sex": "L"}, role="SUSPECT")
    return made.id


def work(window: WorkspaceWindow, case_id: str, out: Path) -> None:
    """Go everywhere, type a needle into everything that takes words, let something out."""
    for name in ("home", "cases", "referrals", "exports", "settings", "help", "intake", "sync"):
        window.go(name)
        settle(window)
        for field in window.findChildren(QWidget):
            if isinstance(field, QLineEdit) and field.isVisible() and not field.isReadOnly():
                field.setText(needle("typed"))
            if isinstance(field, QPlainTextEdit) and field.isVisible() and not field.isReadOnly():
                field.setPlainText(needle("typed"))
        settle(window)
        window.save_drafts()
    window.go("case", target=case_id)
    settle(window)
    window.grab()
    made = export_case(
        window.place.desk, case_id, Order(profile="INTERNAL", recipient=needle("to"), purpose=needle("p"))
    )
    write(made, out / made.file_name)


def settle(window: WorkspaceWindow) -> None:
    """Let the screen read what it wants to read."""
    for _round in range(2_000):
        QApplication.processEvents()
        if window.jobs.idle:
            return


def faults(desk: Any, case_id: str) -> Iterator[BaseException]:
    """What every service raises at needles, and what the database says to them."""
    attempts: list[Callable[[], object]] = []
    for module in pkgutil.iter_modules(services.__path__, "app.services."):
        for name, function in inspect.getmembers(importlib.import_module(module.name), inspect.isfunction):
            if not name.startswith("_") and module.name not in SKIPPED and function.__module__ == module.name:
                taken = [p for p in inspect.signature(function).parameters.values() if p.default is p.empty]
                given = [desk if p.name == "desk" else needle(p.name) for p in taken if p.kind is not p.KEYWORD_ONLY]
                named = {p.name: needle(p.name) for p in taken if p.kind is p.KEYWORD_ONLY}
                attempts.append(partial(function, *given, **named))
    attempts += [partial(sql, desk, statement) for statement in (
        "INSERT INTO setting (name, value) VALUES (:v, NULL)", "SELECT * FROM case_file WHERE number = :v AND nothing",
        "INSERT INTO case_row (case_id, number) VALUES (:c, :v)", "SELECT abs(:v) / json(:v)",
    )]  # fmt: skip
    attempts += [partial(int, needle("int")), partial({}.__getitem__, needle("key")), partial(open, needle("file"))]
    for attempt in attempts:
        try:
            found = attempt()
            if inspect.isgenerator(found):
                list(found)
        except Exception as error:
            yield error


def sql(desk: Any, statement: str) -> None:
    with desk.note(Permission.READ) as session:
        session.execute(text(statement), {"v": needle("sql"), "c": needle("case")})


def tell(error: BaseException, window: WorkspaceWindow) -> bool:
    """Report a fault in every way the program has; whether it carried a needle."""
    dialog = BugDialog(error, parent=window)
    shown = [box.toPlainText() for box in dialog.findChildren(QPlainTextEdit)]
    print(*shown, problems.report_of(error), bug_report(error), sep="\n", file=sys.stderr)
    dialog.deleteLater()
    if not isinstance(error, NaunganError):
        logging.getLogger("naungan").error("fault: %s", type(error).__name__)
    return NEEDLE in f"{error!s} {error.args!r}" or hasattr(error, "statement")


def main(folder: Path, out: Path) -> int:
    logging.basicConfig(filename=out / "everything.log", level=logging.INFO)
    make(folder)
    made = QApplication(["naungan"])
    made.setApplicationName("Naungan")
    made.setQuitOnLastWindowClosed(False)
    program = Application(made, Options(folder, "id", None, Vault(cost=CHEAPEST), now))
    sys.excepthook = program.show_fault
    program.start(lambda place: contexts.unlock(
        place, login="siti", password=PASSWORD, now=now, vault=Vault(cost=CHEAPEST)
    ))  # fmt: skip
    window = program.window
    assert isinstance(window, WorkspaceWindow)
    desk = window.place.desk
    case_id = fill(desk)
    work(window, case_id, out)
    carried = sum([tell(error, window) for error in faults(desk, case_id)])
    QTimer.singleShot(0, partial(int, needle("slot")))  # an exception that nobody catches
    settle(window)
    window.jobs.run(lambda _progress: int(needle("worker")))
    settle(window)
    faulthandler.dump_traceback(file=sys.stderr)
    program.quit()
    print("provoked", carried)
    return 0


if __name__ == "__main__":
    code = 1
    try:
        code = main(Path(sys.argv[1]), Path(sys.argv[2]))
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # a thread that something left must not keep the test waiting
