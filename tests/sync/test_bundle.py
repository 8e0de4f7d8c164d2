"""The sync without a link, on real workspaces and a real centre: what a stick carries arrives as it would online."""

from __future__ import annotations

from pathlib import Path

from app.models.case import Case
from app.services import referrals
from app.services.case_page import open_page
from app.sync.bundle import bundles_open
from tests.sync.country import Country, new_case, of_scope, refer
from tests.sync.sticks import carry


def test_a_referral_is_made_seen_and_accepted_by_stick_alone(country: Country, tmp_path: Path) -> None:
    a, b = country.laptop("a1", office="A"), country.laptop("b1", office="B")
    country.centre.stop()  # from here on there is no link
    stick = tmp_path / "stick"
    carry(country, stick, a, b)
    case_id = new_case(a)
    refer(a, case_id, "Kantor B")
    carry(country, stick, a)
    carry(country, stick, b)
    [item] = referrals.inbox(b.desk)
    assert b.get(Case, case_id) is not None
    referrals.take_step(b.desk, item.entry.id, "ACCEPTED")
    carry(country, stick, b, a)
    assert [entry.state for entry in referrals.outbox(a.desk)] == ["ACCEPTED"]
    assert open_page(b.desk, case_id).victims[0].person["name"] == "Sitti Aminah"
    for laptop in (a, b):
        assert {batch.state for batch in laptop.batches()} == {"PROVEN"}
        assert bundles_open(laptop.setup) == ()
        assert laptop.shadows() == {}
    before = [of_scope(laptop, laptop.actor.office) for laptop in (a, b)]
    country.centre.start()
    assert [report.pulled for report in country.settle(a, b)][2:] == [{}, {}]
    assert [of_scope(laptop, laptop.actor.office) for laptop in (a, b)] == before
