"""The second client on a bad link, with files, and with a stick in the place of the link."""

from __future__ import annotations

import ast
import hashlib
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from app.central import admin
from scripts import records
from tests.centre import CentreUnderTest
from tests.second_client.carrying import PIECE, fetch_file, pack, read_answer, send_file
from tests.second_client.client import sync
from tests.second_client.device import Device
from tests.second_client.line import LinkBroken, Refused
from tests.second_client.proving import hello
from tests.second_client.sending import Fork, freeze, push
from tests.second_client.store import ACKED, FROZEN, PARTIAL, PROVEN
from tests.second_client.test_second_client import REPORT, outcomes, same, states
from tests.second_client.wire import blake
from tests.sync.country import Country, new_case
from tests.sync.doorman import doorman, page
from tests.sync.laptops import Laptop
from tests.sync.proxy import link_to
from tests.sync.sticks import to_centre

Newcomer = Callable[..., Device]
TITLE = "sealed:1:AAAAAAAAAAAxMjM0NTY3ODkwMTIzNDU2"  # whom it is for can open it; the centre looks at its form


def again(device: Device) -> Device:
    """The same after a restart: nothing but its file."""
    folder = Path(device.store.sql("PRAGMA database_list")[0]["file"]).parent
    device.store.close()
    return Device(folder, device.line.url)


