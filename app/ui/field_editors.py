"""From the declaration of a field to its editor; what a form borrows from the layers below it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any, Protocol

from app.i18n import _, format_time, zone
from app.ui.widgets.editors import (
    Choices,
    CodeEditor,
    CodesEditor,
    Editor,
    Finder,
    LongEditor,
    PickEditor,
    TextEditor,
    Unreadable,
)

Reader = Callable[[str], Any]


class FieldLike(Protocol):
    """What a form looks at in app.models.field.Field."""

    @property
    def key(self) -> str:
        """The name of the value."""

    @property
    def label(self) -> str:
        """Message id."""

    @property
    def kind(self) -> str:
        """text, long, code, codes, date, datetime, int, bool, phone, nik, region, ref."""

    @property
    def tier(self) -> str:
        """How far the value may travel."""

    @property
    def sealed(self) -> bool:
        """Whether it is kept as tokens, which only some may open."""

    @property
    def codelist(self) -> str | None:
        """Name of the list of a coded field."""

    @property
    def required(self) -> bool:
        """Whether sending needs it; a draft does not."""

    @property
    def help(self) -> str:
        """Message id of the hint under the editor."""

    @property
    def unit(self) -> str:
        """Message id of the unit."""

    @property
    def relevant_when(self) -> tuple[str, tuple[str, ...]] | None:
        """(other field, codes): shown only then."""


@dataclass(frozen=True)
class Problem:
    """Something about one value: severity "error" must be put right, "warning" may stand."""

    key: str
    message: str
    severity: str = "error"


def no_problems(_key: str, _value: Any) -> Sequence[Problem]:
    """The check of a form that has none."""
    return ()


@dataclass(frozen=True)
class FormTools:
    """What a form borrows: lists of codes, the reading of typed dates, checks, searches, the clock."""

    codelists: Callable[[str], Choices]  # name -> (code, label) in the language in use
    read_date: Callable[[str], str]  # typed text -> ISO date, unknown parts "??"; ValueError says what to type
    now: Callable[[], datetime]  # aware UTC
    check: Callable[[str, Any], Sequence[Problem]] = no_problems
    finders: Mapping[str, Finder] = field(default_factory=dict)  # by key of a field, or by kind "region", "ref"
    cleared: bool = True  # whether the signed-in user reads and writes what is sealed
    readers: Mapping[str, Reader] = field(default_factory=dict)  # by kind: typed text -> value, e.g. phone to E.164


def editor_for(declared: FieldLike, *, tools: FormTools) -> Editor:
    """The editor of a field. KeyError when a field needs a finder and `tools` has none."""
    kind = str(declared.kind)
    if kind == "long":
        return LongEditor()
    if kind == "code":
        return CodeEditor(tools.codelists(declared.codelist or ""))
    if kind == "codes":
        return CodesEditor(tools.codelists(declared.codelist or ""), name=_(declared.label))
    if kind == "bool":
        return CodeEditor([(True, _("Yes")), (False, _("No"))])
    if kind in ("region", "ref"):
        return PickEditor(tools.finders.get(declared.key) or tools.finders[kind])
    if kind == "date":
        return TextEditor(read=tools.read_date, show=typed_date)
    if kind == "datetime":
        return TextEditor(read=lambda words: read_moment(words, tools=tools), show=typed_moment)
    return TextEditor(read=tools.readers.get(kind) or _READERS.get(kind))


def typed_date(iso: str) -> str:
    """A date as one would type it: '17/08/2009', '?/8/2009', '2009'."""
    year, month, day = iso.split("-")
    if "?" in month:
        return year
    return f"?/{int(month)}/{year}" if "?" in day else f"{day}/{month}/{year}"


def typed_moment(moment: datetime) -> str:
    """A date and time as one would type it, in the zone in use: '17/08/2026 14.30'."""
    local = moment.astimezone(zone())
    return f"{local:%d/%m/%Y} {format_time(moment)}"


def read_moment(words: str, *, tools: FormTools) -> datetime:
    """Aware UTC of '17/8/26 14.30', 'h 9.10' or 'h' (now). Unreadable, saying what to type, if it is none."""
    found = re.fullmatch(r"(.*?)(?:\s+(\d{1,2})[.:](\d{2}))?", words.strip())
    assert found is not None
    day, hour, minute = found[1], found[2], found[3]
    iso = tools.read_date(day)
    if "?" in iso:
        raise Unreadable(_("Here the whole date must be known."))
    if hour is None:
        now = tools.now()
        if iso != now.astimezone(zone()).date().isoformat():
            raise Unreadable(_("Type the time as well: 17/8/2026 14.30."))
        return now.replace(second=0, microsecond=0)
    if int(hour) > 23 or int(minute) > 59:
        raise Unreadable(_("There is no such time of day."))
    local = datetime.combine(date.fromisoformat(iso), time(int(hour), int(minute)), zone())
    return local.astimezone(UTC)


def _read_int(words: str) -> int:
    plain = re.sub(r"(?<=\d)[., ](?=\d{3}(\D|$))", "", words)
    if not re.fullmatch(r"\d{1,15}", plain):
        raise Unreadable(_("Type a whole number, digits only."))
    return int(plain)


def _read_nik(words: str) -> str:
    return re.sub(r"[\s.-]", "", words)


_READERS: Mapping[str, Reader] = {"int": _read_int, "nik": _read_nik}
