"""Revoked with an order to destroy: only the centre's own word, and only to this very laptop, destroys anything."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app import context as contexts
from app.central import admin
from app.central.keys import CentreKey, load_key
from app.errors import ReadOnly
from app.models.field import to_ms
from app.sync.report import SyncReport
from app.sync.wiping import Wipe, proved_order
from app.vault.backup import back_up
from app.vault.kdf import CHEAPEST
from app.vault.workspace import Vault
from app.wire.messages import RECEIPT_DOMAIN, WIPE_DOMAIN, Problem, Signed, WipeOrder, decode, encode
from tests.sync.country import Country, new_case
from tests.sync.doorman import Answer, doorman, problem
from tests.sync.laptops import PASSWORD, Laptop


def in_context(laptop: Laptop) -> contexts.Context:
    """The laptop as a program holds it."""
    return contexts.Context(laptop.workspace, laptop.desk, laptop.clock)


def ordered(country: Country, laptop: Laptop, reason: str = "dicuri di terminal") -> bytes:
    """Revoke it with an order; the order."""
    device = laptop.workspace.device.id
    order = admin.wipe_order(country.centre.data_dir, device, reason=reason, now=country.clock)
    admin.revoke(country.centre.owner, device, order=order)
    return order


def answered(order: Signed | None) -> Answer:
    """What the centre's refusal looks like, with this order."""
    said = problem(401, "revoked")
    return Answer(401, encode(Problem("revoked", "x", order=order)), said.headers)


def test_the_order_reaches_the_laptop_at_its_next_contact_and_destroys_it(country: Country) -> None:
    laptop = country.laptop("a1")
    new_case(laptop)
    assert country.sync(laptop).green
    new_case(laptop)  # never sent: it goes by order
    back_up(laptop.workspace, now=country.clock)
    ordered(country, laptop)
    report = country.sync(laptop)
    assert report.problem is not None
    assert report.wipe is not None
    assert report.wipe.reason == "dicuri di terminal"
    folder = laptop.workspace.directory
    assert in_context(laptop).obey(report.wipe)
    assert [path.name for path in folder.rglob("*")] == []
    assert laptop.workspace.keys.wiped
    with pytest.raises(Exception, match="no workspace"):
        Vault(cost=CHEAPEST).unlock(folder, login="a1", password=PASSWORD, now=country.clock)
    [*_before, (_at, action, subject, _detail)] = admin.deeds(country.centre.owner)
    assert (action, subject) == ("wipe", laptop.workspace.device.id)


def test_without_an_order_a_revoked_laptop_keeps_its_work(country: Country) -> None:
    laptop = country.laptop("a1")
    case = new_case(laptop)
    admin.revoke(country.centre.owner, laptop.workspace.device.id)
    report = country.sync(laptop)
    assert report.wipe is None
    assert "your work is kept here" in str(report.problem)
    assert any(record == case for _kind, record in laptop.contents())


def forgeries(country: Country, laptop: Laptop, other: Laptop) -> dict[str, Signed | None]:
    """Orders that are none."""
    key, device = load_key(country.centre.data_dir), bytes.fromhex(laptop.workspace.device.id)
    order = WipeOrder(device, to_ms(country.clock()), "palsu")
    good = key.signed(order, domain=WIPE_DOMAIN)
    theirs = WipeOrder(bytes.fromhex(other.workspace.device.id), order.at, order.reason)
    return {
        "none": None,
        "unsigned": Signed(good.body, bytes(64)),
        "of another centre": CentreKey(bytes(range(32))).signed(order, domain=WIPE_DOMAIN),
        "for another device": key.signed(theirs, domain=WIPE_DOMAIN),
        "signed as something else": key.signed(order, domain=RECEIPT_DOMAIN),
        "altered": Signed(good.body.replace(b"palsu", b"PALSU"), good.signature),
        "cut": Signed(good.body[:-1], good.signature),
        "no order": key.signed("wipe", domain=WIPE_DOMAIN),
        "of an impossible moment": key.signed(WipeOrder(device, 2**62, "x"), domain=WIPE_DOMAIN),
    }


def test_what_is_no_order_of_the_centre_does_nothing(country: Country) -> None:
    laptop, other = country.laptop("a1"), country.laptop("a2")
    case, mine = new_case(laptop), in_context(laptop)
    for name, forged in forgeries(country, laptop, other).items():
        reply = answered(forged)
        with doorman(country.centre.base_url, lambda _method, _path, said=reply: said) as url:  # type: ignore[misc]
            report: SyncReport = country.sync(laptop, url=url)
        assert report.wipe is None, name
        assert report.problem is not None, name
        assert not mine.obey(Wipe(country.clock(), "x", encode(forged))), name
        assert any(record == case for _kind, record in laptop.contents()), name


def test_the_order_to_another_laptop_is_replayed_in_vain(country: Country) -> None:
    laptop, other = country.laptop("a1"), country.laptop("a2")
    order = ordered(country, other)
    with doorman(country.centre.base_url, lambda _m, _p: answered(decode(order, Signed))) as url:
        assert country.sync(laptop, url=url).wipe is None
    wipe = country.sync(other).wipe
    assert wipe is not None
    assert not in_context(laptop).obey(wipe)
    assert (laptop.workspace.directory / "naungan.keys").exists()


@pytest.mark.parametrize("rubbish", [b"", b"\x00", b"\x82\xa4body\xc4\x01x\xa9signature\xc4\x01x"])
def test_rubbish_is_no_order(rubbish: bytes) -> None:
    assert proved_order(rubbish, centre_key=bytes(32), device=bytes(16)) is None
    assert proved_order(rubbish, centre_key=b"", device=bytes(16)) is None


def test_a_kill_in_the_middle_leaves_a_workspace_or_none(
    country: Country, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Its own key file goes last: before that it opens and asks again, after that nobody opens anything."""
    laptop = country.laptop("a1")
    back_up(laptop.workspace, now=country.clock)
    ordered(country, laptop)
    wipe = country.sync(laptop).wipe
    assert wipe is not None
    removed: list[str] = []
    unlink = Path.unlink

    def dying(path: Path, *args: Any, **kwargs: Any) -> None:
        if path.name == "naungan.keys" and "backups" not in path.parts:
            raise PermissionError(13, "killed here")
        removed.append(path.name)
        unlink(path, *args, **kwargs)

    context = in_context(laptop)
    monkeypatch.setattr(Path, "unlink", dying)
    with pytest.raises(ReadOnly):
        context.obey(wipe)
    monkeypatch.undo()
    assert removed[:2] == ["naungan.keys", "backup.json"], "the wraps of the backups go first"
    laptop.workspace.close()
    with pytest.raises(Exception, match="altered or damaged"):
        Vault(cost=CHEAPEST).unlock(laptop.workspace.directory, login="a1", password=PASSWORD, now=country.clock)
