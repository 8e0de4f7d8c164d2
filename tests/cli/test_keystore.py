"""`naungan keystore`: on, off, show, and what a missing entry makes of a sign-in."""

from __future__ import annotations

from pathlib import Path

from app.vault.recovery_key import new_key
from tests.cli.conftest import Terminal
from tests.keystores import FileKeystore, installed


def test_on_off_show_and_a_lost_entry(naungan: Terminal, tmp_path: Path) -> None:
    store = FileKeystore(tmp_path / "keystore.json")
    with installed(store):
        assert naungan("keystore", "show", "--json").json["on"] is False
        refused = naungan("keystore", "on")
        assert refused.code == 2 and "recovery keys" in refused.err and not store.names
        made = naungan("recovery", "set", "--district", new_key().public, "--centre", new_key().public)
        assert made.code == 0, made.err
        assert naungan("keystore", "on").code == 0 and len(store.names) == 1
        assert naungan("keystore", "show", "--json").json["on"] is True
        kept = store.path.read_bytes()
        store.path.unlink()
        lost = naungan("case", "list")
        assert lost.code == 3 and "was not tried" in lost.err and "not right" not in lost.err
        store.path.write_bytes(kept)
        off = naungan("keystore", "off", "--json")
        assert off.json == {"on": False, "old_entry_gone": True} and not store.names
    assert naungan("keystore", "show", "--json").json["on"] is False
    deeds = naungan("audit", "show", "--json").out
    assert "keystore_on" in deeds and "keystore_off" in deeds
