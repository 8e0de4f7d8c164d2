"""The two ways in which something of a case leaves: a referral, a document."""

from __future__ import annotations

from app.errors import NotFound
from app.reports.papers import Paper
from app.services.export_choice import key_of
from app.ui import problems
from app.ui.screens.export import ExportDialog
from app.ui.screens.refer import ReferDialog
from app.ui.workplace import Workplace


def refer_case(place: Workplace, case_id: str) -> None:
    """Open the referral dialog; for an agency that works on paper its letter comes next."""
    try:
        dialog = ReferDialog(place, case_id, parent=place.window)
        dialog.on_paper.connect(lambda referral: export_case(place, case_id, paper=Paper.LETTER, about=referral))
        dialog.open()
    except NotFound as error:
        problems.show(place.window, error)


def export_case(place: Workplace, case_id: str, *, paper: str = "", about: str | None = None) -> None:
    """Open the export dialog, at one of the papers of the case if it is named."""
    try:
        ExportDialog(place, case_id, chosen=key_of(paper, about), parent=place.window).open()
    except NotFound as error:
        problems.show(place.window, error)