def noise(count: int) -> str:
    """Text that nobody packs."""
    return os.urandom(count // 2).hex()


def test_a_cut_batch_goes_on_at_the_byte_also_after_a_restart(country: Country, newcomer: Newcomer) -> None:
    device = newcomer()
    sync(device)
    device.make("case", **REPORT, summary=noise(90_000))
    freeze(device)
    frozen = bytes(device.store.waiting()[0]["bytes"])
    with link_to(country.centre.base_url, cut_at=len(frozen) // 2) as link:
        device.line.url = link.url
        with pytest.raises(LinkBroken):
            sync(device)
        assert states(device) == [PARTIAL]
        device = again(device)
        link.mend()
        sync(device)
        assert link.up < len(frozen) * 0.75
    assert device.store.sql("SELECT bytes FROM batch")[0]["bytes"] == frozen
    assert outcomes(device) == [("accepted", "")] and states(device) == [PROVEN]
    assert any("offset=0" not in asked for asked in device.line.asked if asked.startswith("PUT"))
    device.store.close()


def test_a_lost_reply_is_asked_for_again_and_counts_once(country: Country, newcomer: Newcomer) -> None:
    device = newcomer()
    case = device.make("case", **REPORT)
    with link_to(country.centre.base_url, swallow=b"PUT /v1/batches") as link:
        device.line.url = link.url
        with pytest.raises(LinkBroken):
            sync(device)
    device.line.url = country.centre.base_url
    assert outcomes(device) == [("sent", "")]
    sync(device)
    assert outcomes(device) == [("accepted", "")] and states(device) == [PROVEN]
    assert device.store.contents(device.office)["case", case][0] == device.store.sql("SELECT rev FROM operation")[0][0]


def test_a_cut_segment_goes_on_at_the_byte(country: Country, newcomer: Newcomer) -> None:
    first = newcomer()
    first.make("case", **REPORT, summary=noise(90_000))
    sync(first)
    other = newcomer()
    with link_to(country.centre.base_url, cut_at=30_000) as link:
        other.line.url = link.url
        with pytest.raises(LinkBroken):
            sync(other)
        other = again(other)
        link.mend()
        sync(other)
    assert any("/feeds/own" in asked and "&offset=0" not in asked for asked in other.line.asked)
    assert other.store.contents(other.office).items() >= first.store.contents(first.office).items()
    other.store.close()


def test_the_page_of_a_hotel_is_a_dead_link(country: Country, newcomer: Newcomer) -> None:
    device = newcomer()
    device.make("case", **REPORT)
    for status in (200, 404):
        hotel = page(status=status)
        answers = partial(lambda said, method, _path: said if method == "PUT" else None, hotel)
        with doorman(country.centre.base_url, answers) as url:
            device.line.url = url
            with pytest.raises(LinkBroken):
                sync(device)
    assert states(device) == [PARTIAL]
    device.line.url = country.centre.base_url
    sync(device)
    assert states(device) == [PROVEN]


def test_a_file_goes_up_and_comes_down_in_pieces(country: Country, newcomer: Newcomer) -> None:
    device, sealed = newcomer(), os.urandom(400_000)
    case = device.make("case", **REPORT)
    name = hashlib.sha256(sealed).hexdigest()
    scan = device.make("attachment", case, title=TITLE, media_type="image/png", size=390_000, blob=name, kid="00" * 8)
    sync(device)
    path = f"/v1/blobs/{name}?record={scan.hex()}"
    wrong = {"Content-Range": f"bytes 0-{PIECE - 1}/{len(sealed)}", "Naungan-Piece": blake(b"", 16).hex()}
    with pytest.raises(Refused) as refused:
        device.line.ask("PUT", path, sealed[:PIECE], **wrong)
    assert (refused.value.status, refused.value.code) == (422, "piece")
    with link_to(country.centre.base_url, cut_at=250_000) as link:
        device.line.url = link.url
        with pytest.raises(LinkBroken):
            send_file(device, scan, sealed)
        link.mend()
        assert send_file(device, scan, sealed) == name
        assert link.up < 300_000
    device.line.url = country.centre.base_url
    other = newcomer()
    sync(other)
    assert fetch_file(other, scan, name) == sealed


def test_a_stick_carries_a_whole_sync(country: Country, siti: Laptop, newcomer: Newcomer, tmp_path: Path) -> None:
    device = newcomer()
    case = device.make("case", **REPORT)
    new_case(siti)
    country.settle(siti)
    stick = tmp_path / "stick"
    stick.mkdir()
    file = pack(device, stick)
    assert states(device) == [FROZEN]
    to_centre(country, stick)
    read_answer(device, file.with_name(file.stem + ".answer.naungan"))
    assert outcomes(device) == [("accepted", "")] and states(device) == [ACKED]
    assert ("case", case) in device.store.contents(device.office)
    assert "PUT" not in " ".join(device.line.asked) and hello(device) is None
    country.settle(siti)
    sync(device)
    same(device, siti)


def test_a_copy_of_the_folder_is_told_that_it_is_one(newcomer: Newcomer, tmp_path: Path) -> None:
    device = newcomer()
    folder = tmp_path / "copy"
    folder.mkdir()
    device.store.sql("VACUUM INTO ?", str(folder / "second.db"))
    copy = Device(folder, device.line.url)
    for one in (device, copy):
        one.make("case", **REPORT)
    sync(device)
    freeze(copy)
    with pytest.raises(Fork):
        push(copy)
    assert states(copy) == [PARTIAL] and outcomes(copy) == [("sent", "")]
    copy.store.close()


def test_a_centre_of_another_epoch_is_read_from_the_beginning(centre: CentreUnderTest, tmp_path: Path) -> None:
    device = Device(tmp_path, centre.base_url)
    device.enrol(centre.code("A"), "K1")
    case = device.make("case", **REPORT)
    sync(device)
    before, epoch = device.store.contents(device.office), device.epoch
    centre.stop()
    admin.init(centre.url_of["owner"], centre.data_dir, new_epoch=True)
    centre.start()
    device.line.url = centre.base_url
    device.edit(case, risk="LOW")
    sync(device)
    assert device.epoch != epoch and outcomes(device)[-1] == ("accepted", "") and states(device) == [PROVEN, PROVEN]
    now = device.store.contents(device.office)
    assert now.keys() == before.keys() and now["case", case][1]["risk"] == "LOW"
    device.store.close()


def test_it_knows_nothing_of_the_program() -> None:
    here = Path(__file__).parent
    for module in set(here.glob("*.py")) - set(here.glob("test_*.py")) - {here / "conftest.py"}:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not any(name.partition(".")[0] == "app" for name in names), module


def test_the_page_of_kinds_is_what_the_models_say() -> None:
    assert records.PAGE.read_text(encoding="utf-8") == records.page(), "run: python -m scripts.records"
