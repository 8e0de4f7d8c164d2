"""What a spreadsheet would become: columns mapped to fields, every row read, its problems told. Nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from app.i18n import _, speaking
from app.lazy import lazy
from app.models import settings
from app.models.base import Record
from app.models.case import Case
from app.models.field import Field, Kind, said_fields
from app.models.permission import Permission
from app.models.person import Party, Person
from app.models.service import Note
from app.services.desk import Desk
from app.services.import_likely import Likely, likely
from app.services.import_values import NOTHING, code_of, parts_of, plain, said, value_of
from app.services.spreadsheet import Row, Sheet
from app.services.validate import problems_of

if TYPE_CHECKING:
    from rapidfuzz import fuzz, process
else:
    fuzz, process = lazy("rapidfuzz.fuzz"), lazy("rapidfuzz.process")

Progress = Callable[[int, int], None]  # rows done, rows in all
_SETTING = "import:"  # import:<heading> -> target; import-words:<target> -> what its words mean
_WORDS = "import-words:"
_AT_ONCE = 200  # rows between two looks into the file, and how soon a cancel is heard
_ALIKE = 88  # of 100: below it headings of something else come in
_OURS = frozenset({"number", "closed_at", "close_reason", "close_note", "reopened_at"})
KIND_OF: dict[str, type[Record]] = {"case": Case, "victim": Person, "part": Party, "note": Note}
_NOT_ASKED: dict[str, frozenset[str]] = {
    "case": _OURS, "victim": frozenset(), "part": frozenset({"role", "relation", "network_role"}),
    "note": frozenset({"note_kind", "at"}),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """Where a column may go: 'victim.name' and its field."""

    name: str
    field: Field

    @property
    def part(self) -> str:
        """'case', 'victim', 'part' or 'note'."""
        return self.name.split(".")[0]


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Which column goes where, what its words mean, and what stands in every row that says nothing.

    `columns` by index; `words` by target, as `plain` writes them.
    """

    columns: Mapping[int, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Planned:
    """One row as it would be saved. `problems`: (column index, -1 for the row as a whole; sentence)."""

    number: int
    values: Mapping[str, Mapping[str, Any]]
    problems: tuple[tuple[int, str], ...] = ()
    same_as: tuple[Likely, ...] = ()
    again: int = 0  # an earlier row of the file with the same NIK; 0 if there is none

    @property
    def known(self) -> str:
        """The id of somebody who is here already beyond doubt, by NIK; '' otherwise."""
        return next((found.id for found in self.same_as if found.sure), "")


@dataclass(frozen=True, slots=True)
class Plan:
    """A dry run: every row, and what nobody understood."""

    rows: tuple[Planned, ...]
    unknown: Mapping[str, Mapping[str, int]]  # target -> words that mean no code yet, as written, and how often

    @property
    def good(self) -> tuple[Planned, ...]:
        """The rows that would be saved."""
        return tuple(row for row in self.rows if not row.problems)


@lru_cache
def targets() -> dict[str, Target]:
    """Everything a column may become, by name, in the order of a form."""
    found = {}
    for part, record in KIND_OF.items():
        for declared in said_fields(record):
            if declared.key not in _NOT_ASKED[part] and declared.kind is not Kind.REF:
                found[f"{part}.{declared.key}"] = Target(f"{part}.{declared.key}", declared)
    return found


def headings(sheet: Sheet, at: int) -> tuple[str, ...]:
    """The names of the columns; one without a name is called by its letter."""
    width = max(len(row.cells) for row in sheet.rows)
    return tuple(said(sheet.rows[at][n]) or letter(n) for n in range(width))


def letter(column: int) -> str:
    """0 -> 'A', 26 -> 'AA'."""
    found, rest = "", column + 1
    while rest:
        rest, at = divmod(rest - 1, 26)
        found = chr(65 + at) + found
    return found


def suggest(desk: Desk, names: Sequence[str]) -> ColumnMap:
    """What was chosen for these headings before, or what they most likely mean; no target twice."""
    taken: dict[str, int] = {}
    with desk.read() as session:
        chosen = {at: settings.get(session, _SETTING + plain(name)[:50]) for at, name in enumerate(names)}
        words = {name: settings.get(session, _WORDS + name, {}) for name in targets()}
    for at, name in enumerate(names):
        target = chosen[at] if chosen[at] is not None else _meant(plain(name))
        if target in targets():
            taken.setdefault(target, at)
    return ColumnMap({at: target for target, at in taken.items()}, {name: w for name, w in words.items() if w})


def _meant(name: str) -> str:
    known = _names()
    if name in known:
        return known[name]
    best = process.extractOne(name, known.keys(), scorer=fuzz.token_sort_ratio, score_cutoff=_ALIKE)
    return known[best[0]] if best else ""


@lru_cache
def _names() -> dict[str, str]:
    """What headings may be called: the labels in both languages, the keys, and other words people use."""
    found: dict[str, str] = {}
    for language in ("id", "en"):
        with speaking(language):
            for name, target in reversed(targets().items()):
                found[plain(_(target.field.label))] = name
    found |= {target.field.key: name for name, target in reversed(targets().items())}
    return found | _OTHER_NAMES


_OTHER_NAMES = {
    "nama": "victim.name", "nama korban": "victim.name", "nama lengkap": "victim.name", "korban": "victim.name",
    "jk": "victim.sex", "l p": "victim.sex", "jenis kelamin": "victim.sex", "gender": "victim.sex",
    "tgl lahir": "victim.birth_date", "tanggal lahir": "victim.birth_date", "ttl": "victim.birth_date",
    "umur": "victim.age", "usia": "victim.age", "no ktp": "victim.nik", "no kk": "victim.family_card",
    "no hp": "victim.phone", "hp": "victim.phone", "telepon": "victim.phone", "no telp": "victim.phone",
    "alamat": "victim.address", "desa": "victim.village", "kelurahan": "victim.village",
    "kecamatan": "victim.region", "kabupaten": "victim.region", "kab kota": "victim.region",
    "tgl lapor": "case.reported_at", "tanggal lapor": "case.reported_at", "tanggal laporan": "case.reported_at",
    "tanggal": "case.reported_at", "no": "", "nomor": "", "no kasus": "case.old_number",
    "nomor kasus": "case.old_number", "no register": "case.old_number", "nomor register": "case.old_number",
    "kronologi": "case.summary", "uraian": "case.summary", "negara tujuan": "case.destination_country",
    "bentuk eksploitasi": "case.exploitation", "catatan": "note.text", "keterangan": "note.text",
}  # fmt: skip


def remember(desk: Desk, names: Sequence[str], mapping: ColumnMap) -> None:
    """Keep the choices, for the next file with these headings and words."""
    with desk.note(Permission.IMPORT) as session:
        for at, name in enumerate(names):
            settings.put(session, _SETTING + plain(name)[:50], mapping.columns.get(at, ""))
        for target, words in mapping.words.items():
            settings.put(session, _WORDS + target, dict(words))


def prepare(desk: Desk, sheet: Sheet, mapping: ColumnMap, *, heading: int, progress: Progress) -> Plan:
    """The dry run: read every row below the heading, check it like a form, look for whoever is here already."""
    desk.require(Permission.IMPORT)
    rows, today = sheet.rows[heading + 1 :], desk.today()
    unknown: dict[str, dict[str, int]] = {}
    planned: list[Planned] = []
    for start in range(0, len(rows), _AT_ONCE):
        progress(start, len(rows))
        some = [_planned(row, mapping, today, unknown) for row in rows[start : start + _AT_ONCE]]
        planned += _compared(desk, some)
    progress(len(rows), len(rows))
    return Plan(tuple(_repeated(planned)), unknown)


def _compared(desk: Desk, rows: Sequence[Planned]) -> Iterator[Planned]:
    """The same rows with whoever may be here already, where a row is good and names somebody."""
    asked = [row for row in rows if not row.problems and row.values.get("victim")]
    found = dict(zip((row.number for row in asked), likely(desk, [r.values["victim"] for r in asked]), strict=True))
    return (replace(row, same_as=found[row.number]) if found.get(row.number) else row for row in rows)


def _repeated(rows: Sequence[Planned]) -> Iterator[Planned]:
    """The same rows; one whose NIK stood further up says where."""
    seen: dict[str, int] = {}
    for row in rows:
        nik = str(row.values.get("victim", {}).get("nik") or "")
        again = seen.setdefault(nik, row.number) if nik else row.number
        yield replace(row, again=again) if again != row.number else row


def _planned(row: Row, mapping: ColumnMap, today: date, unknown: dict[str, dict[str, int]]) -> Planned:
    values: dict[str, dict[str, Any]] = {}
    problems: list[tuple[int, str]] = []
    if row.merged:
        problems.append((-1, _("Cells of this row are merged with others. Unmerge them, then try again.")))
    for name, given in mapping.given.items():
        values.setdefault(name.split(".")[0], {})[name.split(".")[1]] = given
    for column, name in sorted(mapping.columns.items()):
        declared = targets()[name].field
        try:
            value = value_of(declared, row[column], today=today, chosen=mapping.words.get(name, {}))
        except ValueError as error:
            problems.append((column, str(error)))
            _note_unknown(unknown, name=name, declared=declared, words=said(row[column]), mapping=mapping)
        else:
            if value not in (None, ()):
                values.setdefault(name.split(".")[0], {})[declared.key] = value
    problems += _whole(values, mapping, today, {column for column, _said in problems})
    return Planned(row.number, values, tuple(problems))


def _note_unknown(
    unknown: dict[str, dict[str, int]], *, name: str, declared: Field, words: str, mapping: ColumnMap
) -> None:  # fmt: skip
    """Keep the words of a code that nobody knows, so that a person can say once what they mean."""
    if declared.codelist is None:
        return
    for one in parts_of(words) if declared.kind is Kind.CODES else [words]:
        try:
            code_of(declared.codelist, one, mapping.words.get(name, {}))
        except ValueError:
            if one.casefold() not in NOTHING:
                words_of = unknown.setdefault(name, {})
                words_of[one] = words_of.get(one, 0) + 1


def _whole(
    values: dict[str, dict[str, Any]], mapping: ColumnMap, today: date, wrong: set[int]
) -> Iterator[tuple[int, str]]:
    """What is missing or contradicts itself in the row as a whole; a field that is wrong already is not said twice."""
    at = {name: column for column, name in mapping.columns.items()}
    for part, record in (("case", Case), ("victim", Person)):
        if part == "victim" and not values.get("victim"):
            continue
        for key, sentence in problems_of(record, values.get(part, {})):
            column = at.get(f"{part}.{key}", -1)
            if column not in wrong or column == -1:
                yield column, sentence
    reported = values.get("case", {}).get("reported_at")
    if reported is not None and reported.date() > today:
        yield at.get("case.reported_at", -1), _("This day lies ahead.")
    born = str(values.get("victim", {}).get("birth_date") or "")
    if born[:4] > str(today.year):
        yield at.get("victim.birth_date", -1), _("This day lies ahead.")
