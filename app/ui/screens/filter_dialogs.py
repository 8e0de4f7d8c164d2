"""What a filter of the list of cases asks: days, a region, the name it is kept under."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QWidget

from app.i18n import N_, _
from app.models.case import Case
from app.models.dates import earliest, latest
from app.models.field import Field, Kind, Tier
from app.ui.dialogs import Asked, FormDialog, Values
from app.ui.workplace import Workplace

Chosen = Callable[[str, str], object]
_DAYS = (
    Field("since", N_("From"), Kind.DATE, Tier.OPEN, "main"),
    Field("until", N_("To"), Kind.DATE, Tier.OPEN, "main"),
)
_REGION = (Field("region", N_("Region"), Kind.REGION, Tier.OPEN, "main", required=True),)
_NAME = (Field("name", N_("Name"), Kind.TEXT, Tier.OPEN, "main", required=True),)


def ask_days(place: Workplace, owner: QWidget, *, chosen: Chosen) -> FormDialog:
    """Between which days a case was reported; a month or a year alone is all of it."""

    def take(values: Values) -> None:
        for key, day in (("since", earliest), ("until", latest)):
            if values.get(key):
                chosen(key, day(values[key]).isoformat())

    return _ask(place, owner, fields=_DAYS, title=_("Reported between"), take=take)


def ask_region(place: Workplace, owner: QWidget, *, chosen: Chosen) -> FormDialog:
    """In which district a case began, or somebody in it lives."""
    return _ask(
        place, owner, fields=_REGION, title=_("Region"), take=lambda values: chosen("region", values["region"] or "")
    )


def ask_name(place: Workplace, owner: QWidget, *, taken: Callable[[str], object]) -> FormDialog:
    """What a filter is to be called."""
    title = _("Keep this filter")
    return _ask(place, owner, fields=_NAME, title=title, take=lambda values: taken(" ".join(values["name"].split())))


def _ask(
    place: Workplace, owner: QWidget, *, fields: Sequence[Field], title: str, take: Callable[[Values], object]
) -> FormDialog:
    asked = Asked(Case, title, (), lambda values: values, more=fields, action=_("Use"))
    dialog = FormDialog(place, asked, parent=owner.window())
    dialog.saved.connect(take)
    dialog.open()
    return dialog
