"""Reads what a JSON file asks to be entered; every complaint names the place in the file."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from app.cli.shell import Shell
from app.errors import Invalid, UserError
from app.i18n import N_, _
from app.models.base import Record
from app.models.field import Field, Kind, field_map, said_fields
from app.services.validate import problems_of

MOST = 4 * 1024 * 1024  # bytes: more is no entry
Problems = list[tuple[str, str]]


def read_object(shell: Shell, where: str) -> dict[str, Any]:
    """The JSON object in a file, or on the standard input for `-`. UserError with a sentence if there is none."""
    text = _text(shell, where)
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise UserError(
            _("{file} is not JSON: line {line}, column {column}.").format(
                file=where, line=error.lineno, column=error.colno
            )
        ) from None
    except RecursionError:
        raise UserError(_("{file} is nested too deeply.").format(file=where)) from None
    if not isinstance(found, dict):
        raise UserError(_("{file} must hold one JSON object: {{...}}.").format(file=where))
    return found


def _text(shell: Shell, where: str) -> str:
    if where == "-":
        return shell.source.read(MOST)
    try:
        with Path(where).open(encoding="utf-8-sig") as source:
            text = source.read(MOST + 1)
    except FileNotFoundError:
        raise UserError(_("There is no file {file}.").format(file=where)) from None
    except UnicodeDecodeError:
        raise UserError(_("{file} is not a text file in UTF-8.").format(file=where)) from None
    except OSError as error:
        raise UserError(_("{file} cannot be read: {why}.").format(file=where, why=error.strerror)) from None
    if len(text) > MOST:
        raise UserError(_("{file} is too large for one entry.").format(file=where))
    return text


class Reading:
    """Turns the parts of an object into values for the services, and collects what is wrong with them."""

    def __init__(self) -> None:
        self.problems: Problems = []

    def keys(self, part: Mapping[str, Any], *, known: tuple[str, ...], at: str = "") -> None:
        """Complain about every key that nobody knows."""
        for key in part:
            if key not in known:
                self.problems.append((_path(at, key), _unknown(known)))

    def record(
        self, value: Any, record: type[Record], *, at: str, given: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """The fields of one record; `given` are values that come from elsewhere and need not be there."""
        if not isinstance(value, dict):
            self.problems.append((at, _("This must be an object: {...}.")))
            return {}
        fields, found = field_map(record), dict[str, Any]()
        enterable = tuple(field.key for field in said_fields(record))
        self.keys(value, known=(*enterable, *(given or ())), at=at)
        for key, held in value.items():
            if key in fields:
                found[key] = self._value(fields[key], held, at=_path(at, key))
        checked = {**(given or {}), **found}
        self.problems += [
            (_path(at, key), sentence)
            for key, sentence in problems_of(record, checked)
            if _path(at, key) not in dict(self.problems)
        ]
        return found

    def finish(self) -> None:
        """Invalid, with all problems, if there are any."""
        if self.problems:
            raise Invalid(_("Nothing was saved:"), self.problems)

    def _value(self, field: Field, value: Any, *, at: str) -> Any:
        if value is None:
            return None
        expected, test = _EXPECTED.get(field.kind, _TEXT)
        if not test(value):
            self.problems.append((at, _(expected)))
            return None
        if field.kind is Kind.DATETIME:
            return self._moment(value, at=at)
        return tuple(value) if field.kind is Kind.CODES else value

    def _moment(self, text: str, *, at: str) -> datetime | None:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            self.problems.append((at, _("This must be a moment with its zone, e.g. 2026-11-23T08:30:00+07:00.")))
            return None
        return moment


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_codes(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(code, str) for code in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool)


_TEXT: tuple[str, Callable[[Any], bool]] = (N_("This must be text."), _is_text)
_EXPECTED: dict[Kind, tuple[str, Callable[[Any], bool]]] = {
    Kind.CODES: (N_("This must be a list of codes: [...]."), _is_codes),
    Kind.INT: (N_("This must be a whole number."), _is_number),
    Kind.BOOL: (N_("This must be true or false."), _is_truth),
}


def _path(at: str, key: str) -> str:
    return f"{at}.{key}" if at else key


def _unknown(known: tuple[str, ...]) -> str:
    return _("There is no such key. Known here: {known}.").format(known=", ".join(known))
