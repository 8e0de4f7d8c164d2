"""A new password, typed twice or made of generated words; the rule is said before it is broken."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.errors import Invalid
from app.i18n import _
from app.services.passphrase import generate
from app.ui import theme
from app.ui.widgets.basics import button, row, text
from app.ui.widgets.password import PasswordField
from app.vault.passwords import SHORTEST, check_password


class NewPassword(QWidget):
    """`is_good(login=...)` says whether the password may be used, and shows what is wrong where it is wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.first = PasswordField(_("New password"))
        self.second = PasswordField(_("Once more"), may_show=False)
        self.said = text("", role="small", wrap=True)
        make = button(_("Generate four words"), clicked=self.generate)
        make.setAutoDefault(False)
        rule = _("At least {n} characters, or four unrelated words. Nobody can recover it for you.").format(n=SHORTEST)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(8))
        layout.addWidget(text(rule, role="muted", wrap=True))
        for part in (self.first, self.second, self.said):
            layout.addWidget(part)
        layout.addLayout(row(make, None))
        for field in (self.first, self.second):
            field.edited.connect(self._tell)
        self._tell()

    def value(self) -> str:
        """What was typed."""
        return self.first.text()

    def generate(self) -> None:
        """Put generated words in, readable, so that they can be written down or learnt."""
        words = generate()
        self.first.put(words, shown=True)
        self.second.put(words, shown=True)
        self._tell()

    def is_good(self, *, login: str = "") -> bool:
        """Whether it may be used; if not, the reason is shown and the keyboard waits where it is put right."""
        problem = self.problem(login=login)
        if problem:
            self.said.setText(problem)
            theme.mark(self.said, tone="danger")
            is_repeated = self.second.text() == self.value()
            (self.first if is_repeated or not self.value() else self.second).setFocus()
        return not problem

    def problem(self, *, login: str = "") -> str:
        """What is wrong, in words; '' when nothing is."""
        try:
            check_password(self.value(), login=login)
        except Invalid as error:
            return str(error)
        return "" if self.second.text() == self.value() else _("The two entries differ.")

    def _tell(self) -> None:
        problem = self.problem() if self.value() else ""
        fine = bool(self.value()) and not problem
        self.said.setText(_("This password is good.") if fine else problem)
        theme.mark(self.said, tone="good" if fine else "warn" if problem else "")
