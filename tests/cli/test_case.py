"""Cases from the command line: entered from JSON or refused with a place, listed, shown, closed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import INTAKE, Terminal


def put(*path: str | int, value: Any) -> dict[str, Any]:
    """The intake with another value at this place."""
    changed = json.loads(json.dumps(INTAKE))
    place = changed
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return changed  # type: ignore[no-any-return]


def test_a_whole_intake_from_a_file_is_listed_shown_and_closed(naungan: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "intake.json"
    file.write_text(json.dumps(INTAKE), encoding="utf-8")
    made = naungan("case", "new", "--from", str(file), "--json").json
    assert made["number"].startswith("3273-26-")
    listed = naungan("case", "list", "--json").json
    assert listed["total"] == 1
    assert listed["cases"][0]["victims"] == [{"initials": "S.A.", "sex": "P", "age": "17"}]
    assert "Sitti" not in naungan("case", "list").out
    shown = naungan("case", "show", made["number"][-4:], "--json").json
    assert shown["parties"][0]["person"]["name"] == "Sitti Aminah"
    assert shown["consents"][0]["tiers"] == ["CASE", "IDENTIFYING", "OPEN"]
    text = naungan("case", "show", made["number"]).out
    assert "Victim: Sitti Aminah" in text
    assert "Ditawari kerja di Batam." in text
    assert naungan("case", "close", made["number"], "--reason", "GOALS_MET").code == 0
    assert naungan("case", "list", "--status", "CLOSED", "--json").json["total"] == 1
    again = naungan("case", "close", made["number"], "--reason", "GOALS_MET")
    assert (again.code, "closed already" in again.err) == (2, True)


def test_a_look_at_a_case_is_audited(naungan: Terminal, unlocked: Any) -> None:
    number = naungan.enter()["number"]
    naungan("case", "show", number)
    context = unlocked(naungan)
    with context.desk.read() as session:
        actions = [row[0] for row in session.connection().exec_driver_sql("SELECT action FROM audit ORDER BY seq")]
    context.close()
    assert actions[-2:] == ["view", "sign_in"]  # the second is this look at the audit


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is not JSON: line 1, column 1"),
        ('{"case": }', "is not JSON: line 1, column 10"),
        ("[1]", "must hold one JSON object"),
        ("null", "must hold one JSON object"),
        ("[" * 200_000, "nested too deeply"),
    ],
)
def test_what_is_not_a_json_object_is_refused(naungan: Terminal, text: str, says: str) -> None:
    said = naungan("case", "new", "--from", "-", text=text)
    assert (said.code, said.out) == (2, "")
    assert says in said.err


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "There is no file"),
        (b"\xff\xfe", "not a text file in UTF-8"),
        (b" " * (4 * 1024 * 1024 + 1), "too large"),
    ],
)
def test_a_file_that_cannot_be_an_entry_is_refused(
    naungan: Terminal, tmp_path: Path, content: bytes | None, says: str
) -> None:
    file = tmp_path / "x.json"
    if content is not None:
        file.write_bytes(content)
    said = naungan("case", "new", "--from", str(file))
    assert said.code == 2
    assert says in said.err


@pytest.mark.parametrize(
    ("entry", "place", "says"),
    [
        (put("cas", value={}), "cas", "There is no such key"),
        (put("case", "colour", value="red"), "case.colour", "There is no such key"),
        (put("case", "made_by", value="Sari"), "case.made_by", "There is no such key"),
        (put("case", value="x"), "case", "must be an object"),
        (put("case", "channel", value=None), "case.channel", "Please fill in: Channel."),
        (put("case", "channel", value="PIGEON"), "case.channel", "Choose from the list."),
        (put("case", "reported_at", value="yesterday"), "case.reported_at", "a moment with its zone"),
        (put("case", "reported_at", value="2026-11-23T08:00:00"), "case.reported_at", "a moment with its zone"),
        (put("case", "exploitation", value="SEX"), "case.exploitation", "must be a list of codes"),
        (put("case", "exploitation", value=[1]), "case.exploitation", "must be a list of codes"),
        (put("case", "summary", value=7), "case.summary", "must be text"),
        (put("victim", "age", value="17"), "victim.age", "must be a whole number"),
        (put("victim", "age", value=True), "victim.age", "must be a whole number"),
        (put("victim", "age", value=-1), "victim.age", "out of range"),
        (put("victim", "nik", value="123"), "victim.nik", "16 digits"),
        (put("victim", "birth_date", value="2009-02-31"), "victim.birth_date", "no such day"),
        (put("victim", "name", value=""), "victim.name", "Please fill in: Name."),
        (put("victim", value="nobody"), "victim", "id of a known person"),
        (put("victim", "name", value="a\x00b"), "victim.name", "control characters"),
        (put("victim", "name", value="a" * 2001), "victim.name", "Too long"),
        (put("screening", "conclusion", value=None), "screening.conclusion", "Please fill in"),
        (put("consent", "tiers", value=["EVERYTHING"]), "consent.tiers", "Choose from the list."),
        (put("others", value={}), "others", "must be a list of objects"),
        (put("others", value=[{"person": {"name": "A"}}]), "others[0].part", "must be an object"),
        (put("others", value=[{"person": "00" * 16, "part": {"role": "X"}}]), "others[0].part.role", "list"),
        (put("referral", value={"to_agency": "Nobody"}), "referral.to_agency", "No agency of this name"),
        ({"case": INTAKE["case"], "screening": INTAKE["screening"]}, "screening", "This needs a victim."),
    ],
)  # fmt: skip
def test_an_entry_is_refused_with_its_place_and_nothing_is_saved(
    naungan: Terminal, entry: dict[str, Any], place: str, says: str
) -> None:
    said = naungan("case", "new", "--from", "-", text=json.dumps(entry))
    assert said.code == 2
    assert said.out == ""
    line = next((line for line in said.err.splitlines() if line.startswith(f"  {place}: ")), "")
    assert says in line, said.err
    assert naungan("case", "list", "--json").json["total"] == 0


def test_a_card_that_does_not_fit_is_warned_about_and_saved(naungan: Terminal) -> None:
    said = naungan(
        "case", "new", "--from", "-", "--json", text=json.dumps(put("victim", "nik", value="3273011708090000"))
    )
    assert said.code == 0
    assert "other sex" in said.err
    assert said.json["warnings"]


def test_a_known_person_is_named_by_id(naungan: Terminal) -> None:
    first = naungan.enter()
    person = naungan("case", "show", first["number"], "--json").json["parties"][0]["person"]["id"]
    second = naungan.enter(victim=person)
    shown = naungan("case", "show", second["number"], "--json").json
    assert shown["parties"][0]["other_cases"] == [first["number"]]


def test_a_name_cannot_take_over_the_terminal(naungan: Terminal) -> None:
    nasty = "<b>Ayu</b> & \u202e\u200fRina 'x'"
    number = naungan.enter(victim={"name": nasty, "sex": "P"})["number"]
    text = naungan("case", "show", number).out
    assert "<b>Ayu</b> &" in text
    assert not {"\u202e", "\u200f", "\x1b"} & set(text)
    assert naungan("case", "show", number, "--json").json["parties"][0]["person"]["name"] == nasty


def test_filters_and_limits(naungan: Terminal) -> None:
    for risk in ("HIGH", "LOW", "LOW"):
        naungan.enter(case={**INTAKE["case"], "risk": risk})
    assert naungan("case", "list", "--risk", "LOW", "--json").json["total"] == 2
    short = naungan("case", "list", "--limit", "1", "--json").json
    assert (short["total"], len(short["cases"])) == (3, 1)
    assert len(naungan("case", "list", "--limit", "0", "--json").json["cases"]) == 3
    assert naungan("case", "list", "--text", "sitti ami", "--json").json["total"] == 3
    assert naungan("case", "list", "--text", '"; DROP TABLE', "--json").json["total"] == 0
    wrong = naungan("case", "list", "--risk", "EXTREME")
    assert (wrong.code, "HIGH, MEDIUM, LOW" in wrong.err) == (2, True)


def test_a_number_that_is_not_there_or_not_clear_is_refused(naungan: Terminal) -> None:
    naungan.enter()
    naungan.enter()
    assert "There is no case" in naungan("case", "show", "9999").err
    assert "Several cases" in naungan("case", "show", "").err
    assert naungan("case", "close", "0001", "--reason", "BORED").code == 2
