"""Enrolment: the address of the centre and the code it gave make this laptop one of an office's devices."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QLineEdit, QVBoxLayout, QWidget

from app.context import Context
from app.errors import KnownError, UserError
from app.i18n import _
from app.sync.enrol import enrol
from app.ui import problems, theme
from app.ui.widgets.basics import button, row, text
from app.ui.workplace import Workplace


def enrol_laptop(context: Context, *, url: str, code: str) -> str:
    """Enrol now, over the network; the code of the office. Runs on the net lane."""
    with context.first_transport(url) as transport:
        tag = context.setting("device_tag", "")
        certificate = enrol(context.sync_setup(), transport, code=code.strip(), tag=tag)
    context.sign_in_again()
    return certificate.office_code


class EnrolFields(QWidget):
    """Address and code. `changed()` on every letter."""

    changed = Signal()

    def __init__(self, url: str = "") -> None:
        super().__init__()
        self.url, self.code = QLineEdit(url), QLineEdit()
        self.url.setPlaceholderText("https://")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(6))
        for label, line in ((_("Address of the centre"), self.url), (_("Enrolment code"), self.code)):
            name = text(label, role="label")
            name.setBuddy(line)
            line.setAccessibleName(label)
            line.textChanged.connect(lambda _words: self.changed.emit())
            layout.addWidget(name)
            layout.addWidget(line)
        words = _(
            "The centre gives both as one text. Enter its second line whole, the pin after the address: by it this "
            "laptop knows its centre. The code works once and for one day."
        )
        layout.addWidget(text(words, role="small", wrap=True))

    def is_filled(self) -> bool:
        """Whether both are there."""
        return bool(self.url.text().strip() and self.code.text().strip())


class EnrolDialog(QDialog):
    """Open it with `open()`; `enrolled()` when the centre took this laptop in."""

    enrolled = Signal()

    def __init__(self, place: Workplace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.place = place
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Enrol this laptop"))
        self.fields = EnrolFields(place.setting("centre_url", ""))
        self.fields.changed.connect(self._ready)
        self.said = text("", wrap=True)
        self.said.hide()
        self.button = button(_("Enrol"), kind="primary", clicked=self.enrol)
        self.cancel = button(_("Cancel"), clicked=self.reject)
        self.cancel.setAutoDefault(False)
        pad = theme.px(20)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(pad, pad, pad, theme.px(16))
        layout.setSpacing(theme.px(12))
        layout.addWidget(text(_("Enrol this laptop"), role="heading"))
        words = _("What you entered so far stays and belongs to the office from then on.")
        layout.addWidget(text(words, role="muted", wrap=True))
        layout.addWidget(self.fields)
        layout.addWidget(self.said)
        layout.addLayout(row(None, self.cancel, self.button))
        self.setMinimumWidth(theme.px(460))
        self._ready()

    def enrol(self) -> None:
        """Ask the centre."""
        url, code, context = self.fields.url.text().strip(), self.fields.code.text(), self.place.context
        self.button.setEnabled(False)
        self._say(_("Asking the centre…"))
        self.place.jobs.run(
            lambda _progress: enrol_laptop(context, url=url, code=code),
            then=self._done, failed=self._refused, lane="net", owner=self,
        )  # fmt: skip

    def _done(self, office: str) -> None:
        """Enrolled; the dialog stays until a person has read the words."""
        words = self.place.context.six_words()
        self.place.say(_("This laptop is enrolled for {office}.").format(office=office))
        self.fields.hide()
        self.cancel.hide()
        said = _("The centre reads the same six words: {words}. Compare them by voice; it confirms them within a day.")
        self._say(said.format(words=words))
        self.button.setText(_("Close"))
        self.button.clicked.disconnect()
        self.button.clicked.connect(self.accept)
        self.button.setEnabled(True)
        self.enrolled.emit()
        self.place.signed_in_again.emit()

    def _refused(self, error: Exception) -> None:
        self.button.setEnabled(True)
        if isinstance(error, UserError | KnownError):
            self._say(problems.sentence(error), tone="danger")
        else:
            self._say("")
            problems.show(self, error)

    def _say(self, words: str, *, tone: str = "") -> None:
        self.said.setText(words)
        self.said.setVisible(bool(words))
        theme.mark(self.said, tone=tone)

    def _ready(self) -> None:
        self.button.setEnabled(self.fields.is_filled())
