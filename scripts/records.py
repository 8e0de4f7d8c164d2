"""Writes docs/records.md: the kinds of record and their fields, as app/models declares them, for a second client."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import app.models.all  # noqa: F401  declares every kind
from app.models.base import KINDS, Record
from app.models.field import Field, Kind, Merge, fields_of
from app.models.referral import COURSE

PAGE: Final = Path(__file__).parents[1] / "docs" / "records.md"

_HEAD: Final = """# Kinds of record and their fields

Made from `app/models` by `scripts/records.py`; [sync.md](sync.md) says how they travel. One field: its key, its shape,
its tier, the merge rule if it is not `scalar`, whether it is required, the list of its codes (`resources/codelists`),
older keys. `link` marks fields that say which record this one belongs to. Shapes: `text` and `long` are text, `code` is
a code, `codes` a sorted list of codes, `date` ISO text with `?`, `datetime` milliseconds, `int`, `bool`, `phone` E.164,
`nik` and `region` digits, `ref` the id of another record in 32 hexadecimal digits. Fields marked `sealed` hold sealed
values and nothing else.

Every record also has `made_at` (datetime), `made_by` (text) and `made_office` (ref: the office whose device began it);
all three are `once`. `case_id` is the case a record belongs to, and stands third in its operations.
"""


def _line(field: Field) -> str:
    facts = [f.value for f in (field.kind, field.tier)]
    facts += [field.merge.value] if field.merge is not Merge.SCALAR and field.kind is not Kind.CODES else []
    facts += ["sealed"] if field.sealed else []
    facts += ["required"] if field.required else []
    facts += ["link"] if field.group == "link" else []
    facts += [f"list {field.codelist}"] if field.codelist else []
    facts += [f"was {', '.join(field.aliases)}"] if field.aliases else []
    return f"`{field.key}` {', '.join(facts)}"


def _section(kind: str, record: type[Record]) -> str:
    own = [field for field in fields_of(record) if field.group != "entry"]
    return f"## {kind}\n\n" + "".join(f"- {_line(field)}\n" for field in own)


def _steps() -> str:
    rows = "".join(
        f"| {before or '(none)'} | {step} | {', '.join(sorted(sides))} |\n"
        for (before, step), sides in COURSE.transitions.items()
    )
    return (
        "## Steps of a referral\n\nA step is a `referral_event`. Played in the order of their revs, one that is not in "
        "this table is late and\nchanges nothing. DELIVERED is written by the centre.\n\n"
        f"| from | step | by |\n|---|---|---|\n{rows}"
    )


def page() -> str:
    """The page as it has to be."""
    return "\n".join([_HEAD, *(_section(kind, KINDS[kind]) for kind in sorted(KINDS)), _steps()])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
