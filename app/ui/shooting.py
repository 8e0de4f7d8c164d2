"""Pictures of every screen without a display: for the demo, the manual, and whoever looks for what broke."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from app import i18n
from app.context import Context
from app.services import case_list, persons, upkeep
from app.services.case_list import ACTIVE, CaseQuery
from app.services.case_page import case_with
from app.services.persons import PersonQuery
from app.services.referrals import outbox
from app.ui import theme
from app.ui.jobs import Jobs
from app.ui.screen import Screen
from app.ui.screens.case import CaseView
from app.ui.screens.first_run import FirstRun, Making
from app.ui.screens.unlock import Door, UnlockScreen
from app.ui.workspace_window import WorkspaceWindow
from app.vault.workspace import Vault

SIZE = (1366, 768)
TABS_SHOWN = ("plan", "legal", "restitution")
SETTLE_MS = 120  # timers of debounced previews
PATIENCE_MS = 20_000


def shoot_all(
    context: Context,
    screens: Sequence[Screen],
    out_dir: Path,
    *,
    languages: Sequence[str] = ("id", "en"),
    dark: Sequence[bool] = (False, True),
) -> list[Path]:
    """One PNG per screen, language and palette: `case-en-dark.png`. Language and palette are put back afterwards."""
    app = QApplication.instance() or QApplication(["naungan"])
    assert isinstance(app, QApplication)
    out_dir.mkdir(parents=True, exist_ok=True)
    before, zone, look = i18n.language(), i18n.zone_name(), theme.current()
    made = []
    while upkeep.piece(context.desk):  # a window does it while somebody works; a picture is taken at once
        pass
    try:
        for language in languages:
            for is_dark in dark:
                i18n.use(language, zone)
                theme.apply(app, dark=is_dark)
                ending = f"{language}-{'dark' if is_dark else 'light'}.png"
                made += _window_pictures(context, screens, out_dir, ending=ending)
                made += _door_pictures(context, out_dir, ending=ending)
    finally:
        i18n.use(before, zone)
        theme.apply(app, dark=look.dark, scale=look.scale)
    return made


def _window_pictures(context: Context, screens: Sequence[Screen], out_dir: Path, *, ending: str) -> list[Path]:
    window = WorkspaceWindow(context, screens=screens)
    window.resize(*SIZE)
    window.show()
    made = []
    for screen in screens:
        if window.go(screen.name, target=_shown_on(screen.name, context)) is None:
            continue  # not a place of whoever is signed in
        _wait(window.jobs)
        made.append(_keep(window.grab(), out_dir / f"{screen.name}-{ending}"))
    made += _tab_pictures(window, context, out_dir, ending=ending)
    window.end()
    window.hide()
    window.deleteLater()
    return made


def _tab_pictures(window: WorkspaceWindow, context: Context, out_dir: Path, *, ending: str) -> list[Path]:
    """The file of a case that came as far as restitution, under the tabs that tell it."""
    case_id = case_with(context.desk, "restitution")
    case = window.go("case", target=case_id) if case_id else None
    if not isinstance(case, CaseView):
        return []
    _wait(window.jobs)
    made = []
    for tab in TABS_SHOWN:
        case.tabs.go(tab)
        _wait(window.jobs)
        made.append(_keep(window.grab(), out_dir / f"case-{tab}-{ending}"))
    return made


def _shown_on(screen: str, context: Context) -> str | None:
    """What a picture of this screen shows: a case, who is in most cases, a referral; else nothing in particular."""
    if screen == "referrals":
        sent = outbox(context.desk)
        return sent[0].entry.id if sent else None
    if screen in ("person", "network"):
        return _a_person(context)
    return _a_case(context) if screen == "case" else None


def _a_person(context: Context) -> str | None:
    """Who has a part in the most cases, if anybody is here."""
    most = persons.ids(context.desk, PersonQuery(sort="cases", descending=True))[:1]
    found = persons.rows(context.desk, most)
    return found[0].id if found and found[0] is not None else None


def _door_pictures(context: Context, out_dir: Path, *, ending: str) -> list[Path]:
    """The door of this very workspace, and the first page of the first run."""
    jobs = Jobs()

    def now() -> datetime:
        return context.now()

    door = UnlockScreen(Door(context.workspace.directory, lambda _login, _password: None, now), jobs=jobs)
    first = FirstRun(Making(out_dir / "none", Vault(), now), jobs=jobs)
    made = []
    for name, widget in (("unlock", door), ("first-run", first)):
        widget.resize(*SIZE)
        widget.show()
        _wait(jobs)
        made.append(_keep(widget.grab(), out_dir / f"{name}-{ending}"))
        _drop(widget)
    jobs.shutdown()
    jobs.deleteLater()
    return made


def _a_case(context: Context) -> str:
    """The most urgent case of high risk, else any."""
    for query in (CaseQuery(status=ACTIVE, risk="HIGH"), CaseQuery()):
        found = case_list.rows(context.desk, case_list.ids(context.desk, query)[:1])
        if found:
            return found[0].id
    return ""


def _wait(jobs: Jobs) -> None:
    """Until the work behind the screen is done, what it led to as well, and the short timers have fired."""
    loop, timer = QEventLoop(), QTimer()
    timer.setSingleShot(True)
    timer.timeout.connect(loop.quit)
    jobs.busy_changed.connect(lambda busy: None if busy else loop.quit())
    while True:
        while not jobs.idle:
            timer.start(PATIENCE_MS)
            loop.exec()
            if not timer.isActive():
                return
        timer.start(SETTLE_MS)
        while timer.isActive():
            loop.exec()
        if jobs.idle:
            return


def _keep(picture: QPixmap, path: Path) -> Path:
    if not picture.save(str(path)):
        raise OSError(f"cannot write {path}")
    return path


def _drop(widget: QWidget) -> None:
    widget.hide()
    widget.deleteLater()
