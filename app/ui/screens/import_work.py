"""What a person has chosen so far about a spreadsheet that is to come in, and what was read of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.i18n import N_, _
from app.services.import_plan import ColumnMap, Plan, headings, targets
from app.services.import_values import said
from app.services.imports import SKIP
from app.services.spreadsheet import Book, Row, Sheet
from app.ui.table import Query

GIVEN = ("channel", "risk", "reporter_type", "reported_to")  # of a case: what one register often leaves unsaid
PARTS = {"case": N_("Case"), "victim": N_("Victim"), "part": N_("Victim in this case"), "note": N_("Note")}
_EXAMPLES = 3
_LOOKED = 200


@dataclass(frozen=True, slots=True)
class Loaded:
    """A file as it was read behind the screen."""

    path: Path
    book: Book
    sheet: Sheet


@dataclass(slots=True)
class ImportWork:
    """`content()` is what a draft keeps: the choices, never a cell of the file."""

    path: Path | None = None
    book: Book | None = None
    sheet: Sheet | None = None
    heading: int = 0
    columns: dict[int, str] = field(default_factory=dict)
    proposed: set[int] = field(default_factory=set)  # columns nobody has confirmed yet
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    decided: dict[int, str] = field(default_factory=dict)
    plan: Plan | None = None

    def content(self) -> Mapping[str, Any]:
        """Plain data for the draft."""
        return {
            "path": str(self.path or ""), "sheet": self.sheet.name if self.sheet else "", "heading": self.heading,
            "columns": {str(at): name for at, name in self.columns.items()}, "words": self.words, "given": self.given,
            "decided": {str(row): who for row, who in self.decided.items()},
        }  # fmt: skip

    def restore(self, content: Mapping[str, Any]) -> None:
        """The choices of a draft; its file is read already. What no field is called any more is left out."""
        known = targets()
        self.heading = int(content.get("heading", 0))
        self.columns = {int(at): name for at, name in content.get("columns", {}).items() if name in known}
        self.proposed = set()
        self.words = {name: dict(words) for name, words in content.get("words", {}).items()}
        self.given = dict(content.get("given", {}))
        self.decided = {int(row): who for row, who in content.get("decided", {}).items()}

    def clear(self) -> None:
        """Nothing is chosen any more."""
        self.path = self.book = self.sheet = self.plan = None
        self.restore({})

    def headed(self) -> tuple[str, str, int]:
        """Which headings the columns are chosen for: file, sheet, row."""
        return str(self.path), self.sheet.name if self.sheet else "", self.heading

    def coming(self) -> int:
        """How many cases come in as it stands."""
        rows = self.plan.good if self.plan else ()
        return sum(self.decided.get(one.number, one.known) != SKIP for one in rows)

    def names(self) -> tuple[str, ...]:
        """The headings of the columns."""
        return headings(self.sheet, self.heading) if self.sheet else ()

    def mapping(self) -> ColumnMap:
        """What the dry run is given."""
        given = {f"case.{key}": value for key, value in self.given.items() if value not in (None, "", ())}
        return ColumnMap(dict(self.columns), {name: dict(words) for name, words in self.words.items()}, given)

    def examples(self, column: int) -> tuple[str, ...]:
        """The first few different values below a heading."""
        rows = self.sheet.rows[self.heading + 1 :][:_LOOKED] if self.sheet else ()
        found = dict.fromkeys(said(row[column]) for row in rows)
        return tuple(words for words in found if words)[:_EXAMPLES]

    def missing(self) -> list[str]:
        """What every case needs and no column gives yet, in words."""
        there = {*self.mapping().columns.values(), *self.mapping().given}
        wanted = ["case.reported_at", "case.channel", "case.risk"]
        if any(name.startswith("victim.") for name in there):
            wanted += ["victim.name", "victim.sex"]
        return [target_label(name) for name in wanted if name not in there]

    def row(self, number: int) -> Row | None:
        """A row of the file by the number the spreadsheet shows."""
        return next((row for row in self.sheet.rows if row.number == number), None) if self.sheet else None


def target_label(name: str) -> str:
    """'victim.name' -> 'Victim: Name'."""
    target = targets()[name]
    return f"{_(PARTS[target.part])}: {_(target.field.label)}"


class Listed:
    """A list that is in memory already, as a source of rows; an id is the place in the list."""

    def __init__(self) -> None:
        self.items: Sequence[Any] = ()
        self.shown: Sequence[int] = ()

    def put(self, items: Sequence[Any], shown: Sequence[int] | None = None) -> None:
        """Show these, or those of them."""
        self.items = items
        self.shown = range(len(items)) if shown is None else shown

    def ids(self, _query: Query) -> Sequence[int]:
        """In the order of the file."""
        return self.shown

    def rows(self, ids: Sequence[int]) -> Sequence[Any]:
        """One per id."""
        return [self.items[at] for at in ids]
