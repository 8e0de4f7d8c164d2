"""Both sides held against each other from the command line, and the centre against itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from tests.centre import CentreUnderTest
from tests.cli.conftest import Terminal
from tests.cli.test_sync import enrol


def test_what_differs_from_the_centre_is_named_without_a_value(
    naungan: Terminal, centre: CentreUnderTest, unlocked: Callable[[Terminal], Any]
) -> None:
    enrol(naungan, centre)
    number = naungan.enter()["number"]
    assert naungan("sync").code == 0
    same = naungan("verify", "--centre", centre.base_url)
    assert (same.code, "record by record" in same.out) == (0, True), (same.out, same.err)
    context = unlocked(naungan)
    with context.sync_setup().write() as session:
        session.execute(text("UPDATE case_file SET summary = 'Rahasia', risk = 'LOW'"))
        session.execute(text("UPDATE person SET name = 'Nama Lain'"))
    context.close()
    said = naungan("verify", "--centre", centre.base_url)
    assert said.code == 3
    assert "2 records differ" in said.out
    [line] = [line for line in said.out.splitlines() if number in line]
    assert "risk, summary" in line
    told = naungan("verify", "--centre", "--json")
    assert told.code == 3
    assert [(one["kind"], one["side"], one["fields"]) for one in told.json["differences"]] == [
        ("case", "different", ["risk", "summary"]), ("person", "different", ["name"]),
    ]  # fmt: skip
    words = said.out + told.out
    assert not [value for value in ("Rahasia", "LOW", "HIGH", "Nama Lain", "Sitti", "Ditawari") if value in words]
    assert naungan("sync").code == 0
    assert naungan("verify", "--centre").code == 0


def test_a_centre_that_is_wrong_in_itself_says_where(naungan: Terminal, centre: CentreUnderTest) -> None:
    enrol(naungan, centre)
    naungan.enter()
    assert naungan("sync").code == 0
    words = ("central", "verify", "--database", centre.url_of["owner"], "--data", str(centre.data_dir))
    sound = naungan(*words)
    assert (sound.code, "sound" in sound.out) == (0, True), (sound.out, sound.err)
    [(person, content)] = centre.sql("SELECT id, content FROM record WHERE kind = 'person'")
    changed = bytes(content).replace(b"Sitti", b"Salah")
    centre.sql("UPDATE feed SET content = %s WHERE record = %s", changed, person)
    record = person.hex
    said, told = naungan(*words), naungan(*words, "--json")
    assert (said.code, told.code) == (3, 3)
    assert {(one["what"], one["record"]) for one in told.json["wrong"]} == {
        ("item", record), ("record", record), ("digest", ""),
    }  # fmt: skip
    assert record in said.out
    assert not [value for value in ("Sitti", "Salah") if value in said.out + told.out]
