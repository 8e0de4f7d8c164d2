"""PDF, sheets and data say the same: what is allowed and nothing else, as words that do nothing."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from dataclasses import replace
from typing import Any

import openpyxl
import pytest

from app.errors import Invalid
from app.i18n import speaking
from app.models.all import KINDS
from app.models.field import Kind, Tier, fields_of
from app.models.sealed import HIDDEN, token
from app.reports.api import Format, case_summary_document, case_summary_file
from app.reports.case_list import COLUMNS, case_list_sheet
from app.reports.case_summary import SECTIONS
from app.reports.cells import begins_formula, unguarded, visible
from app.reports.document import texts
from app.reports.protect import disclose
from app.reports.redaction import BY_HAND, NEEDS_CONSENT, RELEASABLE, Profile, Release, held_by_hand
from app.reports.sheet import LONGEST, Book, Sheet, to_csv, to_xlsx
from tests.attacks import Survived, Tries
from tests.reports.files import everything, exported, numbered, sheets, table
from tests.reports.needles import HOLDERS, NOT_PRINTED, WORDS, fill_words, needles, plant
from tests.reports.sample import ALL, NOW, case_input, occasion, release, rid
from tests.reports.sample_more import HOLDERS_MORE, whole_case
from tests.reports.test_cells import FORMULAS
from tests.reports.test_payloads import PAYLOADS
from tests.reports.test_redaction import may_show

FREE = (Kind.TEXT, Kind.LONG, Kind.PHONE, Kind.NIK)
SHEETS = (Format.XLSX, Format.CSV)
LATER = "JarumDariVersiNanti"


def with_later_fields(case: Any) -> Any:
    """The case with a field of a newer peer in every record."""
    return replace(case, records={
        kind: tuple((record, {**content, "invented_later": LATER}) for record, content in rows)
        for kind, rows in case.records.items()
    })  # fmt: skip


@pytest.mark.parametrize("profile", tuple(Profile))
@pytest.mark.parametrize("form", tuple(Format))
def test_every_format_holds_what_the_profile_allows_and_nothing_else(form: Format, profile: Profile) -> None:
    free = [n for n in needles() if n.field.kind in FREE]
    words = everything(
        exported(with_later_fields(plant(*free)), form, release=release(profile), occasion=occasion()), form
    )
    found = {n.name for n in free if any(shown in words for shown in n.shown())}
    assert found == {n.name for n in free if may_show(n, profile) and n.name not in NOT_PRINTED}
    assert LATER not in words


@pytest.mark.parametrize("name", RELEASABLE)
def test_what_is_released_by_hand_leaves_and_nothing_else_with_it(name: str) -> None:
    planted = [n for n in (*needles(), *needles(HOLDERS_MORE)) if n.name in RELEASABLE]
    case = plant(*planted, case=whole_case(), holders=HOLDERS | HOLDERS_MORE)
    assert {n.name for n in planted} == RELEASABLE.keys() == held_by_hand(case, release())
    assert held_by_hand(case, release(may_leave=frozenset({"OPEN", "CASE"}))) == frozenset()
    profiles = sorted(NEEDS_CONSENT)
    for n, form in enumerate(Format):
        if len(name) % len(Format) != n and name.partition(".")[0] in HOLDERS_MORE:
            continue  # of many fields each in one form
        to = release(profiles[(n + len(name)) % 3], released=frozenset({name}))
        made = exported(case, form, release=to, occasion=occasion())
        words = everything(made, form)
        with speaking("id"):
            assert {n.name for n in planted if any(shown in words for shown in n.shown())} == {name}
        assert {field for field in made.fields if field in RELEASABLE} == {name}
        for stays in (replace(to, may_leave=ALL - BY_HAND), replace(to, profile=Profile.STATISTICS)):
            made = exported(case, form, release=stays, occasion=occasion())
            assert not RELEASABLE.keys() & set(made.fields)


def test_a_needle_in_every_field_of_many_cases(tries: Tries, survived: Survived) -> None:
    count, tried, held, control = tries(ci=8, full=1_000), 0, 0, 0
    hinges = ("consent.recipient", "referral.to_office")  # who is meant decides what else may leave
    others = [n for n in needles() if n.field.kind not in FREE and n.name not in hinges]
    for case in range(count):
        planted = [*numbered(case, FREE), others[case % len(others)]]
        with_needles = with_later_fields(plant(*planted))
        for n, profile in enumerate(Profile):
            form = tuple(Format)[(case + n) % len(Format)]
            made = exported(with_needles, form, release=release(profile), occasion=occasion())
            words = everything(made, form)
            with speaking("id"):
                found = {n.name for n in planted[:-1] if any(shown in words for shown in n.shown())}
            tried += 1
            control += bool(found)
            allowed = {n.name for n in planted[:-1] if may_show(n, profile) and n.name not in NOT_PRINTED}
            betrayed = not may_show(planted[-1], profile) and _betrays(words, planted[-1])
            held += found == allowed and LATER not in words and not betrayed
    survived(held, of=tried, control=f"what is allowed was found in {control} of {tried} files")


def _betrays(words: str, needle: Any) -> bool:
    """Codes, days and numbers, in words as in data."""
    with speaking("id"):
        return any(shown in words for shown in needle.shown()) or (
            needle.field.kind in WORDS and str(needle.value) in words
        )


@pytest.mark.parametrize("profile", [Profile.INTERNAL, Profile.COURT])
@pytest.mark.parametrize("form", tuple(Format))
def test_what_is_sealed_for_whoever_asks_never_leaves(form: Format, profile: Profile) -> None:
    closed = token(b"8 bytes.", b"x" * 40)
    case = case_input()
    records = {
        kind: tuple((record, {
            **content,
            **{f.key: [closed] if f.kind is Kind.CODES else HIDDEN if n % 2 else closed
               for n, f in enumerate(fields_of(KINDS[kind])) if f.tier is Tier.SENSITIVE},
        }) for record, content in rows)
        for kind, rows in case.records.items()
    }  # fmt: skip
    to = release(profile, released=frozenset(RELEASABLE))
    made = exported(replace(case, records=records), form, release=to, occasion=occasion())
    words = everything(made, form)
    assert not [bad for bad in ("sealed:1", "HIDDEN", closed[9:40]) if bad in words]
    assert not [name for name in made.fields if name in ("person.health", "person.disability", "service.place")]
    said = " ".join(texts(case_summary_document(
        replace(case, records=records), release=to, occasion=occasion(), language="en"
    )[0]))  # fmt: skip
    assert "Sealed for whoever made this document and left out" in said


@pytest.mark.parametrize("profile", tuple(Profile))
def test_data_holds_exactly_the_fields_of_the_register_and_no_identity(profile: Profile) -> None:
    made = exported(case_input(), Format.JSON, release=release(profile), occasion=occasion())
    told = json.loads(made.data)
    links = {f"{kind}.{f.key}" for kind in HOLDERS for f in fields_of(KINDS[kind]) if f.group == "link"}
    held = {f"{kind}.{key}" for kind in HOLDERS for record in told[kind] for key in record if key != "ref"}
    assert held - links <= set(made.fields)
    assert held >= {"case.risk", "party.role"}
    assert "conflict" not in told
    assert not re.search(r"[0-9a-f]{32}", made.data.decode())
    assert told["export"]["profile"] == profile


@pytest.mark.parametrize("form", tuple(Format))
@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_that_is_not_wanted_is_in_no_format(section: str, form: Format) -> None:
    whole = exported(case_input(), form, release=release(Profile.INTERNAL), occasion=occasion())
    there = replace(occasion(), left_out=frozenset({section}))
    made = exported(case_input(), form, release=release(Profile.INTERNAL), occasion=there)
    assert set(made.fields) <= set(whole.fields)
    gone = {"victims": "3273025703090000", "others": "Bang Jo", "account": "Rp15.000.000", "elements": "ILO.DECEPT"}
    if section in gone:
        assert gone[section] not in everything(made, form)


def test_every_payload_in_every_field_of_a_sheet_is_a_word(tries: Tries, survived: Survived) -> None:
    payloads = [*PAYLOADS.values(), *FORMULAS.values()][:: tries(ci=3, full=1)]
    held = control = 0
    for payload in payloads:
        there = occasion(recipient=payload, purpose=payload, worker=payload, supervisor=payload, place=payload)
        case = fill_words(payload, everywhere=len(payload) < 1_000)
        internal = Release(profile=Profile.INTERNAL)
        apart = sheets(exported(case, Format.XLSX, release=internal, occasion=there).data)
        rows = table(exported(case, Format.CSV, release=internal, occasion=there).data)
        texts_here = [str(cell.value) for cell in apart.cells]
        longest = visible(payload)[:60].strip()
        control += sum(longest in words.replace("_x000D_", "") for words in texts_here) > 10
        held += (
            not apart.active
            and all(cell.data_type in ("s", "n") and cell.hyperlink is None for cell in apart.cells)
            and all(cell.quotePrefix for cell in apart.cells if begins_formula(str(cell.value)))
            and not [cell for row in rows for cell in row if begins_formula(cell) and not cell.startswith("'")]
            and any(visible(payload) == unguarded(cell) for row in rows for cell in row)
        )
    survived(held, of=len(payloads), control=f"the words stood in the cells of {control} of {len(payloads)} sheets")
    assert control == len(payloads)


def test_the_properties_of_a_sheet_name_nobody_and_its_own_day() -> None:
    made = exported(case_input(), Format.XLSX, release=release(Profile.POLICE), occasion=occasion())
    file = openpyxl.load_workbook(io.BytesIO(made.data))
    kept = file.properties
    assert (kept.creator or "", kept.lastModifiedBy or "", kept.title) == ("", "", "Naungan")
    assert kept.created == NOW.replace(tzinfo=None)
    words = b"".join(data for name, data in sheets(made.data).parts.items() if name.startswith(("docProps", "_rels")))
    assert not [bad for bad in (b"Ani", b"3273", b"Siti", os.fsencode(os.getcwd())) if bad in words]
    there = occasion()
    cover = [[cell.value for cell in row] for row in file.worksheets[0].iter_rows()]
    said = {str(value) for row in cover for value in row}
    assert {there.recipient, there.purpose, there.export_id} <= said
    assert there.export_id in file.worksheets[1].oddFooter.left.text


def test_a_sheet_is_made_in_memory_alone() -> None:
    opened: list[str] = []
    listening = True

    def hear(event: str, found: tuple[Any, ...]) -> None:
        if listening and event == "open" and isinstance(found[2], int) and found[2] & (os.O_WRONLY | os.O_RDWR):
            opened.append(str(found[0]))

    sys.addaudithook(hear)
    many = Book(cover=(), sheets=(Sheet("x", tuple((f"Jarum {n}", n) for n in range(3_000))),))
    to_xlsx(many, now=NOW)
    to_csv(many)
    assert opened == []
    open(os.devnull, "w").close()  # the control: an opening is heard
    assert opened == [os.devnull]
    listening = False


def test_what_is_too_long_for_a_cell_goes_on_below() -> None:
    made = to_xlsx(Book(cover=(), sheets=(Sheet("x", (("W" * (LONGEST * 2 + 5), "b"), ("c", 0))),)), now=NOW)
    page = openpyxl.load_workbook(io.BytesIO(made)).worksheets[1]
    column = [page.cell(row, 1).value for row in range(1, 5)]
    assert "".join(column[:3]) == "W" * (LONGEST * 2 + 5)
    assert (column[3], page.cell(4, 2).value) == ("c", 0)


def test_a_sheet_travels_inside_an_age_file() -> None:
    form = Format.XLSX
    made = case_summary_file(case_input(), form, release=release(Profile.POLICE), occasion=occasion(), language="id")
    assert made.data.startswith(b"age-encryption.org/v1\n-> scrypt ")
    assert len(made.password.split("-")) == 6
    assert made.file_name.endswith(".xlsx.age")
    inside = disclose(made.data, made.password)
    assert "Ani Nurhayati" in everything(replace(made, data=inside), form)
    for data, words in ((made.data, made.password + "x"), (inside, made.password)):
        with pytest.raises(Invalid):
            disclose(data, words)


@pytest.mark.parametrize("word", ["../../etc/passwd", "CON", "NUL.txt", "..\\x", "C:\\y", "a\x00b", "\u202e", ""])
@pytest.mark.parametrize("form", tuple(Format))
def test_nobodys_words_are_in_the_name_of_a_file(word: str, form: Format) -> None:
    there = occasion(recipient=word, purpose=word, worker=word)
    case = fill_words(word or "x", everywhere=False)
    made = exported(case, form, release=Release(profile=Profile.INTERNAL), occasion=there)
    assert made.file_name == f"naungan-{there.export_id}.{form}"
    assert re.fullmatch(r"naungan-[0-9A-Za-z-]+\.(pdf|xlsx|csv|json)", made.file_name)


@pytest.mark.parametrize("title", ["[a]:*?/\\'", "", "x" * 40, "Korban", "KORBAN"])
def test_any_title_makes_a_sheet(title: str) -> None:
    pages = (Sheet(title, (("a",),)), Sheet(title, (("b",),)))
    file = openpyxl.load_workbook(io.BytesIO(to_xlsx(Book(cover=(), sheets=pages), now=NOW)))
    assert len(set(map(str.casefold, file.sheetnames))) == 3


def test_a_list_has_the_columns_of_its_profile_and_drops_the_rest() -> None:
    row = {column.key: f"Jarum{n}Q" for n, column in enumerate(COLUMNS)} | {"later": "JarumQ"}
    for profile in Profile:
        if profile in NEEDS_CONSENT:
            with pytest.raises(Invalid):
                case_list_sheet([row], profile)
            continue
        sheet, fields = case_list_sheet([row], profile)
        held = {column.key for column in COLUMNS if row[column.key] in sheet.rows[1]}
        assert fields == tuple(f"list.{column.key}" for column in COLUMNS if column.key in held)
        assert "JarumQ" not in sheet.rows[1]
        assert held == {column.key for column in COLUMNS if profile is Profile.INTERNAL or column.counts}
    assert not {"number", "initials", "lead", "next_step"} & held


def test_the_sample_has_the_record_each_needle_needs() -> None:
    assert rid(1) in dict(case_input().of("case"))
