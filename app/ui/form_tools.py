"""What forms borrow from the layers below: codes, dates, checks of single values, searches for places and agencies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from app.models.base import Record
from app.models.check import check_value, parse_phone
from app.models.codelist import codelist
from app.models.dates import parse_date
from app.models.field import Field, field_map
from app.models.nik import warnings as nik_warnings
from app.models.person import Person
from app.models.regions import region_path, regions
from app.services import directory
from app.services.desk import Desk
from app.ui.field_editors import FormTools, Problem
from app.ui.widgets.editors import Choices, Finder, Unreadable

FOUND = 12  # more than that nobody reads in a list under a field
DISTRICT, WARD = 4, 6


def tools_for(
    desk: Desk,
    record: type[Record],
    *,
    more: Sequence[Field] = (),
    finders: Mapping[str, Finder] | None = None,
    others: Callable[[], Mapping[str, Any]] = dict,
) -> FormTools:
    """The tools of a form over the fields of this record, and `more` of others.

    `others` gives what stands in the form, for checks across fields.
    """
    declared = {**field_map(record), **{extra.key: extra for extra in more}}

    def check(key: str, value: Any) -> Sequence[Problem]:
        problem = check_value(declared[key], value) if key in declared else None
        if problem is not None:
            return (Problem(key, problem.message),)
        if key == "nik" and record is Person:
            known = others()
            found = nik_warnings(
                value, sex=known.get("sex"), birth_date=known.get("birth_date"), region=known.get("region")
            )
            return tuple(Problem(key, words, "warning") for words in found)
        return ()

    return FormTools(
        codelists=choices,
        read_date=lambda words: parse_date(words, today=desk.today()),
        now=desk.now,
        check=check,
        cleared=desk.keyring is not None,
        finders={"region": region_finder(), "ref": agency_finder(desk), **(finders or {})},
        readers={"phone": _read_phone},
    )


def choices(name: str) -> Choices:
    """(code, label) of a codelist, without the retired ones, in the running language."""
    return [(code.code, code.label) for code in codelist(name).choices()]


def region_finder(*, digits: tuple[int, ...] = (DISTRICT, WARD)) -> Finder:
    """Districts and kecamatan by any part of their names; a district comes before its kecamatan."""

    def search(words: str) -> Choices:
        parts = words.casefold().replace("kabupaten", "kab.").split()
        found = [
            region
            for region in regions().values()
            if len(region.code) in digits and all(part in region.path.casefold() for part in parts)
        ]
        found.sort(key=lambda region: (_inside(parts, region.path), len(region.code), region.path))
        return [(region.code, region.path) for region in found[:FOUND]]

    return Finder(search, region_path)


def _inside(parts: Sequence[str], path: str) -> int:
    """How many of the parts stand only inside a word: "gar" means Garut before it means Tenggara."""
    words = path.casefold().split()
    return sum(not any(word.startswith(part) for word in words) for part in parts)


def agency_finder(desk: Desk) -> Finder:
    """Entries of the service directory by any part of their names."""

    def search(words: str) -> Choices:
        return [(a.id, a["name"]) for a in directory.agencies(desk, words=words)[:FOUND]]

    def name(agency_id: str) -> str:
        return next((a["name"] for a in directory.agencies(desk) if a.id == agency_id), agency_id)

    return Finder(search, name)


def recipient_finder(desk: Desk) -> Finder:
    """For whom a consent is given: the office behind an agency, or the agency itself when it works on paper."""

    def options() -> Choices:
        return [(a["office_id"] or a.id, a["name"]) for a in directory.recipients(desk)]

    def search(words: str) -> Choices:
        return [(code, name) for code, name in options() if words.casefold() in name.casefold()][:FOUND]

    return Finder(search, lambda code: dict(options()).get(code, code))


def _read_phone(words: str) -> str:
    try:
        return parse_phone(words)
    except ValueError as error:
        raise Unreadable(str(error)) from error
