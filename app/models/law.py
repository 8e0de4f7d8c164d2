"""Articles of the law with the days they are in force, and which of them another has replaced.

Data, in resources/facts: law_article.csv (article, penalty, valid_from, valid_to) and law_replacement.csv.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from app.i18n import _, format_date
from app.models.codelist import label
from app.paths import table


@dataclass(frozen=True, slots=True)
class Article:
    """One article: from when to when it is in force (None: still), and the code of what replaced it, '' if nothing."""

    code: str
    valid_from: date
    valid_to: date | None
    replaced_by: str


@lru_cache
def articles() -> dict[str, Article]:
    """All articles by code."""
    instead = {row["code"]: row["replaced_by"] for row in table("facts", "law_replacement.csv")}
    return {
        row["code"]: Article(
            row["code"],
            date.fromisoformat(row["valid_from"]),
            date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            instead.get(row["code"], ""),
        )
        for row in table("facts", "law_article.csv")
    }


def article_warnings(codes: tuple[str, ...], *, act_on: date | None, today: date) -> tuple[str, ...]:
    """What to think over about these articles, given the day of the act; never a refusal: a person decides.

    Without a known day of the act, an article that was replaced meanwhile still asks for that day.
    """
    known = articles()
    found = []
    for article in (known[code] for code in codes if code in known):
        name = label("law_article", article.code)
        day = act_on or today
        if day < article.valid_from:
            said = _("{article} applies only to acts since {date}.")
            found.append(said.format(article=name, date=format_date(article.valid_from)))
        elif article.valid_to and day > article.valid_to:
            instead = label("law_article", article.replaced_by)
            said = (
                _("{article} has been replaced by {other} since {date}; it applies only to acts before that day.")
                if instead
                else _("{article} is no longer in force for acts since {date}.")
            )
            after = date.fromordinal(article.valid_to.toordinal() + 1)
            found.append(said.format(article=name, other=instead, date=format_date(after)))
    return tuple(found)
