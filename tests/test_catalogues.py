"""Every text for people is there in both languages, and the check that says so is awake."""

from __future__ import annotations

import gettext
from datetime import timedelta
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from app import i18n
from scripts import catalogue


def message(text: str | tuple[str, str], translation: str | tuple[str, ...], **more: bool) -> list[str]:
    """What the check says about one translation."""
    book = Catalog(locale="id")
    book.add(text, translation, flags=["fuzzy"] if more.get("fuzzy") else [])
    return [fault for item in catalogue.texts(book) for fault in catalogue.faults(item)]


def test_every_text_is_translated() -> None:
    assert catalogue.check() == []


def test_the_template_names_no_line_of_code_and_no_day() -> None:
    text = catalogue.TEMPLATE.read_text(encoding="utf-8")
    assert "#:" not in text
    assert '"POT-Creation-Date: 2026-01-01 00:00+0000\\n"' in text


@pytest.mark.parametrize(
    ("text", "translation"),
    [
        ("Save", ""),
        ("Save", " "),
        ("{n} of {all}", "{n} dari semua"),
        ("{n} of {all}", "{n} dari {semua}"),
        ("{n} of {all}", "{n} dari {all"),
        ("Name: ", "Nama:"),
        (("{n} day", "{n} days"), ("hari", "hari")),
        (("{n} day", "{n} days"), ("", "")),
    ],
)
def test_a_fault_is_found(text: str | tuple[str, str], translation: str | tuple[str, ...]) -> None:
    assert message(text, translation)


def test_an_uncertain_translation_is_found() -> None:
    assert message("Save", "Simpan", fuzzy=True)


@pytest.mark.parametrize(
    ("text", "translation"),
    [
        ("Save", "Simpan"),
        ("{n} of {all}", "{all}: {n}"),
        ("One case", "Satu kasus"),
        (("One case", "{n} cases"), ("{n} kasus", "{n} kasus")),
    ],
)
def test_a_good_translation_passes(text: str | tuple[str, str], translation: str | tuple[str, ...]) -> None:
    assert message(text, translation) == []


def test_a_text_only_one_side_has_is_found() -> None:
    mine, theirs = Catalog(), Catalog()
    mine.add("Save")
    theirs.add("Close")
    assert len(list(catalogue.differences(mine, theirs))) == 2


def test_extraction_sees_every_kind_of_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "x.py").write_text(
        '_("a")\nN_("b")\nngettext("{n} c", "{n} cs", n)\npgettext("noun", "d")\n'
        '_("long "\n  "text")\n_(form["key"].help)\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(catalogue, "ROOT", tmp_path)
    found = [catalogue.key(item) for item in catalogue.texts(catalogue.extract())]
    assert found == ["a", "b", "long text", "noun@@d", "{n} c|||{n} cs"]


def test_a_table_of_new_texts_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "new.tsv"
    table.write_text(
        "Save\tSimpan\n{n} day|||{n} days\t{n} hari\nTwo\\nlines\tDua\\nbaris\n\nEmpty\t\n", encoding="utf-8"
    )
    assert dict(catalogue.read_table(table)) == {
        "Save": "Simpan", "{n} day|||{n} days": "{n} hari", "Two\nlines": "Dua\nbaris",
    }  # fmt: skip
    assert "new.tsv:5 has no translation" in capsys.readouterr().out


def test_update_keeps_what_is_known_and_drops_what_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "LOCALE", tmp_path)
    monkeypatch.setattr(catalogue, "TEMPLATE", tmp_path / "naungan.pot")
    for texts in (("Save", "Gone"), ("Save", "New")):
        template = catalogue.new_catalogue()
        for text in texts:
            template.add(text)
        catalogue.write(template, catalogue.TEMPLATE)
        table = tmp_path / f"{texts[1]}.tsv"
        table.write_text("Save\tSimpan\n" if "Gone" in texts else "New\tBaru\n", encoding="utf-8")
        catalogue.update([table])
    indonesian = {item.id: item.string for item in catalogue.texts(catalogue.read(catalogue.po("id"), "id"))}
    english = {item.id: item.string for item in catalogue.texts(catalogue.read(catalogue.po("en"), "en"))}
    assert indonesian == {"Save": "Simpan", "New": "Baru"}
    assert english == {"Save": "Save", "New": "New"}
    catalogue.compile_all()
    assert gettext.translation("naungan", tmp_path, ["id"]).gettext("New") == "Baru"
    assert sorted(path.name for path in catalogue.po("id").parent.iterdir()) == ["naungan.mo", "naungan.po"]


def test_the_program_speaks_both_languages() -> None:
    catalogue.compile_all()
    i18n._catalogue.cache_clear()
    span = timedelta(hours=3, minutes=1)
    assert i18n.format_duration(span) == "3 jam 1 menit"
    with i18n.speaking("en"):
        assert i18n.format_duration(span) == "3 hours 1 minute"
