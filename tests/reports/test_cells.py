"""No cell begins a formula, whatever program cuts the line, and nothing is lost by that."""

from __future__ import annotations

import re
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reports.cells import begins_formula, guarded, unguarded, visible

ODD = st.text(alphabet="=+-@'\" ;,|\t\r\n\u00a0\u200b\uff1d\uff0b\u2212aZ1.", max_size=24)
FORMULAS = {
    "equals": "=1+1",
    "plus": "+6281234567890",
    "minus": "-2+3",
    "at": "@SUM(1;2)",
    "tab": "\t=1+1",
    "return": "\r=1+1",
    "line": "\n=1+1",
    "blank": "  =1+1",
    "no-break blank": "\u00a0=1+1",
    "unseen": "\u200b\ufeff=1+1",
    "wide": "\uff1d1+1",
    "wide plus": "\uff0b1",
    "raised": "\u207a1",
    "small": "\ufe661",
    "apostrophe": "'=1+1",
    "two apostrophes": "'' =1",
    "link": '=HYPERLINK("http://127.0.0.1:9/?"&A1;"x")',
    "exchange": "=cmd|' /C calc'!A0",
    "import": '=IMPORTXML(CONCAT("http://127.0.0.1:9/",A1),"//a")',
    "behind a semicolon": "Ani;=1+1",
    "behind a comma": 'Ani,"=1+1',
    "behind a line": "Ani\n=1+1",
    "behind a tab": "Ani\t @SUM(1)",
}


@pytest.mark.parametrize("text", FORMULAS.values(), ids=FORMULAS)
def test_it_is_guarded_and_comes_back(text: str) -> None:
    safe = guarded(text)
    assert safe != text
    assert unguarded(safe) == text
    for cell in (safe, *re.split(r'[;,|\t\r\n"]', safe)):
        assert not re.match(r"[\s\u200b\ufeff\u00a0]*[=+\-@\uff1d\uff0b\u207a\ufe66]", cell), cell


@given(ODD)
def test_every_odd_text_comes_back(text: str) -> None:
    assert unguarded(guarded(text)) == text


@given(st.text(max_size=60))
def test_any_text_comes_back_and_begins_no_formula(text: str) -> None:
    safe = guarded(text)
    assert unguarded(safe) == text
    assert not unicodedata.normalize("NFKC", safe).strip().startswith(("=", "+", "-", "@"))


def test_no_letter_that_becomes_a_sign_is_forgotten() -> None:
    signs = [chr(n) for n in range(sys.maxunicode + 1)
             if unicodedata.normalize("NFKC", chr(n)).strip()[:1] in ("=", "+", "-", "@")]  # fmt: skip
    assert len(signs) > 15
    assert [f"U+{ord(sign):04X}" for sign in signs if not begins_formula(f"{sign}1")] == []


@pytest.mark.parametrize("text", ["Siti Aminah", "Jl. Dago, No. 12", "16.00 - 17.00", "a@b.id", "3273-2026-A1-0041"])
def test_ordinary_words_stay_as_they_are(text: str) -> None:
    assert guarded(text) == text == visible(text)


def test_what_hides_is_written_out() -> None:
    assert visible("a\u202eb\x00c\r\nd\u2028e\tf") == "a[U+202E]b[U+0000]c\nd\ne f"
    assert visible("\ud800" * 20).endswith("[\u2026 + 8]")
