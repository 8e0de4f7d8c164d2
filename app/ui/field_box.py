"""One field of a form: label above, editor, and below it a hint or what is wrong, as a sign and words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from app.i18n import N_, _
from app.ui import theme
from app.ui.field_editors import FieldLike, Problem
from app.ui.theme import Tone
from app.ui.widgets import marks
from app.ui.widgets.basics import Chip, sensitive_chip, text
from app.ui.widgets.editors import Editor

_TIERS = {"IDENTIFYING": (N_("Identifying"), Tone.INFO), "SENSITIVE": (N_("Sensitive"), Tone.DANGER)}


class FieldBox(QWidget):
    """`left()` when the person is done with the field. One with a `veil` holds a value this person cannot open."""

    left = Signal()

    def __init__(self, declared: FieldLike, *, editor: Editor, show_tier: bool = False) -> None:
        super().__init__()
        self.declared, self.editor = declared, editor
        self.key = declared.key
        self.problems: tuple[Problem, ...] = ()
        self.veil: QLineEdit | None = None
        self._hint = _(declared.help)
        name = _(declared.label)
        self.label = text(f"{name} *" if declared.required else name, role="label")
        self.label.setBuddy(editor.target)
        self._name = _("{label}, required").format(label=name) if declared.required else name
        editor.target.setAccessibleName(self._name)
        self._spare = _Veil(name) if declared.sealed else None
        self._sign, self._line = _Sign(), text("", role="small", wrap=True)
        self._lay_out(_TIERS.get(str(declared.tier)) if show_tier else None)
        editor.committed.connect(self.left)
        self.show_problems(())

    @property
    def name(self) -> str:
        """The label in the language in use."""
        return _(self.declared.label)

    def set_hint(self, words: str) -> None:
        """Say something about the value: '16-17 tahun'."""
        self._hint = words
        self._say()

    def conceal(self, *, filled: bool) -> None:
        """Put a veil in the editor's place: who comes by keyboard hears whether something is there, and why it is shut.

        ValueError for a field that is not sealed.
        """
        if self._spare is None:
            raise ValueError(f"{self.key} is not a sealed field")
        self.veil = self._spare
        self._spare.tell(filled=filled)
        self.veil.show()
        self.editor.hide()
        self.editor.setEnabled(False)
        self.label.setBuddy(self.veil)
        self.set_hint(_("Only who may read sealed values sees and changes it."))

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show the gravest in place of the hint; none brings the hint back."""
        self.problems = tuple(sorted(problems, key=lambda p: p.severity != "error"))
        self._say()

    def _say(self) -> None:
        worst = self.problems[0] if self.problems else None
        words = worst.message if worst else self._hint
        self._line.setText(words)
        self._line.setVisible(bool(words))
        tone = {"error": Tone.DANGER, "warning": Tone.WARN}.get(worst.severity, "") if worst else ""
        theme.mark(self._line, tone=tone)
        self._sign.show_severity(worst.severity if worst else "")
        self.editor.mark_state(worst.severity if worst else "")
        said = {"error": _("Error: {message}"), "warning": _("Warning: {message}")}
        self.editor.target.setAccessibleDescription(said[worst.severity].format(message=words) if worst else words)

    def _lay_out(self, tier: tuple[str, Tone] | None) -> None:
        head, foot = QHBoxLayout(), QHBoxLayout()
        head.setSpacing(theme.px(6))
        head.addWidget(self.label)
        self.label.setMinimumHeight(theme.px(19))  # as high as a chip, so that neighbours stand level
        if self.declared.sealed:
            head.addWidget(sensitive_chip())
        elif tier is not None:
            head.addWidget(Chip(_(tier[0]), tone=tier[1]))
        head.addStretch(1)
        foot.setSpacing(theme.px(4))
        foot.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        foot.addWidget(self._line, 1)
        middle = QHBoxLayout()
        middle.addWidget(self.editor, 1)
        if self._spare is not None:
            self._spare.hide()
            middle.addWidget(self._spare, 1)  # beside the editor from the start, so that Tab comes to it in its turn
        if self.declared.unit:
            middle.addWidget(text(_(self.declared.unit), role="muted"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(4))
        layout.addLayout(head)
        layout.addLayout(middle)
        layout.addLayout(foot)
        layout.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)


class _Veil(QLineEdit):
    """Stands for a value that is shut; it can be reached, and changes nothing."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self.setReadOnly(True)
        self.addAction(marks.icon("lock", colour="danger"), QLineEdit.ActionPosition.LeadingPosition)
        self.setAccessibleDescription(_("Only who may read sealed values sees and changes it."))
        self.tell(filled=False)

    def tell(self, *, filled: bool) -> None:
        """Say whether something is there."""
        words = _("Something is written here") if filled else _("Nothing you may see")
        self.setText(words)
        self.setAccessibleName(_("{label}, sealed: {words}").format(label=self._name, words=words))


class _Sign(QWidget):
    """The sign beside a problem."""

    def __init__(self) -> None:
        super().__init__()
        self._severity = ""
        self.setFixedSize(theme.px(14), theme.px(16))

    def show_severity(self, severity: str) -> None:
        """Draw the sign of an error or a warning, nothing for ""."""
        self._severity = severity
        self.setVisible(bool(severity))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._severity:
            name, colour = ("stop", "danger") if self._severity == "error" else ("warning", "warn")
            painter = QPainter(self)
            marks.paint(painter, QRectF(self.rect()), name=name, colour=theme.current().colour(colour))
            painter.end()
