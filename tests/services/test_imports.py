"""A spreadsheet comes in whole or not at all, says what is wrong with which cell, and can be taken back."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import func, select

from app.errors import Conflicted, Forbidden, Invalid
from app.i18n import speaking
from app.models.all import KINDS, Case
from app.models.local import AuditEntry, Batch, Operation
from app.models.permission import Permission
from app.services import case_list, duplicates, imports
from app.services.case_list import CaseQuery
from app.services.case_page import open_page
from app.services.case_parts import add_part
from app.services.desk import Desk
from app.services.import_plan import ColumnMap, Plan, headings, prepare, remember, suggest
from app.services.imports import NEW, SKIP, Cancelled, Source, take_in
from app.services.spreadsheet import MOST_BYTES, Book

HEADS = ("No", "Tgl lapor", "Saluran", "Risiko", "Nama Korban", "JK", "Umur", "NIK", "Catatan")
SITI = (1, "3/2/2024", "Datang langsung", "Tinggi", "Siti Aminah", "Pr", 17, "3273014708090001", "Dari buku register")
BUDI = (2, "4/2/2024", "Datang langsung", "Sedang", "Budi", "L", 31, "", "")
SOURCE = Source("register.xlsx", "2024")
GIVEN: dict[str, Any] = {}


def sheet_file(path: Path, *rows: tuple[Any, ...], merge: str = "") -> Path:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("2024")
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, dt.date):
                    sheet.write_datetime(at, column, dt.datetime.combine(value, dt.time()), day)
                else:
                    sheet.write(at, column, value)
        if merge:
            sheet.merge_range(merge, "gabung")
    return path


def read_whole(path: Path) -> None:
    book = Book(path)
    book.read(book.sheets[0])


def planned(desk: Desk, path: Path, *, words: dict[str, dict[str, str]] | None = None) -> Plan:
    book = Book(path)
    sheet = book.read(book.sheets[0])
    at = sheet.heading()
    mapping = suggest(desk, headings(sheet, at))
    if words:
        mapping = ColumnMap(mapping.columns, words, GIVEN)
    return prepare(desk, sheet, mapping, heading=at, progress=lambda _done, _all: None)


def taken(desk: Desk, plan: Plan, decided: dict[int, str] | None = None) -> str:
    return take_in(desk, plan, source=SOURCE, decided=decided or {}, progress=lambda _done, _all: None).id


def counted(desk: Desk) -> dict[str, int]:
    with desk.read() as session:
        tables = {kind: session.scalar(select(func.count()).select_from(KINDS[kind])) or 0 for kind in KINDS}
        return tables | {"operation": session.scalar(select(func.count()).select_from(Operation)) or 0}


def test_a_register_comes_in_and_goes_out_again(desk: Desk, tmp_path: Path) -> None:
    before = counted(desk)
    plan = planned(desk, sheet_file(tmp_path / "r.xlsx", HEADS, SITI, BUDI))
    assert [row.problems for row in plan.rows] == [(), ()]
    batch = taken(desk, plan)
    (siti,) = case_list.rows(desk, case_list.ids(desk, CaseQuery(text="Sitti Aminah")))
    page = open_page(desk, siti.id)
    assert page.case["reported_at"].isoformat() == "2024-02-02T17:00:00+00:00"
    (victim,) = page.victims
    assert (victim.person["sex"], victim.person["age"], victim.person["nik"]) == ("P", 17, "3273014708090001")
    assert [note["text"] for note in page.notes] == ["Dari buku register"]
    (done,) = imports.taken(desk)
    assert (done.cases, done.file, done.why_not) == (2, "register.xlsx", "")
    imports.undo(desk, batch)
    assert counted(desk) == before
    assert case_list.ids(desk, CaseQuery(text="Siti")) == []
    assert duplicates.candidates(desk, {"name": "Siti Aminah"}) == ()
    assert imports.taken(desk)[0].undone_at is not None
    with pytest.raises(Conflicted):
        imports.undo(desk, batch)
    with desk.read() as session:
        actions = set(session.scalars(select(AuditEntry.action)))
    assert {"import", "undo_import"} <= actions


def test_what_is_wrong_is_said_at_its_cell_and_the_rest_comes_in(desk: Desk, tmp_path: Path) -> None:
    rows = (
        SITI, (*BUDI[:5], "?", *BUDI[6:]), (3, 43831.0, *BUDI[2:]), ("", "", "", "", "", "", "", "", ""),
        (4, "5/2/2024", "Datang langsung", "Sedang", "Ani", "P", 9, 3273014708090002.0, ""),
        (5, "5/2/2031", *BUDI[2:]), (6, "5/2/2024", "Radio tetangga", *BUDI[3:]),
    )  # fmt: skip
    with speaking("en"):
        plan = planned(desk, sheet_file(tmp_path / "r.xlsx", HEADS, *rows))
    wrong = {row.number: row.problems for row in plan.rows if row.problems}
    assert {number: [column for column, _words in found] for number, found in wrong.items()} == {
        3: [5], 4: [1], 6: [7], 7: [1], 8: [2],
    }  # fmt: skip
    assert "lost its last digit" in wrong[6][0][1]
    assert plan.unknown == {"victim.sex": {"?": 1}, "case.channel": {"Radio tetangga": 1}}
    taken(desk, plan)
    assert len(case_list.ids(desk, CaseQuery())) == 1


def test_what_words_mean_is_chosen_once_and_remembered(desk: Desk, tmp_path: Path) -> None:
    path = sheet_file(tmp_path / "r.xlsx", HEADS, (*SITI[:5], "anak pr", *SITI[6:]))
    assert planned(desk, path).unknown == {"victim.sex": {"anak pr": 1}}
    sheet = Book(path).read("2024")
    names = headings(sheet, 0)
    mapping = suggest(desk, names)
    assert {names[at]: target for at, target in mapping.columns.items()} == {
        "Tgl lapor": "case.reported_at", "Saluran": "case.channel", "Risiko": "case.risk", "Nama Korban": "victim.name",
        "JK": "victim.sex", "Umur": "victim.age", "NIK": "victim.nik", "Catatan": "note.text",
    }  # fmt: skip
    columns = {**mapping.columns, 0: "case.old_number"}
    remember(desk, names, ColumnMap(columns, {"victim.sex": {"anak pr": "P"}}))
    assert suggest(desk, names).columns == columns
    (row,) = planned(desk, path).rows
    assert (row.problems, row.values["victim"]["sex"], row.values["case"]["old_number"]) == ((), "P", "1")


def test_somebody_who_is_here_already_is_found_and_a_person_decides(desk: Desk, tmp_path: Path) -> None:
    path = sheet_file(tmp_path / "r.xlsx", HEADS, SITI)
    taken(desk, planned(desk, path))
    twice = sheet_file(tmp_path / "s.xlsx", HEADS, SITI, (*SITI[:4], "Siti Aminah binti Ali", *SITI[5:]), BUDI)
    plan = planned(desk, twice)
    assert [bool(row.same_as) for row in plan.rows] == [True, True, False]
    assert (plan.rows[0].known, plan.rows[1].again) == (plan.rows[0].same_as[0].id, 2)
    taken(desk, plan, {plan.rows[2].number: SKIP})
    items = case_list.rows(desk, case_list.ids(desk, CaseQuery()))
    people = {open_page(desk, item.id).victims[0].person.id for item in items}
    assert (len(items), people) == (3, {plan.rows[0].known})
    taken(desk, plan, {2: NEW, 3: NEW, 4: SKIP})
    assert len({p.person.id for p in duplicates.candidates(desk, {"name": "Siti Aminah"})}) == 2


def test_an_import_that_is_stopped_or_breaks_leaves_nothing(desk: Desk, tmp_path: Path) -> None:
    plan = planned(desk, sheet_file(tmp_path / "r.xlsx", HEADS, SITI, BUDI))
    before, asked = counted(desk), iter([False, True])
    with pytest.raises(Cancelled):
        take_in(desk, plan, source=SOURCE, decided={}, progress=lambda *_: None, stopped=lambda: next(asked))
    asked_late: list[bool] = []
    with pytest.raises(Cancelled):  # all rows are entered, and the lists are being derived from them
        take_in(desk, plan, source=SOURCE, decided={}, stopped=lambda: bool(asked_late),
                progress=lambda done, total: asked_late.append(True) if done == total else None)  # fmt: skip
    assert counted(desk) == before
    assert imports.taken(desk) == ()
    with pytest.raises(Invalid):
        taken(desk, plan, {2: SKIP, 3: SKIP})


def test_what_was_sent_or_worked_on_is_not_taken_back(desk: Desk, tmp_path: Path) -> None:
    plan = planned(desk, sheet_file(tmp_path / "r.xlsx", HEADS, SITI))
    worked = taken(desk, plan)
    (item,) = case_list.rows(desk, case_list.ids(desk, CaseQuery()))
    add_part(desk, item.id, "note", {"text": "Dikunjungi"})
    with pytest.raises(Conflicted):
        imports.undo(desk, worked)
    sent = taken(desk, planned(desk, sheet_file(tmp_path / "s.xlsx", HEADS, BUDI)))
    with desk.note(Permission.IMPORT) as session:
        session.add(Batch(n=1, data=b"", digest=b"", operations=1, state="FROZEN", offset=0, frozen_at=desk.now()))
        for op in session.scalars(select(Operation)):
            op.batch = 1
    with pytest.raises(Conflicted):
        imports.undo(desk, sent)
    with desk.read() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 2


def test_who_may_not_write_cases_imports_none(desk: Desk, as_role: Any, tmp_path: Path) -> None:
    path = sheet_file(tmp_path / "r.xlsx", HEADS, SITI)
    for role in ("SECRETARY", "ADMIN", "PARTNER"):
        with pytest.raises(Forbidden):
            planned(as_role(role), path)


def test_a_sealed_column_from_somebody_who_is_not_cleared_is_refused_and_nothing_is_saved(
    desk: Desk, uncleared: Desk, tmp_path: Path
) -> None:
    path = sheet_file(tmp_path / "r.xlsx", (*HEADS, "Kesehatan"), (*BUDI, ""), (*SITI, "Sering demam"))
    before, plan = counted(desk), planned(uncleared, path)
    assert [row.values["victim"].get("health") for row in plan.good] == [None, "Sering demam"]
    with speaking("en"), pytest.raises(Forbidden, match="cleared for sealed details"):
        taken(uncleared, plan)
    assert counted(desk) == before
    assert (imports.taken(desk), case_list.ids(desk, CaseQuery())) == ((), [])
    taken(desk, plan)
    items = case_list.rows(desk, case_list.ids(desk, CaseQuery()))
    persons = [open_page(desk, item.id).victims[0].person for item in items]
    assert {one["name"]: one["health"] for one in persons} == {"Budi": None, "Siti Aminah": "Sering demam"}


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.xlsx", b"", "empty"),
        ("a.xlsx", b"PK\x03\x04 junk", "damaged"),
        ("a.xlsx", b"Nama,JK\nSiti,P\n", "damaged"),
        ("a.ods", b"\x00" * 64, "damaged"),
        ("a.docx", b"x", "XLSX, ODS or CSV"),
        ("a.csv", b"a\x00b\n", "damaged"),
        ("a.csv", b"\n\n , ,\n", "nothing in this sheet"),
        ("a.csv", b",".join([b"x"] * 400), "columns"),
        ("a.csv", b'Nama,JK\n"Siti,P\n' + b"y" * 200_000, "cannot be read"),
        ("a.csv", b"x" * (MOST_BYTES + 1), "larger than"),
    ],
)
def test_a_bad_file_is_refused_with_what_to_do(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with speaking("en"), pytest.raises(Invalid, match=words):
        read_whole(path)
    with speaking("en"), pytest.raises(Invalid, match="cannot be opened"):
        Book(tmp_path / "none.csv")


def test_old_encodings_merged_cells_formulas_and_a_million_empty_rows(desk: Desk, tmp_path: Path) -> None:
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        (tmp_path / "c.csv").write_bytes("Nama;JK\nCafé Ñandú di Yogyakarta\n".encode(encoding))
        assert Book(tmp_path / "c.csv").read("c").rows[1].cells == ("Café Ñandú di Yogyakarta",)
    for sign in ";,\t|":  # a title above, and a decimal comma within
        (tmp_path / "c.csv").write_text(f'Laporan 2024\nNama{sign}"Lama, tahun"{sign}JK\nAni{sign}"1,5"{sign}P\n')
        sheet = Book(tmp_path / "c.csv").read("c")
        assert (sheet.heading(), sheet.rows[2].cells) == (1, ("Ani", "1,5", "P"))
    with speaking("en"):
        plan = planned(desk, sheet_file(tmp_path / "m.xlsx", HEADS, SITI, BUDI, BUDI, merge="E3:E4"))
    assert [row.number for row in plan.rows if row.problems] == [3, 4]
    assert "merged" in plan.rows[1].problems[0][1]
    with xlsxwriter.Workbook(tmp_path / "f.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Nama", "Umur"])
        sheet.write_formula(1, 0, '="Si"&"ti"', None, "Siti")
        sheet.write_formula(1, 1, "=1/0", None, "#DIV/0!")
        sheet.write(1_048_575, 0, " ")
    rows = Book(tmp_path / "f.xlsx").read("Sheet1").rows
    assert [row.cells for row in rows] == [("Nama", "Umur"), ("Siti",)]
