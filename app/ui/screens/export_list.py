"""The list of cases as a file: what the list shows, reduced to a profile, made behind the screen and stoppable."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QProgressBar, QStackedWidget, QVBoxLayout, QWidget

from app.errors import Invalid, KnownError, UserError
from app.i18n import LANGUAGES, N_, _, format_number, language, ngettext
from app.models.case import Case
from app.models.codelist import label
from app.models.field import Field, Kind, Tier
from app.reports.api import ENCLOSED, FORMATS, Format, Rendered
from app.reports.case_list import COLUMNS, PROFILES, columns_for
from app.reports.redaction import Profile
from app.services import list_exports
from app.services.case_list import CaseQuery
from app.services.exports import Order
from app.ui import files, problems, theme
from app.ui.form import Form
from app.ui.form_tools import tools_for
from app.ui.jobs import Job, Progress, Step
from app.ui.screens import export_file
from app.ui.screens.export_done import Done
from app.ui.screens.export_parts import Protection
from app.ui.screens.refer import fit, scrolled
from app.ui.widgets.basics import button, row, text
from app.ui.widgets.editors import CodeEditor
from app.ui.workplace import Workplace

FIELDS = (
    Field("profile", N_("How much it says"), Kind.CODE, Tier.OPEN, "export", required=True),
    Field("format", N_("Form"), Kind.CODE, Tier.OPEN, "export", required=True),
    Field("language", N_("Language"), Kind.CODE, Tier.OPEN, "export", required=True),
    Field("recipient", N_("Who receives it"), Kind.TEXT, Tier.CASE, "export"),
    Field("purpose", N_("What for"), Kind.TEXT, Tier.CASE, "export", required=True),
)  # fmt: skip
_FORMS = (Format.XLSX, Format.CSV, Format.JSON)


class ListExportDialog(QDialog):
    """Open it with `open()`; `count` is how many cases the list shows."""

    def __init__(self, place: Workplace, query: CaseQuery, *, count: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.place, self.query = place, query
        self._job: Job | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Export the list"))
        editors: dict[str, Any] = {
            "profile": lambda _f: CodeEditor([(p.value, label("redaction_profile", p)) for p in PROFILES]),
            "format": lambda _f: CodeEditor([(form.value, _(FORMATS[form])) for form in _FORMS]),
            "language": lambda _f: CodeEditor(list(LANGUAGES.items())),
        }
        tools = tools_for(place.desk, Case, more=FIELDS)
        self.form = Form(FIELDS, tools=tools, layout=(("profile",), ("format",)), editors=editors)
        self.form.set_values({"profile": Profile.INTERNAL.value, "format": Format.XLSX.value, "language": language()})
        self.protection = Protection()
        self._said = text("", tone="danger", wrap=True)
        self.bar = QProgressBar()
        self.bar.setAccessibleName(_("Progress"))
        self.bar.hide()
        self.done_page = Done(self)
        self.done_page.finished.connect(self.accept)
        self._lay_out(count)
        self.form.changed.connect(lambda _key: self._follow())
        self.protection.changed.connect(self._allow)
        self._follow()

    def choose_file(self) -> None:
        """Ask where to."""
        self._say("")
        self.form.values()
        if self.form.validate():
            form = Format(self.form.committed["format"])
            name = export_file.neutral_name(self.place.desk, form, protected=self.protection.is_on)
            files.ask_where_to(self, self.write, title=_("Save as"), name=name, kind=export_file.kind_of(name))

    def write(self, path: Path) -> None:
        """Make the file behind the screen; Cancel stops it and leaves nothing."""
        desk, query, order = self.place.desk, self.query, self._order()
        self.save_button.setEnabled(False)
        self.bar.setRange(0, 0)
        self.bar.show()

        def work(progress: Progress) -> Rendered:
            made = list_exports.export_list(
                desk, query, order, told=lambda done, total: progress.report(done, total=total)
            )
            export_file.write(made, path)
            return made

        self._job = self.place.jobs.run(
            work, then=lambda made: self._written(made, path), failed=self._refused, progress=self._show, owner=self
        )
        self._job.when_ended(self._ended)

    def reject(self) -> None:
        """The first Cancel stops the work, the next one leaves."""
        if self._job is not None:
            self._job.cancel()
        else:
            super().reject()

    def _order(self) -> Order:
        order = Order(**{key: value for key, value in self.form.committed.items() if value})
        return order if self.protection.is_on else replace(order, password=None)

    def _follow(self) -> None:
        profile, form = self.form.committed["profile"], self.form.committed["format"]
        self.protection.suit(Profile(profile) if profile else None, Format(form or Format.XLSX))
        shown = [_(column.label) for column in (columns_for(Profile(profile)) if profile else COLUMNS)]
        self.form.set_hint("profile", _("Columns: {names}").format(names=", ".join(shown)))

    def _allow(self) -> None:
        self.save_button.setEnabled(self._job is None and self.protection.is_settled)

    def _show(self, step: Step) -> None:
        self.bar.setRange(0, step.total)
        self.bar.setValue(step.done)

    def _ended(self) -> None:
        self._job = None
        self.bar.hide()
        self._allow()

    def _written(self, made: Rendered, path: Path) -> None:
        self.done_page.tell(path.name, password=made.password, enclosed=made.file_name.endswith(ENCLOSED))
        self._stack.setCurrentIndex(1)
        self.done_page.setFocus()

    def _refused(self, error: Exception) -> None:
        if isinstance(error, Invalid):
            self.form.show_problems(error.problems)
        if isinstance(error, UserError | KnownError):
            self._say(problems.sentence(error))
        else:
            problems.show(self, error)

    def _say(self, words: str) -> None:
        self._said.setText(words)
        self._said.setVisible(bool(words))

    def _lay_out(self, count: int) -> None:
        self.save_button = button(_("Save as…"), kind="primary", keys="Ctrl+S", clicked=self.choose_file)
        cancel = button(_("Cancel"), clicked=self.reject)
        for one in (self.save_button, cancel):
            one.setAutoDefault(False)
        self._said.hide()
        left = QWidget()
        inside = QVBoxLayout(left)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.px(12))
        inside.addWidget(self.form)
        inside.addWidget(self.protection)
        note = _("Every export stands in the register of this laptop: who, when, for whom, and which fields.")
        inside.addWidget(text(note, role="small", wrap=True))
        inside.addStretch(1)
        making = QWidget()
        layout = QVBoxLayout(making)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(12))
        cases = ngettext("{n} case", "{n} cases", count).format(n=format_number(count))
        layout.addLayout(row(text(_("Export the list"), role="title"), text(cases, role="muted"), None))
        layout.addWidget(scrolled(left), 1)
        layout.addWidget(self.bar)
        layout.addWidget(self._said)
        layout.addLayout(row(None, cancel, self.save_button))
        self._stack = QStackedWidget()
        self._stack.addWidget(making)
        self._stack.addWidget(self.done_page)
        outer = QVBoxLayout(self)
        pad = theme.px(20)
        outer.setContentsMargins(pad, theme.px(16), pad, theme.px(14))
        outer.addWidget(self._stack)
        fit(self, width=640, height=560)
