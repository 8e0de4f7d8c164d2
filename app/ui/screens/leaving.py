"""The two ways in which something of a case leaves: a referral, a document."""

from __future__ import annotations

from app.errors import NotFound
from app.ui import problems
from app.ui.screens.export import ExportDialog
from app.ui.screens.refer import ReferDialog
from app.ui.workplace import Workplace


def refer_case(place: Workplace, case_id: str) -> None:
    """Open the referral dialog."""
    try:
        ReferDialog(place, case_id, parent=place.window).open()
    except NotFound as error:
        problems.show(place.window, error)


def export_case(place: Workplace, case_id: str) -> None:
    """Open the export dialog."""
    try:
        ExportDialog(place, case_id, parent=place.window).open()
    except NotFound as error:
        problems.show(place.window, error)
