"""`naungan bundle` and `naungan central bundle`, against a real centre."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.central import bundle_key
from tests.centre import CentreUnderTest
from tests.cli.conftest import Terminal
from tests.cli.test_sync import enrol


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """An empty stick."""
    folder = tmp_path / "stick"
    folder.mkdir()
    return folder


def at_centre(naungan: Terminal, centre: CentreUnderTest, *words: str) -> list[str]:
    """The words of a command of the centre."""
    return ["--language", "en", "central", *words, "--database", centre.url_of["owner"], "--data", str(centre.data_dir)]


def test_work_goes_out_by_stick_and_comes_back_proven(naungan: Terminal, centre: CentreUnderTest, stick: Path) -> None:
    enrol(naungan, centre)
    naungan.enter()
    centre.stop()
    made = naungan("bundle", "export", str(stick), "--json")
    assert made.code == 0, made.err
    [file] = stick.iterdir()
    assert (made.json["file"], made.json["operations"] > 4) == (str(file), True)
    waiting = naungan("bundle", "list", "--json").json["bundles"]
    assert [each["operations"] for each in waiting] == [made.json["operations"]]
    early = naungan("bundle", "import", str(stick))
    assert (early.code, "no answer of the centre" in early.err) == (2, True)
    naungan.clock.forward(hours=1)
    taken = naungan.bare(*at_centre(naungan, centre, "bundle", str(stick)), "--json")
    assert taken.code == 0, taken.err
    [line] = taken.json["bundles"]
    assert (line["problem"], line["operations"], line["office_code"]) == ("", made.json["operations"], "3273-UPTD")
    read = naungan("bundle", "import", str(stick))
    assert read.code == 0, (read.out, read.err)
    assert "Proven: the centre signed" in read.out
    assert naungan("bundle", "list", "--json").json["bundles"] == []
    checked = naungan("verify", "--json").json
    assert [receipt["equal"] for receipt in checked["receipts"]] == [True, True]


def test_what_is_no_bundle_is_told_in_its_line(naungan: Terminal, centre: CentreUnderTest, stick: Path) -> None:
    (stick / "x.naungan").write_bytes(b"age-encryption.org/v1\n")
    said = naungan.bare(*at_centre(naungan, centre, "bundle", str(stick)))
    assert (said.code, "cut or altered on the way" in said.out) == (3, True)
    assert naungan.bare(*at_centre(naungan, centre, "bundle", str(stick / "nowhere"))).code == 2


def test_a_laptop_that_is_too_long_alone_comes_back_by_stick(
    naungan: Terminal, centre: CentreUnderTest, stick: Path
) -> None:
    enrol(naungan, centre)
    naungan.enter()
    centre.stop()
    naungan.clock.forward(days=61)
    assert naungan("case", "list").code == 3
    assert naungan("bundle", "export", str(stick)).code == 0
    assert naungan.bare(*at_centre(naungan, centre, "bundle", str(stick))).code == 0
    naungan.clock.forward(days=1)
    assert naungan("bundle", "import", str(stick)).code == 0
    assert naungan("case", "list").code == 0


def test_a_new_key_is_heard_of_by_stick_and_the_old_one_still_opens(
    naungan: Terminal, centre: CentreUnderTest, stick: Path
) -> None:
    enrol(naungan, centre)
    before = bundle_key.bundle_identity(centre.data_dir)
    assert naungan("bundle", "export", str(stick)).code == 0
    assert naungan.bare(*at_centre(naungan, centre, "init"), "--new-bundle-key").code == 0
    after = bundle_key.bundle_identity(centre.data_dir)
    assert after.identities[1:] == before.identities
    assert (centre.data_dir / bundle_key.FILE).stat().st_mode & 0o777 == 0o600
    naungan.clock.forward(hours=1)
    assert naungan.bare(*at_centre(naungan, centre, "bundle", str(stick))).code == 0, "closed for the old key"
    assert naungan("bundle", "import", str(stick)).code == 0
    for file in stick.iterdir():
        file.unlink()
    (centre.data_dir / bundle_key.FILE).write_text(after.identities[0])
    assert naungan("bundle", "export", str(stick)).code == 0
    assert naungan.bare(*at_centre(naungan, centre, "bundle", str(stick))).code == 0, "closed for the new key"
