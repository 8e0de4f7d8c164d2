"""The two ways in which something of a case leaves: a referral, a document."""

from __future__ import annotations

from app.ui.workplace import Workplace


def refer_case(place: Workplace, case_id: str) -> None:
    """Open the referral dialog."""


def export_case(place: Workplace, case_id: str) -> None:
    """Open the export dialog."""
