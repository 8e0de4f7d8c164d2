"""What stands at the right of the intake: who it may be, what the elements say, what is missing, who may read what."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.i18n import _, format_number, ngettext
from app.ui import theme
from app.ui.dialogs import ROOMY
from app.ui.theme import Tone
from app.ui.widgets.basics import Card, Chip, row, text
from app.ui.widgets.flow import empty


def confidentiality() -> Card:
    """The kinds of information, and how far each goes."""
    card = Card(_("Confidentiality"))
    card.body.setSpacing(theme.px(6))
    for words, tone in (
        (_("Name, NIK, telephone: identifying"), Tone.INFO),
        (_("Health, a child's data: sensitive"), Tone.DANGER),
    ):
        if theme.current().scale > ROOMY:  # a chip has one line
            card.body.addWidget(text(words, tone=tone, wrap=True))
        else:
            card.body.addLayout(row(Chip(words, tone=tone), None))
    card.body.addWidget(
        text(
            _("Nothing leaves this laptop but on a consent, and only what the consent names."), role="small", wrap=True
        )
    )
    return card


def report_advice() -> Card:
    """What the first step asks for."""
    return _advice(
        _("First the report"),
        _("Who told whom, when and by what way. One or two sentences are enough; the rest can follow."),
        _("Everything you answer is kept as a draft, also without a network."),
    )


def safety_advice() -> Card:
    """What to think of when the risk is judged."""
    return _advice(
        _("Is the victim safe now?"),
        _("High: danger to life, a child, or the suspects know where the victim is. Act today."),
        _("Ask how the victim can be reached without others noticing, and write it down word for word."),
    )


def _advice(title: str, *lines: str) -> Card:
    card = Card(title)
    for words in lines:
        card.body.addWidget(text(words, role="muted", wrap=True))
    card.body.addStretch(1)
    return card


class Summary(Card):
    """How far every step is, before the whole is saved."""

    def __init__(self) -> None:
        super().__init__(_("Before saving"))
        self._lines = QVBoxLayout()
        self._lines.setSpacing(theme.px(8))
        self.body.addLayout(self._lines)
        self.body.addWidget(
            text(_("Everything is saved at once, or nothing. The case number is given then."), role="small", wrap=True)
        )
        self.body.addStretch(1)

    def show_steps(self, steps: Sequence[tuple[str, bool, int]]) -> None:
        """(title, whether anything was answered, problems) of every part."""
        empty(self._lines)
        for title, answered, problems in steps:
            holder = QWidget()
            holder.setLayout(row(text(title), None, _state(answered, problems)))
            self._lines.addWidget(holder)


def _state(answered: bool, problems: int) -> Chip:
    if problems:
        words = ngettext("{n} problem", "{n} problems", problems).format(n=format_number(problems))
        return Chip(words, tone=Tone.DANGER, mark="stop")
    return Chip(_("Answered"), tone=Tone.GOOD, mark="check") if answered else Chip(_("Empty"))
