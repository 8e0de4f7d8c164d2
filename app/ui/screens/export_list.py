"""The list of cases as a file: what the list shows, reduced to a profile, made behind the screen and stoppable."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QWidget

from app.i18n import LANGUAGES, N_, _, format_number, language, ngettext
from app.models.case import Case
from app.models.codelist import label
from app.models.field import Field, Kind, Tier
from app.reports.api import FORMATS, Format, Rendered
from app.reports.case_list import COLUMNS, PROFILES, columns_for
from app.reports.redaction import Profile
from app.services import list_exports
from app.services.case_list import CaseQuery
from app.services.exports import Order
from app.ui.form import Form
from app.ui.form_tools import tools_for
from app.ui.jobs import Job, Progress, Step
from app.ui.screens import export_file
from app.ui.screens.export_batch import BatchDialog
from app.ui.screens.export_frame import ExportFrame
from app.ui.widgets.basics import button
from app.ui.widgets.editors import CodeEditor
from app.ui.workplace import Workplace

FIELDS = (
    Field("profile", N_("How much it says"), Kind.CODE, Tier.OPEN, "export", required=True),
    Field("format", N_("Form"), Kind.CODE, Tier.OPEN, "export", required=True),
    Field("language", N_("Language"), Kind.CODE, Tier.OPEN, "export", required=True),
    Field("recipient", N_("Who receives it"), Kind.TEXT, Tier.CASE, "export"),
    Field("purpose", N_("What for"), Kind.TEXT, Tier.CASE, "export", required=True),
)  # fmt: skip
_FORMS = (Format.XLSX, Format.PDF, Format.CSV, Format.JSON)


class ListExportDialog(ExportFrame):
    """`count` is how many cases the list shows."""

    def __init__(self, place: Workplace, query: CaseQuery, *, count: int, parent: QWidget | None = None) -> None:
        super().__init__(place, title=_("Export the list"), parent=parent)
        self.query = query
        self._job: Job | None = None
        editors: dict[str, Any] = {
            "profile": lambda _f: CodeEditor([(p.value, label("redaction_profile", p)) for p in PROFILES]),
            "format": lambda _f: CodeEditor([(form.value, _(FORMATS[form])) for form in _FORMS]),
            "language": lambda _f: CodeEditor(list(LANGUAGES.items())),
        }
        tools = tools_for(place.desk, Case, more=FIELDS)
        self.form = Form(FIELDS, tools=tools, layout=(("profile",), ("format",)), editors=editors)
        self.form.set_values({"profile": Profile.INTERNAL.value, "format": Format.XLSX.value, "language": language()})
        self.bar = QProgressBar()
        self.bar.setAccessibleName(_("Progress"))
        self.bar.hide()
        middle = QHBoxLayout()
        middle.addWidget(self.choices(self.form, self.protection))
        cases = ngettext("{n} case", "{n} cases", count).format(n=format_number(count))
        self.each_button = button(_("Each case as a PDF…"), clicked=lambda: self._each(count))
        self.each_button.setAutoDefault(False)
        self.lay_out(cases, middle, self.bar, size=(640, 560), more=(self.each_button,))
        self.form.changed.connect(lambda _key: self._follow())
        self.protection.changed.connect(self._allow)
        self._follow()

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
            work, then=lambda made: self.written(made, path), failed=self.refused, progress=self._show, owner=self
        )
        self._job.when_ended(self._ended)

    def reject(self) -> None:
        """The first Cancel stops the work, the next one leaves."""
        if self._job is not None:
            self._job.cancel()
        else:
            super().reject()

    def _each(self, count: int) -> None:
        """Leave the list for a batch of its cases."""
        batch = BatchDialog(self.place, self.query, count=count, parent=self.parentWidget())
        self.reject()
        batch.open()

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
