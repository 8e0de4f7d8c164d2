"""Above the cards of a case: where each right of each victim stands, and what restitution adds up to."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from app.i18n import N_, _, format_rupiah
from app.models.codelist import label
from app.models.dates import show_date
from app.models.restitution import Ledger
from app.services import legal, restitution
from app.services.case_page import PartyItem
from app.services.legal import RIGHTS, RightState
from app.ui import theme
from app.ui.screens.case_cards import who
from app.ui.screens.case_shown import Shown
from app.ui.theme import Tone
from app.ui.widgets.basics import Chip, button, column, only_if, row, text
from app.ui.widgets.feedback import Banner

_STATES = {
    "TOLD": (Tone.INFO, ""), "GIVEN": (Tone.GOOD, "check"), "REFUSED_BY_VICTIM": (Tone.NEUTRAL, ""),
    "DENIED": (Tone.DANGER, "cross"), "NOT_APPLICABLE": (Tone.NEUTRAL, ""),
}  # fmt: skip
_SUMS: tuple[tuple[str, str], ...] = (
    ("claimed", N_("Claimed")), ("assessed", N_("Assessed by LPSK")), ("demanded", N_("Demanded")),
    ("ordered", N_("Ordered")), ("paid", N_("Paid")), ("shortfall", N_("Still to be paid")),
)  # fmt: skip


def rights_panel(shown: Shown) -> QWidget | None:
    """The checklist of rights, a column of states for each victim; None where nobody is a victim."""
    victims = shown.page.victims
    if not victims:
        return None
    holder = QWidget()
    body = QVBoxLayout(holder)
    body.setContentsMargins(0, 0, 0, theme.px(8))
    body.setSpacing(theme.px(10))
    for person_id in legal.accused_victims(shown.place.desk, shown.page.case.id):
        name = who(shown.page, person_id, names=shown.names)
        said = _("{name} is a suspect in another case. Look at article 18: who was forced is not punished.")
        body.addWidget(Banner(said.format(name=name), tone=Tone.WARN))
    for victim in victims:
        body.addWidget(_checklist(shown, victim))
    return holder


def restitution_panel(shown: Shown) -> QWidget | None:
    """The sums of every victim who has a line; None while there is none."""
    lines = shown.page.parts["restitution"]
    victims = [v for v in shown.page.victims if any(line["person_id"] == v.person.id for line in lines)]
    if not victims:
        return None
    return _held(*(_sums(shown, victim, restitution.ledger(lines, victim.person.id)) for victim in victims))


def _held(*widgets: QWidget) -> QWidget:
    holder = QWidget()
    holder.setLayout(column(*widgets, gap=10))
    return holder


def _title(shown: Shown, victim: PartyItem, words: str) -> QLabel:
    name = who(shown.page, victim.person.id, names=shown.names)
    return text(words.format(name=name), role="strong")


def _checklist(shown: Shown, victim: PartyItem) -> QWidget:
    """What somebody looked at stands there; the rest of the long list unfolds when it is asked for."""
    states = legal.checklist(shown.page.parts["victim_right"], victim.person.id)
    looked = [state for state in states if state.latest is not None]
    others = [state for state in states if state.latest is None]
    known = _("{n} of {all} looked at").format(n=len(looked), all=len(states))
    head = QWidget()
    head.setLayout(row(_title(shown, victim, _("Rights of {name}")), None, text(known, role="small")))
    rest = _table(shown, victim, others)
    rest.hide()
    unfold = button(_("Show the others"), kind="quiet")
    unfold.setCheckable(True)
    unfold.toggled.connect(rest.setVisible)
    only_if(bool(others), unfold)
    return _held(head, _table(shown, victim, looked), unfold, rest)


def _table(shown: Shown, victim: PartyItem, states: Sequence[RightState]) -> QWidget:
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(theme.px(12))
    grid.setVerticalSpacing(theme.px(4))
    grid.setColumnStretch(0, 1)
    for at, state in enumerate(states):
        _right(grid, at, shown=shown, victim=victim, state=state)
    table = QWidget()
    table.setLayout(grid)
    table.setAccessibleName(_("Rights of the victim"))
    return table


def _right(grid: QGridLayout, at: int, *, shown: Shown, victim: PartyItem, state: RightState) -> None:
    name = label(RIGHTS, state.code)
    grid.addWidget(text(name, wrap=True), at, 0)
    if state.latest is None:
        grid.addWidget(text(_("nobody looked yet"), role="muted"), at, 1)
    else:
        tone, sign = _STATES.get(state.latest["state"] or "", (Tone.NEUTRAL, ""))
        grid.addWidget(Chip(label("right_state", state.latest["state"]), tone=tone, mark=sign), at, 1)
        grid.addWidget(text(show_date(state.latest["day"]), role="small"), at, 2)
    deeds = shown.deeds
    if deeds is None or not deeds.may_add("victim_right"):
        return
    values = {"person_id": victim.person.id, "right_code": state.code}
    record = button(_("Record…"), kind="quiet", clicked=partial(deeds.add_part, "victim_right", values))
    record.setAccessibleName(_("Record how it stands: {right}").format(right=name))
    grid.addWidget(record, at, 3, Qt.AlignmentFlag.AlignRight)


def _sums(shown: Shown, victim: PartyItem, ledger: Ledger) -> QWidget:
    grid = QGridLayout()
    grid.setHorizontalSpacing(theme.px(18))
    for at, (words, amount, tone) in enumerate(_columns(ledger)):
        grid.addWidget(text(words, role="label"), 0, at)
        value = text(amount or _("no data"), role="strong" if amount else "muted", tone=tone)
        value.setAccessibleName(f"{words}: {amount or _('no data')}")
        grid.addWidget(value, 1, at)
    grid.setColumnStretch(len(_SUMS), 1)
    table = QWidget()
    table.setLayout(grid)
    return _held(_title(shown, victim, _("Restitution of {name}")), table)


def _columns(ledger: Ledger) -> Sequence[tuple[str, str, str]]:
    found = [(_(words), format_rupiah(getattr(ledger, key)), "") for key, words in _SUMS]
    if ledger.shortfall:
        found[-1] = (*found[-1][:2], Tone.DANGER)
    if ledger.surplus:
        found[-1] = (_("Paid too much"), format_rupiah(ledger.surplus), Tone.WARN)
    return found
