"""What is asked for when something is to leave as a file, and whether it may be asked for at all."""

from __future__ import annotations

from dataclasses import dataclass

from app.errors import Invalid
from app.i18n import LANGUAGES, _, language
from app.models.field import Tier
from app.reports.api import GENERATE, Format
from app.reports.case_summary import SECTIONS
from app.reports.papers import ON_OWN_GROUNDS, Paper
from app.reports.redaction import NEEDS_CONSENT, PROFILE_TIERS, RELEASABLE, Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be exported for whom.

    `recipient` is what the paper says; `agency` its entry in the directory, if it has one, which decides on whose
    consent and which referrals the paper may speak of. `consent_id` may be left out when only one person of the case
    has a consent that covers it. `password=None` leaves the file open, which only a PDF and what names nobody may be.
    `language` is that of the paper; `left_out` names sections, `released` fields let out by hand, `person.health`.
    `paper` is a code of app.reports.papers; `about` the record it is about: a referral, a consent, a safety plan, the
    victim of a restitution sheet.
    """

    profile: str
    recipient: str = ""
    purpose: str = ""
    agency: str | None = None
    consent_id: str | None = None
    language: str = ""
    password: str | None = GENERATE
    format: str = Format.PDF
    left_out: tuple[str, ...] = ()
    released: tuple[str, ...] = ()
    paper: str = Paper.SUMMARY
    about: str | None = None


def checked(order: Order) -> tuple[Profile, Format, str]:
    """(profile, format, language) of an order. Invalid, at the field, for what there is not or what may not be."""
    profile = profile_of(order.profile)
    spoken = order.language or language()
    if spoken not in LANGUAGES:
        raise Invalid(_("The paper can be in Indonesian (id) or English (en)."), [("language", spoken)])
    if order.format not in tuple(Format):
        message = _("There is no format “{code}”. Choose one of: {known}.").format(
            code=order.format, known=", ".join(Format)
        )
        raise Invalid(message, [("format", message)])
    if unknown := [key for key in order.left_out if key not in SECTIONS]:
        message = _("There is no section “{code}”. Choose one of: {known}.").format(
            code=unknown[0], known=", ".join(SECTIONS)
        )
        raise Invalid(message, [("left_out", message)])
    for name in order.released:
        _must_be_releasable(name, profile)
    form = Format(order.format)
    _must_be_a_paper(order, form)
    if order.password is None and not may_lie_open(profile, form):
        message = _("A sheet or a data file that can name somebody leaves under a password only.")
        raise Invalid(message, [("password", message)])
    return profile, form, spoken


def may_lie_open(profile: Profile, form: Format) -> bool:
    """Whether a file may be without a password: a PDF, for which somebody decides, and what names nobody."""
    return form is Format.PDF or Tier.IDENTIFYING not in PROFILE_TIERS[profile]


def _must_be_a_paper(order: Order, form: Format) -> None:
    if order.paper not in tuple(Paper):
        message = _("There is no paper “{code}”. Choose one of: {known}.").format(
            code=order.paper, known=", ".join(Paper)
        )
        raise Invalid(message, [("paper", message)])
    if order.paper != Paper.SUMMARY and form is not Format.PDF:
        message = _("This paper is a PDF, to read and to sign.")
        raise Invalid(message, [("format", message)])
    if order.paper in ON_OWN_GROUNDS and order.released:
        message = _("On this paper nothing is released by hand: its own grounds say what it holds.")
        raise Invalid(message, [("released", message)])


def _must_be_releasable(name: str, profile: Profile) -> None:
    if name not in RELEASABLE:
        message = _("“{name}” is no field that is released by hand. There are: {known}.").format(
            name=name, known=", ".join(RELEASABLE)
        )
        raise Invalid(message, [("released", message)])
    if profile not in NEEDS_CONSENT:
        message = _("Fields are released by hand on a paper for somebody outside the office only.")
        raise Invalid(message, [("released", message)])


def profile_of(code: str) -> Profile:
    """The profile of this code. Invalid, saying which there are."""
    try:
        return Profile(code)
    except ValueError:
        known = ", ".join(Profile)
        message = _("There is no profile “{code}”. Choose one of: {known}.").format(code=code, known=known)
        raise Invalid(message, [("profile", message)]) from None
