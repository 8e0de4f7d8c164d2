"""The three dialogs of an erasure: asking for it, deciding on it, and how long files are kept."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QCheckBox, QComboBox, QSpinBox, QWidget

from app.i18n import _
from app.models.codelist import codelist
from app.models.erasure import OF_CASE, OF_PERSON
from app.services import erasure, retention
from app.services.case_page import CasePage
from app.services.erasure import ErasureItem, Wish
from app.services.holds import despite_hold
from app.ui import theme
from app.ui.screens.deed_dialog import DeedDialog
from app.ui.widgets.basics import text
from app.ui.workplace import Workplace


class RequestErasure(DeedDialog):
    """Ask for the erasure of a case, or of one person of it. Nothing is removed yet."""

    def __init__(self, place: Workplace, page: CasePage, *, basis: str = "", parent: QWidget | None = None) -> None:
        super().__init__(place, title=_("Request an erasure"), action=_("Request"), parent=parent)
        self._page = page
        first = _("A supervisor who is somebody else decides. If it is approved, it is erased at once, for good.")
        self.explain([first, backup_words()])
        self.what = _combo(self, _("What is to be erased"), _subjects(page))
        self.basis = _combo(self, _("Legal basis"), _codes("erasure_basis"))
        self.asked_by = _combo(self, _("Asked for by"), _codes("erasure_asker"))
        if basis:
            self.basis.setCurrentIndex(self.basis.findData(basis))
            self.asked_by.setCurrentIndex(self.asked_by.findData("OFFICE"))

    def save(self) -> None:
        """Hand the request in."""
        kind, subject = str(self.what.currentData()).split(":")
        wish = Wish(kind, subject, str(self.basis.currentData()), str(self.asked_by.currentData()))
        desk = self.place.desk
        self.do(lambda: erasure.request(desk, wish), said=_("The request waits for a supervisor."))


class DecideErasure(DeedDialog):
    """Approve, which erases, or refuse with a reason."""

    def __init__(self, place: Workplace, item: ErasureItem, *, approve: bool, parent: QWidget | None = None) -> None:
        title = _("Erase for good?") if approve else _("Refuse the request")
        action = _("Erase") if approve else _("Refuse")
        super().__init__(place, title=title, action=action, slow=_("Erasing…") if approve else "", parent=parent)
        self._item, self._approve = item, approve
        self.reason: QComboBox | None = None
        self.free: QCheckBox | None = None
        self.explain([what_words(item)])
        if approve:
            self._ask_to_erase(item)
        else:
            self.reason = _combo(self, _("Reason"), _codes("erasure_reason"))

    def save(self) -> None:
        """Do what was decided."""
        desk, erasure_id = self.place.desk, self._item.entry.id
        if self.reason is not None:
            code = str(self.reason.currentData())
            self.do(lambda: erasure.refuse(desk, erasure_id, reason=code), said=_("The request is refused."))
            return
        free = self.free is not None and self.free.isChecked()
        self.do(lambda: erasure.approve(desk, erasure_id, no_proceedings=free), said=_("It is erased for good."))

    def _ask_to_erase(self, item: ErasureItem) -> None:
        theme.mark(self.button, kind="danger")
        what = _(
            "Records, entries still to be sent, drafts, the search, keys and attached files go at once. Nobody can "
            "bring them back. The centre and every other laptop follow at their next contact."
        )
        self.explain([what, backup_words()])
        for words in item.holds:
            self.body.addWidget(text(words, tone="danger", wrap=True))
        self.free = QCheckBox(_("No criminal proceedings and no claim for restitution are known"))
        self.body.addWidget(self.free)
        if item.entry["basis"] not in despite_hold():
            self.button.setEnabled(False)
            self.free.toggled.connect(lambda on: self.button.setEnabled(on and not item.holds))


class Periods(DeedDialog):
    """How many months after its closing each kind of file is kept."""

    def __init__(self, place: Workplace, *, parent: QWidget | None = None) -> None:
        super().__init__(place, title=_("Retention periods"), action=_("Save"), parent=parent)
        self.explain([_("No law that Naungan knows names a period. These are a proposal; set what your office decided. "
                        "They count on this laptop.")])  # fmt: skip
        self.months: dict[str, QSpinBox] = {}
        for period in retention.periods(place.desk):
            box = QSpinBox()
            box.setRange(1, retention.LONGEST)
            box.setSuffix(" " + _("months after closing"))
            box.setValue(period.months)
            box.setAccessibleName(period.label)
            caption = text(period.label, role="label")
            caption.setBuddy(box)
            self.body.addWidget(caption)
            self.body.addWidget(box)
            self.months[period.code] = box

    def save(self) -> None:
        """Keep what was changed."""
        desk = self.place.desk
        before = {period.code: period.months for period in retention.periods(desk)}
        changed = {code: box.value() for code, box in self.months.items() if box.value() != before[code]}

        def keep() -> None:
            for code, months in changed.items():
                retention.set_period(desk, code, months)

        self.do(keep, said=_("The periods are saved."))


def backup_words() -> str:
    """What is told before anything is erased."""
    return _(
        "Backups made before still hold it; they are removed within 35 days. Paper, exported files and copies that "
        "were carried away are not reached."
    )


def what_words(item: ErasureItem) -> str:
    """'Case 3273-26-K7Q-0042 · Request of the data subject · asked by Siti'."""
    kind = _("Case") if item.entry["subject_kind"] == OF_CASE else _("Person")
    name = item.number or str(item.entry["subject"])[-12:]
    who = _("requested by {name}").format(name=item.requested_by)
    return " \u00b7 ".join((f"{kind} {name}", erasure.basis_words(item), who))


def _subjects(page: CasePage) -> list[tuple[str, str]]:
    whole = _("The whole case {number}").format(number=page.case["number"])
    people = {item.person.id: str(item.person["name"] or "") for item in page.parties}
    only = [(f"{OF_PERSON}:{key}", _("Only {name}, in every case").format(name=name)) for key, name in people.items()]
    return [(f"{OF_CASE}:{page.case.id}", whole), *only]


def _codes(name: str) -> list[tuple[str, str]]:
    return [(code.code, code.label) for code in codelist(name).choices()]


def _combo(dialog: DeedDialog, words: str, choices: Sequence[tuple[str, str]]) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(words)
    for code, label in choices:
        box.addItem(label, code)
    caption = text(words, role="label")
    caption.setBuddy(box)
    dialog.body.addWidget(caption)
    dialog.body.addWidget(box)
    return box
