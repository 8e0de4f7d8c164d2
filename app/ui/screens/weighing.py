"""What the three elements add up to, said while they are being ticked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.i18n import _
from app.models.codelist import label
from app.services import screening
from app.services.case_page import CasePage
from app.ui import theme
from app.ui.theme import Tone
from app.ui.widgets.basics import Card, Chip, row, text
from app.ui.workplace import Workplace


class Weighing(Card):
    """Suggests; a person concludes."""

    def __init__(self, place: Workplace, *, page: CasePage | None = None) -> None:
        super().__init__(_("What the elements say"))
        self.place, self._page = place, page
        self._chips = {name: Chip(words) for name, words in _names().items()}
        self.suggestion = text("", role="strong", wrap=True)
        self.warning = text("", tone="warn", wrap=True)
        for chip in self._chips.values():
            self.body.addLayout(row(chip, None))
        self.body.addWidget(self.suggestion)
        self.body.addWidget(self.warning)
        self.body.addStretch(1)

    def weigh(self, values: Mapping[str, Any]) -> None:
        """Say it for these values of the form, about the victim of the case they name."""
        victims = self._page.victims if self._page is not None else ()
        victim = next((v for v in victims if v.person.id == values.get("person_id")), None)
        self.weigh_for(victim.person.values if victim else {}, values)

    def weigh_for(self, person: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        """Say it for somebody who is not in the file yet."""
        found = screening.suggest(self.place.desk, person, values)
        for name, words in _names().items():
            missing = name in found.missing
            self._chips[name].say(words, tone=Tone.NEUTRAL if missing else Tone.GOOD, mark="" if missing else "check")
        conclusion = label("screening_conclusion", found.suggestion)
        self.suggestion.setText(_("Suggested: {conclusion}").format(conclusion=conclusion))
        self.warning.setText(_(found.warning))
        self.warning.setVisible(bool(found.warning))
        theme.mark(self.warning, tone="warn")


def _names() -> dict[str, str]:
    return {"process": _("Process"), "means": _("Means"), "purpose": _("Purpose")}
