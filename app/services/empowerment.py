"""Empowerment: an offer, its answer, its course, and how somebody lives half a year later."""

from __future__ import annotations

from app.i18n import _
from app.models.dates import earliest, months_after
from app.services.part_rule import Coming

MONTHS = 6  # commitment 3c asks for the outcome half a year after the end


def rule(coming: Coming) -> None:
    """The days stand in their order; what was declined has no course, and no outcome comes before a beginning."""
    coming.about_victim()
    coming.default("offered_on", coming.desk.today().isoformat())
    coming.default("answer", "WAITING")
    coming.past("offered_on", "answered_on", "outcome_on")
    coming.in_order("offered_on", "answered_on")
    coming.in_order("started_on", "ended_on")
    if coming["started_on"] and coming["answer"] != "ACCEPTED":
        coming.refuse("started_on", _("Only what was accepted can begin."))
    if coming["outcome"] and not coming["started_on"]:
        coming.refuse("outcome", _("There is no outcome before it began."))
    if coming.changes("outcome") and coming["outcome"]:
        coming.values.setdefault("outcome_on", coming.desk.today().isoformat())
        _say_early(coming)


def _say_early(coming: Coming) -> None:
    ended, seen = coming["ended_on"], coming["outcome_on"]
    if not ended or (seen and earliest(seen) < months_after(earliest(ended), MONTHS)):
        coming.warnings.append(_("Less than six months have gone since it ended: ask once more later."))
