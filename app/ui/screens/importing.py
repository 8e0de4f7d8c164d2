"""A spreadsheet comes in: file, columns, words, a dry run, one transaction; each step can be gone back to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtGui import QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.errors import KnownError, UserError
from app.i18n import N_, _, format_number, ngettext
from app.models.permission import Permission
from app.services import imports
from app.services.desk import Desk, Saved
from app.services.drafts import SavedDraft
from app.services.import_plan import ColumnMap, Plan, prepare, remember, suggest
from app.services.imports import Source
from app.services.spreadsheet import Book, Sheet
from app.ui import jobs, problems, theme
from app.ui.jobs import Job, Progress
from app.ui.screens.draft_keeper import DraftKeeper
from app.ui.screens.import_columns import ColumnsPage
from app.ui.screens.import_file import FilePage
from app.ui.screens.import_rows import RowsPage
from app.ui.screens.import_running import DonePage, Left, Running
from app.ui.screens.import_words import WordsPage
from app.ui.screens.import_work import ImportWork, Loaded
from app.ui.widgets.basics import button, row, show_keys, text
from app.ui.widgets.flow import empty
from app.ui.widgets.pills import StepBar, StepItem
from app.ui.workplace import Workplace

FORM, GO_ON = "import", "Ctrl+Return"
FILE, COLUMNS, WORDS, CHECK, DONE = range(5)
TITLES = (N_("File"), N_("Columns"), N_("Words"), N_("Check"), N_("Done"))


class ImportScreen:
    """The import of a register; the list of cases leads here."""

    name, title, icon, section = "import", N_("Import"), "import", ""
    permission = Permission.IMPORT

    def build(self, context: Any) -> QWidget:
        """The screen, newly made."""
        return ImportView(context)


class ImportView(QWidget):
    """The steps of an import. Nothing is written before the last of them, and then all of it or nothing."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        theme.mark(self, role="page")
        self.place, self.work, self.here = place, ImportWork(), FILE
        self._mapped: tuple[str, str, int] | None = None  # the headings the columns were chosen for
        self.keeper = DraftKeeper(place, form=FORM, read=self.work.content, parent=self)
        self.file, self.columns = FilePage(place, self.work), ColumnsPage(place, self.work)
        self.words, self.rows = WordsPage(place, self.work), RowsPage(place, self.work)
        self._went = False  # on from one step to the next
        self.running, self.done = Running(place, owner=self), DonePage(place)
        self._lay_out()
        self.file.wanted.connect(self.read)
        for page in (self.file, self.columns, self.words, self.rows):
            page.changed.connect(self._touched)
        self.go_to(FILE)

    # what the window asks

    def save_draft(self) -> None:
        """Keep the choices; never a row of the file."""
        self.keeper.save_now()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._offer()
        if self.here == FILE:
            self.file.show_work()

    # going

    def read(self, path: Path, sheet: str = "") -> None:
        """Read a file behind the screen."""
        book = self.work.book if path == self.work.path else None
        self.running.run(_("Reading the file…"), lambda _token: _loaded(path, sheet, book), then=self._loaded)

    def go_to(self, step: int) -> None:
        """Show a step."""
        self.here = step
        self._pages.setCurrentIndex(step)
        states = ["done" if at < step else "current" if at == step else "todo" for at in range(len(TITLES))]
        self.steps.show_steps([StepItem(_(title), state) for title, state in zip(TITLES, states, strict=True)])
        self._back.setVisible(COLUMNS <= step <= CHECK)
        self._say_next()

    def go_on(self) -> None:
        """The next step, with the work that leads there."""
        if not self._next.isEnabled() or self._next.isHidden():
            return
        self._went = True
        if self.here == FILE:
            self._to_columns()
        elif self.here in (COLUMNS, WORDS):
            self.columns.commit()
            self._dry_run()
        elif self.here == CHECK:
            self._take()

    def go_back(self) -> None:
        """The step before; the words only where there are any."""
        before = self.here - 1
        self.go_to(COLUMNS if before == WORDS and not self.words.source.items else before)

    # inside: the steps

    def _loaded(self, found: Loaded) -> None:
        work = self.work
        if found.path != work.path:
            work.decided.clear()
        work.path, work.book, work.sheet, work.plan = found.path, found.book, found.sheet, None
        work.heading = found.sheet.heading()
        self.file.show_work()
        self.go_to(FILE)
        self.keeper.touch()

    def _to_columns(self) -> None:
        assert self.work.sheet is not None
        now, desk, names = self.work.headed(), self.place.desk, self.work.names()

        def mapped(found: ColumnMap) -> None:
            self._mapped = now
            self.work.columns, self.work.proposed = dict(found.columns), set(found.columns)
            self.work.words = {name: dict(words) for name, words in found.words.items()}
            show()

        def show() -> None:
            self.columns.show_work()
            self.go_to(COLUMNS)
            self.columns.landing.setFocus()

        if self._mapped == now:
            show()
        else:
            self.running.run(_("Looking at the columns…"), lambda _token: suggest(desk, names), then=mapped)

    def _dry_run(self) -> None:
        desk, work, mapping, names = self.place.desk, self.work, self.work.mapping(), self.work.names()
        sheet, heading, from_words = work.sheet, work.heading, self.here == WORDS
        assert sheet is not None

        def look(token: Progress) -> Plan:
            return prepare(desk, sheet, mapping, heading=heading, progress=_told(token))

        def planned(plan: Plan) -> None:
            self.work.plan = plan
            if not from_words:
                self.words.show_plan(plan)
            if plan.unknown and not from_words:
                self.go_to(WORDS)
                self.words.landing.setFocus()
                return
            self.rows.show_plan(plan)
            self.go_to(CHECK)
            self.rows.landing.setFocus()

        self.place.save(lambda: remember(desk, names, mapping), owner=self)
        self.running.run(_("Checking every row… Nothing is written."), look, then=planned)

    def _take(self) -> None:
        desk, plan, work = self.place.desk, self.work.plan, self.work
        assert plan is not None
        assert work.path is not None
        assert work.sheet is not None
        source, decided, made = Source(work.path.name, work.sheet.name), dict(work.decided), list[Saved]()
        job: Job | None = None

        def ended() -> None:  # a cancel may come when all of it is saved already
            if made:
                self._taken(made[0])
            elif job is not None and job.state == "cancelled":
                self.place.say(_("Stopped. Nothing was saved."))

        job = self.running.run(
            _("Saving the cases… All of them or none."),
            lambda token: made.append(_taken(desk, plan, source, decided=decided, token=token)), lane="db", ended=ended,
        )  # fmt: skip

    def _taken(self, saved: Saved) -> None:
        self.keeper.end()
        self.done.show_result(saved, cases=self.work.coming())
        self.work.clear()
        self._mapped = None
        self.file.show_work()
        self.go_to(DONE)

    # inside: jobs, drafts, words

    def _busy(self, busy: bool) -> None:
        for part in (self._pages, self.steps, self._back):
            part.setEnabled(not busy)
        self._say_next()

    def _failed(self, error: Exception) -> None:
        if self.here == FILE and isinstance(error, UserError | KnownError):
            self.file.say(problems.sentence(error))
        else:
            problems.show(self, error)

    def _touched(self) -> None:
        self.keeper.touch()
        self._say_next()

    def _say_next(self) -> None:
        n = self.work.coming()
        words = {
            FILE: _("Continue"), COLUMNS: _("Check the rows"), WORDS: _("Check the rows"),
            CHECK: ngettext("Import {n} case", "Import {n} cases", n).format(n=format_number(n)), DONE: "",
        }[self.here]  # fmt: skip
        self._next.setAccessibleName(words)
        self._next.setText(f"{words}   {show_keys(GO_ON)}".replace("&", "&&"))
        self._next.setVisible(self.here != DONE)
        ready = self.work.sheet is not None and len(self.work.sheet.rows) > self.work.heading + 1
        able = {FILE: ready, COLUMNS: bool(self.work.columns), WORDS: True, CHECK: bool(n), DONE: False}[self.here]
        self._next.setEnabled(able and not self.running.is_on)
        if self._went and not self.running.is_on:
            _keep_keyboard(self, (self._next, self._back, self._pages))

    def _offer(self) -> None:
        empty(self._bands)
        if self.work.sheet is not None:
            return
        for draft in self.keeper.others()[:1]:
            self._bands.addWidget(Left(draft, wanted=self.restore, unwanted=lambda d: self.keeper.discard(d.id)))

    def restore(self, draft: SavedDraft) -> None:
        """Go on where a lock stopped it: the file is read again, if it is still there."""
        path, sheet = Path(str(draft.content.get("path", ""))), str(draft.content.get("sheet", ""))

        def then(found: Loaded) -> None:
            empty(self._bands)
            self._loaded(found)
            self.keeper.begin(draft.id)
            self.work.restore(draft.content)
            self.work.heading = min(self.work.heading, len(found.sheet.rows) - 1)
            self.file.show_work()
            self._mapped = self.work.headed() if self.work.columns else None
            self._say_next()
            if self.work.columns:
                self._to_columns()

        self.running.run(_("Reading the file…"), lambda _token: _loaded(path, sheet, None), then=then)

    def _lay_out(self) -> None:
        self._next = button("", kind="primary", clicked=self.go_on)
        QShortcut(QKeySequence(GO_ON), self).activated.connect(self.go_on)
        self._back = button(_("Back"), clicked=self.go_back)
        self.steps = StepBar()
        self.running.busy.connect(self._busy)
        self.running.failed.connect(self._failed)
        self.done.again.connect(lambda: self.go_to(FILE))
        self.steps.wanted.connect(lambda at: self.go_to(at) if at < self.here < DONE else None)
        self._pages = QStackedWidget()
        for page in (self.file, self.columns, self.words, self.rows, self.done):
            self._pages.addWidget(page)
        bands = QWidget()
        self._bands = QVBoxLayout(bands)
        self._bands.setContentsMargins(0, 0, 0, 0)
        page_layout = QVBoxLayout()
        page_layout.setContentsMargins(theme.px(22), theme.px(18), theme.px(22), theme.px(18))
        page_layout.setSpacing(theme.px(12))
        cases = button(_("Cases"), clicked=lambda: self.place.go("cases"))
        page_layout.addLayout(row(text(_("Import"), role="title"), None, cases, self._back, self._next))
        page_layout.addWidget(self.steps)
        page_layout.addWidget(self.running)
        page_layout.addWidget(self._pages, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(bands)
        layout.addLayout(page_layout, 1)
        self.landing: QWidget = self.file.pick


def _loaded(path: Path, sheet: str, book: Book | None) -> Loaded:
    opened = book or Book(path)
    read: Sheet = opened.read(sheet if sheet in opened.sheets else opened.sheets[0])
    return Loaded(path, opened, read)


def _keep_keyboard(view: QWidget, places: Sequence[QWidget]) -> None:
    """A button that is off while its work runs loses the keyboard to the sidebar: the view gets it back."""
    had = view.window().focusWidget()
    is_inside = bool(had) and view.isAncestorOf(had)  # Qt says None where its types do not
    if view.isVisible() and not is_inside:
        next((one for one in places if one.isEnabled() and one.isVisible()), view).setFocus()


def _told(token: Progress) -> Callable[[int, int], None]:
    return lambda done, total: token.report(done, total=total)


def _taken(desk: Desk, plan: Plan, source: Source, *, decided: dict[int, str], token: Progress) -> Saved:
    """In one transaction; stopped anywhere it leaves nothing."""
    try:
        return imports.take_in(
            desk, plan, source=source, decided=decided, progress=_told(token), stopped=lambda: token.cancelled
        )
    except imports.Cancelled:
        raise jobs.Cancelled from None
