"""Articles know the days they are in force; the program warns, a person decides."""

from __future__ import annotations

from datetime import date

from app.i18n import speaking
from app.models.codelist import codelist
from app.models.law import article_warnings, articles

TODAY = date(2026, 11, 24)


def test_every_article_of_the_list_says_since_when() -> None:
    codes = {code.code for code in codelist("law_article").codes}
    assert set(articles()) == codes
    assert {one.replaced_by for one in articles().values()} - {""} <= codes


def test_article_2_is_replaced_for_acts_since_2_january_2026() -> None:
    with speaking("en"):
        (said,) = article_warnings(("UU21-2",), act_on=date(2026, 1, 2), today=TODAY)
        assert "2 January 2026" in said
        assert "Art. 455 Law 1/2023" in said
        assert article_warnings(("UU21-2",), act_on=date(2026, 1, 1), today=TODAY) == ()


def test_the_new_article_is_not_for_acts_before_it() -> None:
    with speaking("en"):
        (said,) = article_warnings(("KUHP-455", "UU21-4"), act_on=date(2025, 12, 31), today=TODAY)
        assert said.startswith("Art. 455 Law 1/2023")
        assert article_warnings(("KUHP-455",), act_on=date(2026, 1, 2), today=TODAY) == ()


def test_without_a_day_of_the_act_today_counts() -> None:
    assert article_warnings(("UU21-2",), act_on=None, today=TODAY)
    assert article_warnings(("KUHP-455",), act_on=None, today=TODAY) == ()
