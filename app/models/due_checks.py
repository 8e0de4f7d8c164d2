"""Checks that a rule names: what no single record says, like a sum of payments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from app.models.conditions import File
from app.models.holder import holders_among
from app.models.referral import OPEN_STATES, UNANSWERED
from app.models.referral_standing import referral_state


def same_person(one: Any, other: Any) -> bool:
    """Whether two records may concern the same person: one that names nobody concerns all."""
    first, second = getattr(one, "person_id", None), getattr(other, "person_id", None)
    return not first or not second or first == second


def holders_in(file: File) -> tuple[str | None, ...]:
    """The offices whose the case of this file was, one after the other; nobody's where no case is."""
    cases = file.get("case", ())
    return holders_among(cases[0], file.get("transfer", ()), file.get("transfer_event", ())) if cases else ()


def _paid(source: Any, file: File) -> bool:
    """All that was ordered for this person has been paid."""
    lines = [line for line in file.get("restitution", ()) if same_person(source, line)]
    ordered = [line.amount or 0 for line in lines if line.step == "ORDERED"]
    paid = [line.amount or 0 for line in lines if line.step == "PAID"]
    return bool(paid) and sum(paid) >= max(ordered, default=0)


def _step(source: Any, file: File) -> str:
    return referral_state(source, file.get("referral_event", ()), heirs={o for o in holders_in(file)[1:] if o}).step


def _unshared(source: Any, file: File) -> bool:
    """No open referral shares anything on the consent that was withdrawn; other purposes a person has to end."""
    shares = [one for one in file.get("referral", ()) if one.consent_id and one.consent_id == source.withdraws]
    return source.purpose == "SHARE" and not any(_step(one, file) in OPEN_STATES for one in shares)


def _renewed(source: Any, file: File) -> bool:
    """It was withdrawn, or asked for again since."""
    others = [one for one in file.get("consent", ()) if one.id != source.id and same_person(source, one)]
    since = source.decided_at or source.made_at
    return any(
        one.withdraws == source.id or (one.purpose == source.purpose and (one.decided_at or one.made_at) > since)
        for one in others
    )


CHECKS: Mapping[str, Callable[[Any, File], bool]] = {
    "paid": _paid,
    "sent": lambda source, file: _step(source, file) not in ("", "DRAFT"),
    "answered": lambda source, file: _step(source, file) not in UNANSWERED,
    "unshared": _unshared,
    "renewed": _renewed,
}
