"""A telephone number is kept as the world dials it, and what is none is refused."""

from __future__ import annotations

import pytest

from app.models.check import parse_phone


@pytest.mark.parametrize("typed", ["0812 3456 7890", "+62 812-3456-7890", "(0812) 34567890", "62812 3456 7890"])
def test_one_number_however_it_is_typed(typed: str) -> None:
    assert parse_phone(typed) == "+6281234567890"


@pytest.mark.parametrize(
    "typed", ["0812 abc", "0812 3456 7890 ibu", "081", "0812 3456 7890 1234 5678", "-", "tidak ada"]
)
def test_a_note_or_half_a_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_phone(typed)
