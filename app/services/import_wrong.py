"""What is wrong with which row of a spreadsheet, as a table to mend it by. Nothing of the cells is in it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from app.i18n import _
from app.models.permission import Permission
from app.services.desk import Desk
from app.services.import_plan import ColumnMap, Plan, letter, targets

_QUOTED = re.compile("\u201c[^\u201d]*\u201d")


def wrong_rows(desk: Desk, plan: Plan, mapping: ColumnMap) -> bytes:
    """CSV for a spreadsheet program: row, column, field, reason. Words of the file are left out of the reasons."""
    desk.require(Permission.IMPORT)
    written = io.StringIO(newline="")
    table = csv.writer(written)
    table.writerow((_("Row"), _("Column"), _("Field"), _("What is wrong")))
    table.writerows(_lines(plan, mapping))
    return written.getvalue().encode("utf-8-sig")


def _lines(plan: Plan, mapping: ColumnMap) -> Iterator[tuple[str, str, str, str]]:
    for row in plan.rows:
        for column, sentence in row.problems:
            name = mapping.columns.get(column, "")
            field = _(targets()[name].field.label) if name else ""
            at = letter(column) if column >= 0 else ""
            yield str(row.number), at, field, _QUOTED.sub("\u201c\u2026\u201d", sentence)
