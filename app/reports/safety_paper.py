"""The safety plan to take along. It names nobody and no office: whoever finds it must not learn what it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from app.i18n import N_, _, language
from app.reports.case_summary import Occasion
from app.reports.document import Block, Choices, Document, Marks, Notice, Paragraph, Section
from app.reports.reading import Reading

_PARTS: tuple[tuple[str, str], ...] = (
    ("dangers", N_("What I look out for")), ("signs", N_("Signs that something is wrong")),
    ("steps", N_("What I do")), ("safe_places", N_("Where I can go")), ("contacts", N_("Whom I call")),
    ("code_word", N_("My word for “I need help”")),
)  # fmt: skip


def safety_paper(reading: Reading, plan: Mapping[str, Any], *, occasion: Occasion) -> Document:
    """One or two pages in large type, for the person it belongs to."""
    sections = [Section(_(title), tuple(_lines(reading, plan, key))) for key, title in _PARTS]
    take = [words for words in reading.value("safety_plan", plan, "take_along").splitlines() if words.strip()]
    if len(take) == 1:
        take = [words.strip() for words in take[0].replace(";", ",").split(",") if words.strip()]
    if take:
        sections.append(Section(_("What I take along"), (Choices(tuple((words, False) for words in take)),)))
    again = reading.value("safety_plan", plan, "review_on")
    if again:
        sections.append(Section(_("We look at it again"), (Paragraph(again, large=True),)))
    keep = _("Keep this where nobody looks. If it is not safe to have it, leave it with somebody you trust.")
    found = tuple(section for section in sections if section.blocks)
    if found:
        found = (*found[:-1], Section(found[-1].title, (*found[-1].blocks, Notice(keep))))
    return Document(
        language=language(), kind="", title=_("My plan"), sections=found,
        marks=Marks(occasion.export_id, (occasion.export_id,)),
    )  # fmt: skip


def _lines(reading: Reading, plan: Mapping[str, Any], key: str) -> Iterator[Block]:
    """Each line as it was written, one below the other."""
    for words in reading.value("safety_plan", plan, key).splitlines():
        if words.strip():
            yield Paragraph(words.strip(), large=True)
