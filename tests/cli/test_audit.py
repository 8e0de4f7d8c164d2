"""The audit from the command line: filtered, paged, and verified by whoever can unlock."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import text

from app.services.users import add_user
from app.vault.chain import NOTHING
from tests.centre import CentreUnderTest
from tests.cli.conftest import INTAKE, PASSPHRASE, Terminal
from tests.cli.test_sync import enrol

SECOND = "empat kata acak sekali"


def add_worker(naungan: Terminal, unlocked: Any) -> None:
    """A second user, who may not read the audit."""
    context = unlocked(naungan)
    add_user(context.desk, context.workspace, login="rini", name="Rini", role="SOCIAL_WORKER", password=SECOND)
    context.close()


def test_entries_are_shown_filtered_and_paged(naungan: Terminal, unlocked: Any) -> None:
    number = naungan.enter()["number"]
    add_worker(naungan, unlocked)
    first, naungan.passphrase_file = naungan.passphrase_file, naungan.workspace.parent / "second"
    naungan.passphrase_file.write_text(SECOND + "\n")
    refused = naungan("audit", "show", "--user", "rini")
    assert (refused.code, "may not read the audit" in refused.err) == (2, True)
    assert naungan("audit", "verify", "--user", "rini").code == 0
    naungan.passphrase_file, chief = first, ("--user", "dewi")
    told = naungan("audit", "show", *chief, "--case", number, "--json").json
    assert {entry["case"] for entry in told["entries"]} == {number} and told["before"] is None
    assert {"view", "create"} >= {entry["action"] for entry in told["entries"]}
    table = naungan("audit", "show", *chief, "--action", "sign_ins", "--by", "rini").out
    assert "Signed in" in table and "Rini" in table and "sign_in" not in table
    seen, before = [], 0
    while before is not None:
        page = naungan("audit", "show", *chief, "--limit", "4", "--before", str(before), "--json").json
        seen += [entry["entry"] for entry in page["entries"]]
        before = page["before"]
    seen = [n for n in seen if n <= seen[3]]
    assert seen == list(range(seen[0], 0, -1)), "every entry once, newest first"
    assert naungan("audit", "show", *chief, "--since", "0d", "--json").json["entries"]
    assert naungan("audit", "show", *chief, "--since", "soon").code == 2
    assert naungan("audit", "show", *chief, "--by", "nobody").code == 2
    naungan.clock.forward(days=3)
    assert [
        e["action"] for e in naungan("audit", "show", *chief, "--since", "2026-11-26", "--json").json["entries"]
    ] == ["sign_in"]


def test_anybody_verifies_and_is_told_the_link(naungan: Terminal, unlocked: Any) -> None:
    naungan.enter()
    sound = naungan("audit", "verify", "--json")
    assert (sound.code, sound.json["sound"], sound.json["countersigned"]) == (0, True, None)
    assert sound.json["entries"] == sound.json["whole_to"] > 5
    assert "The chain is whole" in naungan("audit", "verify").out
    context = unlocked(naungan)
    with context.workspace.engine.begin() as connection:
        connection.execute(text("UPDATE audit SET actor = 'somebody else' WHERE seq = 3"))
    context.close()
    said = naungan("audit", "verify", "--json")
    assert (said.code, said.json["whole_to"]) == (3, 2)
    assert "Audit entry 3 was altered" in naungan("audit", "verify").out
    assert json.loads(said.out)["problems"]
    assert PASSPHRASE not in said.out


@pytest.mark.parametrize("remembered", [True, False])
def test_the_centre_countersigns_and_what_it_signed_has_to_stay(
    naungan: Terminal, centre: CentreUnderTest, unlocked: Any, remembered: bool
) -> None:
    """The chain is cut below what was countersigned, by whoever holds the keys: the anchor says so, and the receipt."""
    naungan.enter()
    enrol(naungan, centre)
    assert naungan("sync").code == 0
    sound = naungan("audit", "verify", "--json").json
    signed = sound["countersigned"]["entry"]
    assert sound["sound"] and 5 < signed <= sound["entries"]
    assert "Countersigned by the centre" in naungan("audit", "verify").out
    context = unlocked(naungan)
    with context.workspace.engine.begin() as connection:
        connection.execute(text("DELETE FROM audit WHERE seq >= :n"), {"n": signed})
    if not remembered:
        context.workspace.freshness._signed = NOTHING
    context.close()
    said = naungan("audit", "verify", "--json")
    assert (said.code, said.json["sound"]) == (3, False)
    assert any(str(signed) in problem for problem in said.json["problems"])
    assert any("older than what the centre countersigned" in problem for problem in said.json["problems"])
    refused = naungan("case", "new", "--from", "-", text=json.dumps(INTAKE))
    assert (refused.code, "nothing can be saved" in refused.err) == (3, True)
    assert naungan("verify", "--accept-older", "the centre knows").code in (0, 3)
    assert naungan.enter()["number"], "accepted once, it is not asked for again"
