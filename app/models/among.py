"""Rows by a list of their ids or numbers: one parameter, where IN (...) has one for each and a text to compile anew."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, func, select


def among(column: Any, values: Iterable[str | int]) -> ColumnElement[bool]:
    """Whether the column is one of these, however many they are."""
    told = func.json_each(json.dumps(list(values))).table_valued("value")
    found: ColumnElement[bool] = column.in_(select(told.c.value))
    return found
