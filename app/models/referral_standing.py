"""Where a referral of this file stands, from its events."""

from collections.abc import Collection, Iterable

from app.models.content import to_wire
from app.models.course import Standing
from app.models.field import fields_of
from app.models.referral import COURSE, Referral, ReferralEvent
from app.models.view import step_from


def referral_state(referral: Referral, events: Iterable[ReferralEvent], *, heirs: Collection[str] = ()) -> Standing:
    """The state of a referral from its events. `heirs`: the offices its case was handed over to."""
    sides = {"made_office": referral.made_office, "to_office": referral.to_office}
    steps = []
    for e in events:
        if e.referral_id == referral.id:
            content = {f.key: to_wire(f, getattr(e, f.key)) for f in fields_of(ReferralEvent)}
            steps.append(step_from(e.id, e.rev, content, sides, heirs=heirs))
    return COURSE.state_of(steps)
