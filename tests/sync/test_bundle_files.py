"""Papers and keys by stick: what is sealed is read by who may read it, and by nobody on the way."""

from __future__ import annotations

from pathlib import Path

from app.services import attachments
from app.sync.bundle import pack, read_answers
from app.sync.report import SyncReport
from tests.sync.country import Country
from tests.sync.sticks import to_centre
from tests.sync.test_files import PAPER, shared
from tests.sync.test_sealed import WHOLE, Place, offices, read

__all__ = ["offices"]


def round_trip(country: Country, folder: Path, *places: Place) -> list[SyncReport]:
    """One stick for all of them, to the centre and back, as the program does it."""
    folder.mkdir()
    for place in places:
        pack(place.context.sync_setup(), folder)
    country.clock.forward(hours=1)
    assert {line.problem for line in to_centre(country, folder)} == {""}
    reports = []
    for place in places:
        read_back = read_answers(place.context.sync_setup(), folder)
        place.context.synced(read_back.report)
        reports.append(read_back.report)
        assert read_back.report.green, read_back.report.problem
    return reports


def test_a_paper_and_the_key_to_it_go_by_stick(offices: tuple[Place, Place], country: Country, tmp_path: Path) -> None:
    a, b = offices
    country.centre.stop()
    case_id, paper = shared(a)
    first = round_trip(country, tmp_path / "one", a, b)
    assert [report.files_left for report in first] == [0, 0]
    assert read(b, case_id) == WHOLE
    assert attachments.open_file(b.desk, paper) == PAPER
    size = sum(file.stat().st_size for file in (tmp_path / "one").iterdir())
    again = round_trip(country, tmp_path / "two", a, b)
    assert [list(report.pulled.values()) for report in again] == [[1], [1]], "that B received it, and nothing else"
    assert sum(file.stat().st_size for file in (tmp_path / "two").iterdir()) < size / 10, "nothing travels twice"
    country.centre.start()
    assert "files" not in a.sync().seconds
    assert "files" not in b.sync().seconds
