"""Where the parts of a case have cards, buttons and panels of their own; every other part has the common ones.

A line in a table is all a part needs. What is named here must not import this module.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QPushButton, QWidget

from app.services.attachments import is_here
from app.services.entries import Entry
from app.ui.screens import case_cards, legal_panels, oversight_deeds, paper_deeds, part_deeds, task_panel
from app.ui.screens.attachments import attachment_card
from app.ui.screens.case_asking import CaseAsking
from app.ui.screens.case_shown import Shown
from app.ui.screens.consent_panel import consent_panel
from app.ui.screens.plan_panel import plan_panel
from app.ui.screens.transfers import transfer_panel
from app.ui.widgets.entry_card import EntryView

Actions = Sequence[QPushButton]


def _attachment(shown: Shown, entry: Entry, actions: Actions) -> EntryView:
    here = is_here(shown.place.desk, entry)
    return attachment_card(shown.page, entry, names=shown.names, is_here=here, actions=actions)


# By kind: the card of an entry.
CARDS: dict[str, Callable[[Shown, Entry, Actions], EntryView]] = {
    "attachment": _attachment,
    "approval": oversight_deeds.approval_card,
    "consent": case_cards.consent_card,
    "note": case_cards.note_card,
    "screening": oversight_deeds.screening_card,
    "service": case_cards.service_card,
}
# By kind: the buttons of an entry beyond the common change.
DEEDS: dict[str, Callable[[CaseAsking, Entry], Actions]] = {
    "approval": oversight_deeds.approval,
    "attachment": part_deeds.attachment,
    "conference": oversight_deeds.conference,
    "consent": part_deeds.consent,
    "goal": oversight_deeds.goal,
    "safety_plan": paper_deeds.safety_plan,
    "service": part_deeds.service,
}
# By tab: buttons at its head after those that add an entry.
HEADS: dict[str, Callable[[CaseAsking], Actions]] = {
    "consents": paper_deeds.consents,
    "restitution": paper_deeds.restitution,
}
# By tab: what stands above the cards; None where it has nothing to say. IN_PANEL: kinds that only a panel shows.
PANELS: dict[str, Callable[[Shown], QWidget | None]] = {
    "consents": consent_panel,
    "legal": legal_panels.rights_panel,
    "plan": plan_panel,
    "referrals": transfer_panel,
    "restitution": legal_panels.restitution_panel,
    "tasks": task_panel.panel,
}
IN_PANEL: frozenset[str] = frozenset({"goal", "service", "task", "transfer", "transfer_event"})
