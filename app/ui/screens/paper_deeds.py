"""Small buttons by which a paper is reached from where it belongs: a plan, a consent, the lines of restitution."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QPushButton

from app.i18n import _
from app.models.permission import Permission
from app.reports.papers import Paper
from app.services.entries import Entry
from app.services.referrals import ReferralItem
from app.ui import icons
from app.ui.screens.case_asking import CaseAsking
from app.ui.screens.leaving import export_case
from app.ui.widgets.basics import button
from app.ui.workplace import Workplace

Buttons = Sequence[QPushButton]


def safety_plan(asking: CaseAsking, entry: Entry) -> Buttons:
    """The plan to take along, for who is cleared."""
    if asking.place.desk.keyring is None:
        return ()
    return _made(asking, _("To take along…"), Paper.SAFETY, entry.id)


def consents(asking: CaseAsking) -> Buttons:
    """An empty form to be signed."""
    return _made(asking, _("Form to sign…"), Paper.CONSENT, None)


def restitution(asking: CaseAsking) -> Buttons:
    """The sheet of the first victim who has a line; the others are chosen in the dialog."""
    page = asking.page
    held = {line["person_id"] for line in page.parts["restitution"]} if page else set()
    victim = next((v.person.id for v in page.victims if v.person.id in held), None) if page else None
    return _made(asking, _("Sheet…"), Paper.RESTITUTION, victim) if victim else ()


def letter(place: Workplace, item: ReferralItem) -> Buttons:
    """The letter of a referral of ours."""
    if not item.outgoing or not place.desk.may(Permission.EXPORT):
        return ()
    made = button(_("Letter…"), icon=icons.icon("pdf"))
    made.clicked.connect(lambda: export_case(place, item.case_id, paper=Paper.LETTER, about=item.entry.id))
    return (made,)


def _made(asking: CaseAsking, words: str, paper: Paper, about: str | None) -> Buttons:
    page = asking.page
    if page is None or not asking.place.desk.may(Permission.EXPORT):
        return ()
    made = button(words, icon=icons.icon("pdf"))
    made.clicked.connect(lambda: export_case(asking.place, page.case.id, paper=paper, about=about))
    return (made,)
