"""The referral letter: what is asked, on what ground, exactly what is shared, and a form for the answer to tear off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.i18n import _, format_date, format_datetime, language
from app.models.codelist import label
from app.reports.case_summary import SECTIONS, Occasion, case_blocks, marks_of, signatures
from app.reports.document import (
    Blanks,
    Block,
    Choices,
    CutLine,
    Document,
    Fields,
    Heading,
    Notice,
    Paragraph,
    Section,
    Signatures,
)
from app.reports.reading import Reading, codes_of, local_day
from app.reports.redaction import Profile

Content = Mapping[str, Any]
ANNEX = tuple(key for key in SECTIONS if key not in ("referrals", "consents", "office", "signatures"))
DOT = " \u00b7 "


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What a letter says beside the package: the referral, whom it goes to, the grounds, what was opened."""

    referral: Content
    agency: str
    agency_lines: tuple[str, ...] = ()
    consent: Content | None = None
    tiers: tuple[str, ...] = ()


def referral_letter(reading: Reading, letter: Letter, *, occasion: Occasion) -> Document:
    """The letter over a case that holds nothing but the package, in the language of the running code."""
    sections = (
        Section(_("Addressed to"), tuple(_to(reading, letter))),
        Section(_("What is asked"), tuple(_asked(reading, letter))),
        Section(_("On what ground"), tuple(_ground(reading, letter))),
        Section(_("How to answer"), tuple(_how(reading, letter, occasion=occasion))),
        Section(_("Signatures"), (signatures(occasion),)),
        *_annex(reading, letter),
        Section(_("Answer to the referral"), tuple(_answer(letter, occasion=occasion)), on_new_page=True),
    )
    return Document(
        language=language(), kind=_("Referral letter"), title=label("referral_reason", letter.referral.get("reason")),
        letterhead=occasion.letterhead, strip=Fields(tuple(_strip(reading, letter, occasion=occasion)), columns=4),
        sections=tuple(section for section in sections if section.blocks),
        marks=marks_of(occasion, Profile.PARTNER_SERVICE),
    )  # fmt: skip


def _strip(reading: Reading, letter: Letter, *, occasion: Occasion) -> Iterator[tuple[str, str]]:
    yield _("Number of the letter"), occasion.export_id
    yield _("Date"), format_date(local_day(occasion.now))
    for name, key in ((_("Urgency"), "urgency"), (_("Answer due"), "due_at")):
        if words := reading.value("referral", letter.referral, key):
            yield name, words
    if number := reading.value("case", reading.case.case, "number"):
        yield _("Case number"), number


def _to(reading: Reading, letter: Letter) -> Iterator[Block]:
    person = reading.value("referral", letter.referral, "to_person")
    yield Heading(letter.agency, _("attention: {person}").format(person=person) if person else "")
    for words in letter.agency_lines:
        yield Paragraph(words)


def _asked(reading: Reading, letter: Letter) -> Iterator[Block]:
    who = reading.person(letter.referral.get("person_id")) if letter.referral.get("person_id") else ""
    words = _("We refer to you {who} and ask for your help with what is named here.")
    yield Paragraph(words.format(who=who or _("the persons of this case")))
    facts = [(name, reading.value("referral", letter.referral, key)) for name, key in (
        (_("Reason"), "reason"), (_("Services asked for"), "services"),
    )]  # fmt: skip
    yield Fields(tuple(fact for fact in facts if fact[1]), columns=2)
    if message := reading.value("referral", letter.referral, "message"):
        yield Paragraph(message, _("Message"))


def _ground(reading: Reading, letter: Letter) -> Iterator[Block]:
    """The consent by its day and giver, and the ground in law beside it or instead of it."""
    if letter.consent is not None:
        facts = [(name, reading.value("consent", letter.consent, key)) for name, key in (
            (_("Consent to"), "purpose"), (_("Given by"), "given_by"), (_("Decided at"), "decided_at"),
            (_("Valid until"), "valid_until"),
        )]  # fmt: skip
        yield Fields(tuple(fact for fact in facts if fact[1]), columns=4)
    if ground := reading.value("referral", letter.referral, "override_ground"):
        yield Paragraph(_("Shared without consent, or beyond it, on this ground: {ground}").format(ground=ground))
        if why := reading.value("referral", letter.referral, "override"):
            yield Paragraph(why, _("Because"))
    tiers = ", ".join(label("tier", tier) for tier in letter.tiers)
    yield Notice(_("Shared is what the annex holds and nothing else: {tiers}.").format(tiers=tiers))
    yield Notice(_(
        "Use it for this referral alone, keep it locked away, and pass it on to nobody. If the consent is withdrawn we "
        "tell you: then send this letter back or destroy it."
    ))  # fmt: skip


def _how(reading: Reading, letter: Letter, *, occasion: Occasion) -> Iterator[Block]:
    due = reading.moment("referral", letter.referral, "due_at")
    office = occasion.letterhead.name if occasion.letterhead else ""
    words = _("Please answer by {when} with the form on the last page, by telephone or in person, to {office}.")
    yield Paragraph(words.format(when=format_datetime(due, with_zone=True) or _("the day agreed"), office=office))


def _annex(reading: Reading, letter: Letter) -> Iterator[Section]:
    """The package, section by section; the first one begins a page."""
    first = True
    for key, blocks in case_blocks(reading).items():
        found = tuple(blocks) if key in ANNEX else ()
        if found:
            title = _("What is shared: {section}").format(section=_(SECTIONS[key])) if first else _(SECTIONS[key])
            yield Section(title, found, on_new_page=first)
            first = False
    if reading.case.withheld:
        yield Section(_("About this document"), (
            Notice(_("Some shared values are sealed for whoever made this letter. They are not in it.")),
        ))  # fmt: skip


def _answer(letter: Letter, *, occasion: Occasion) -> Iterator[Block]:
    office = occasion.letterhead
    yield CutLine(_("Tear off or copy, and send back"))
    yield Fields((
        (_("Number of the letter"), occasion.export_id), (_("From"), letter.agency),
        (_("Back to"), DOT.join((office.name, *office.lines)) if office else ""),
    ), columns=3)  # fmt: skip
    yield Choices((
        (_("We accept the referral. Work begins on: ................................"), False),
        (_("We decline the referral, because:"), False),
    ))  # fmt: skip
    reasons = tuple((label("referral_decline_reason", code), False) for code in codes_of("referral_decline_reason"))
    yield Choices(reasons, _("Reason for declining"))
    yield Blanks((_("What we can do, or what is missing"), "", ""))
    yield Blanks((_("Name"), _("Position"), _("Telephone")), columns=3)
    yield Signatures(_("Place and date: ................................"), ((_("Signature and stamp"), ""),))
