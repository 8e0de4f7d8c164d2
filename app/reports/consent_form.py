"""The consent form and its withdrawal: in plain words, to be signed; empty, or filled in from what was recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.i18n import N_, _, format_date, language
from app.models.codelist import label
from app.models.field import Tier
from app.reports.case_summary import Occasion
from app.reports.document import (
    Blanks,
    Block,
    Choices,
    Document,
    Fields,
    Marks,
    Notice,
    Paragraph,
    Section,
    Signatures,
)
from app.reports.reading import Reading, codes_of

Content = Mapping[str, Any]
_LINE = "." * 30
# What each kind of information is, said to somebody who never heard of kinds of information.
PLAIN: dict[Tier, str] = {
    Tier.OPEN: N_("That there is a case, how it stands, and its dates."),
    Tier.CASE: N_("What happened, in short: how you were recruited, where you were taken, what you were made to do."),
    Tier.IDENTIFYING: N_("Who you are: your name, your numbers, your address, your telephone."),
    Tier.NARRATIVE: N_("What you told us, in the words that were written down."),
    Tier.SENSITIVE: N_("What hurts most to share: your health, violence you suffered, where you are staying."),
}
RIGHTS = (
    N_("You decide freely. Saying no takes no help away from you."),
    N_("You may agree to a part and refuse the rest."),
    N_("You may take your consent back at any time, without saying why, by word or with the form for it."),
    N_("Taking it back counts from then on: what was read before cannot be unread. We ask for papers back."),
    N_("You may see what is written about you and have it corrected."),
)  # fmt: skip
BY_LAW = N_("Some things the law makes us report even so, such as a danger to life. We tell you first if we can.")


def consent_form(reading: Reading, consent: Content | None, *, occasion: Occasion) -> Document:
    """The form; without a consent every line is to be filled in by hand."""
    sections = (
        Section(_("About whom"), tuple(_whom(reading, consent))),
        Section(_("What for"), (_purposes(reading, consent),)),
        Section(_("Who may receive it"), tuple(_recipient(reading, consent))),
        Section(_("What may be shared"), tuple(_tiers(reading, consent))),
        Section(_("Your rights"), (*(Paragraph(f"{n}. {_(words)}") for n, words in enumerate(RIGHTS, 1)),
                                   Notice(_(BY_LAW)))),
        Section(_("Who decides"), tuple(_givers(reading, consent))),
        Section(_("Signatures"), tuple(_signed(reading, consent, occasion=occasion))),
    )  # fmt: skip
    return _document(reading, _("Consent form"), _("May we share what you told us?"), sections, occasion=occasion)


def withdrawal_form(reading: Reading, consent: Content | None, *, occasion: Occasion) -> Document:
    """The form by which a consent is taken back."""
    facts = () if consent is None else tuple(
        (name, words) for name, key in (
            (_("Consent to"), "purpose"), (_("For whom"), "recipient"), (_("Decided at"), "decided_at"),
        ) if (words := reading.value("consent", consent, key))
    )  # fmt: skip
    which: Block = Fields(facts) if facts else Blanks((_("Consent to"), _("For whom"), _("Decided at")), columns=3)
    after = (
        N_("From today nothing more is shared on it, and running referrals that rest on it end."),
        N_("Whoever works in Naungan no longer sees it after the next synchronisation."),
        N_("Whoever has it on paper is asked to send it back or destroy it. What was read cannot be unread."),
        N_("You go on getting our help."),
    )
    sections = (
        Section(_("About whom"), tuple(_whom(reading, consent))),
        Section(_("Which consent"), (which,)),
        Section(_("What I say"), (Choices((
            (_("I take this consent back, all of it."), False),
            (_("I take back only this part:"), False),
        )), Blanks(("",)), Blanks((_("Why, if you want to say it"),)))),
        Section(_("What happens then"), tuple(Paragraph(f"{n}. {_(words)}") for n, words in enumerate(after, 1))),
        Section(_("Signatures"), tuple(_signed(reading, None, occasion=occasion, about=consent))),
    )  # fmt: skip
    return _document(reading, _("Withdrawal of consent"), _("I take my consent back"), sections, occasion=occasion)


def _document(
    reading: Reading, kind: str, title: str, sections: tuple[Section, ...], *, occasion: Occasion
) -> Document:  # fmt: skip
    number = reading.value("case", reading.case.case, "number")
    office = occasion.letterhead.name if occasion.letterhead else ""
    lines = (office, _("Form {export_id}").format(export_id=occasion.export_id))
    return Document(
        language=language(), kind=kind, title=title, letterhead=occasion.letterhead, sections=sections,
        strip=Fields(((_("Case number"), number),) if number else (), columns=4),
        marks=Marks(occasion.export_id, lines),
    )  # fmt: skip


def _whom(reading: Reading, consent: Content | None) -> Iterator[Block]:
    if consent is None:
        yield Blanks((_("Name"), _("Date of birth"), _("For a child: parent or guardian")), columns=3)
        return
    person = reading.person_content(consent.get("person_id"))
    born = reading.value("person", person, "birth_date")
    facts = [(_("Name"), reading.person(consent.get("person_id"))), (_("Date of birth"), born)]
    facts.append((_("Age"), reading.age(person)))
    if consent.get("guardian_id"):
        facts.append((_("Parent or guardian"), reading.person(consent.get("guardian_id"))))
    yield Fields(tuple(fact for fact in facts if fact[1]), columns=4)


def _purposes(reading: Reading, consent: Content | None) -> Block:
    held = _code(reading, consent, "purpose")
    return Choices(tuple((label("consent_purpose", code), code == held) for code in codes_of("consent_purpose")))


def _recipient(reading: Reading, consent: Content | None) -> Iterator[Block]:
    named = reading.value("consent", consent, "recipient") if consent else ""
    if named:
        yield Paragraph(named)
    elif consent is not None and consent.get("purpose") == "SHARE":
        yield Paragraph(_("Any agency that serves you, each only for its own help."))
    else:
        yield Blanks((_("Agency"), _("What for")), columns=2)


def _tiers(reading: Reading, consent: Content | None) -> Iterator[Block]:
    read = consent is not None and reading.value("consent", consent, "tiers")
    held = frozenset(consent.get("tiers") or ()) if consent and read else frozenset()
    yield Choices(tuple((_(PLAIN[tier]), tier.value in held) for tier in Tier))
    until = reading.value("consent", consent, "valid_until") if consent else ""
    words = _("Valid until {date}, unless you take it back before.").format(date=until or _LINE)
    yield Paragraph(words)


def _givers(reading: Reading, consent: Content | None) -> Iterator[Block]:
    by, said = _code(reading, consent, "given_by"), _code(reading, consent, "assent")
    yield Choices(tuple((label("consent_given_by", code), code == by) for code in codes_of("consent_given_by")))
    yield Choices(
        tuple((label("child_assent", code), code == said) for code in codes_of("child_assent")),
        _("For a child, who is asked as well: what the child says"),
    )
    decision = _code(reading, consent, "decision")
    yield Choices(
        ((_("I agree to what is ticked above."), decision == "GIVEN"), (_("I do not agree."), decision == "REFUSED")),
        _("Decision"),
    )
    yield Notice(_("A parent or guardian who is under suspicion in the case cannot decide for the child."))


def _signed(
    reading: Reading, consent: Content | None, *, occasion: Occasion, about: Content | None = None
) -> Iterator[Block]:
    known = consent or about
    name = reading.person(known.get("person_id")) if known else ""
    guardian = reading.person(known.get("guardian_id")) if known and known.get("guardian_id") else ""
    at = reading.moment("consent", consent, "decided_at") if consent else None
    day = format_date(at.date()) if at else _LINE
    yield Signatures(f"{occasion.place or _LINE}, {day}", (
        (_("The person"), name), (_("Parent or guardian"), guardian), (_("Explained by"), occasion.worker),
    ))  # fmt: skip
    yield Notice(_("Whoever cannot write gives a thumbprint, and somebody who is not of the office signs as witness."))


def _code(reading: Reading, consent: Content | None, key: str) -> str:
    """The code of a field of the consent, which counts as read; '' without one."""
    return str(consent.get(key)) if consent and reading.value("consent", consent, key) else ""
