"""The second client and the real one at one real centre: what docs/sync.md says is enough to be both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.services import cases, consents, referrals
from app.services.case_page import open_page
from tests.second_client.client import sync
from tests.second_client.device import Device
from tests.second_client.proving import hello
from tests.second_client.store import PROVEN
from tests.second_client.wire import REFERENCE
from tests.sync.country import Country, new_case, of_scope, refer
from tests.sync.doorman import Answer, doorman, problem
from tests.sync.laptops import Laptop
from tests.sync.test_erasing import erase

REPORT: dict[str, Any] = {
    "reported_at": 1_760_000_000_000,
    "channel": "SAPA129",
    "risk": "HIGH",
    "reporter_type": "FAMILY",
    "control": ["DEBT"],
}
Newcomer = Callable[..., Device]


def outcomes(device: Device) -> list[tuple[str, str]]:
    """(status, code) of everything that was done here."""
    return [(one["status"], one["code"] or "") for one in device.store.sql("SELECT * FROM operation ORDER BY seq")]


def states(device: Device) -> list[str]:
    """Of the batches."""
    return [batch["state"] for batch in device.store.sql("SELECT state FROM batch ORDER BY n")]


def held(device: Device, scope: bytes) -> dict[tuple[str, str], tuple[int, object]]:
    """What is here of a scope, as the real laptop would tell it."""
    return {(kind, record.hex()): version for (kind, record), version in device.store.contents(scope).items()}


def same(device: Device, laptop: Laptop) -> None:
    """Both hold the same of both scopes, and the centre signed for it."""
    for scope in device.scopes:
        assert held(device, scope) == of_scope(laptop, scope.hex())
    receipts = device.store.sql("SELECT receipt FROM feed WHERE receipt IS NOT NULL")
    assert len(receipts) == len(device.scopes)
    assert all(feed.receipt for feed in laptop.feeds().values())


def of_schema_1(_method: str, path: str) -> Answer | None:
    """What a centre knows that was shipped before."""
    return problem(404, "not_found") if path.startswith("/v2/") else None


def in_order(device: Device) -> bool:
    """Whether it understood all that came: a client that does not is healed, and would look well."""
    return not device.repaired and not any("/v1/feeds" in asked for asked in device.line.asked)


def test_work_is_taken_and_proven_and_then_there_is_nothing_to_do(newcomer: Newcomer) -> None:
    device = newcomer()
    case = device.make("case", **REPORT)
    sync(device)
    assert outcomes(device) == [("accepted", "")] and states(device) == [PROVEN]
    device.edit(case, risk="LOW")
    device.edit(case, exploitation={"add": ["SEX", "LAB.SEA"], "remove": []})
    sync(device)
    held_now = device.held(case)
    assert held_now is not None and held_now[2]["risk"] == "LOW" and held_now[2]["exploitation"] == ["LAB.SEA", "SEX"]
    assert device.letters["O"] and in_order(device)
    for device.short in (True, False):
        assert hello(device) is None  # 204, by either form
    device.line.token = "gone"
    assert hello(device) is None  # a new session
    assert states(device) == [PROVEN, PROVEN]


def test_both_clients_of_an_office_come_to_hold_the_same(country: Country, siti: Laptop, newcomer: Newcomer) -> None:
    second = newcomer()
    mine = second.make("case", **REPORT)
    theirs = new_case(siti)
    sync(second)
    country.settle(siti)
    cases.change_case(siti.desk, mine.hex(), {"transit": "Batam"})
    country.settle(siti)
    sync(second)
    second.edit(bytes.fromhex(theirs), transit="Dumai")
    second.edit(mine, transit="Tanjung Pinang")
    sync(second)
    country.settle(siti)
    sync(second)
    same(second, siti)
    assert {("case", mine.hex()), ("case", theirs)} <= held(second, second.office).keys()
    assert {"F", "D", "O"} <= second.letters.keys() and in_order(second)


def test_two_values_for_one_field_are_both_kept_and_one_is_chosen(
    country: Country, siti: Laptop, newcomer: Newcomer
) -> None:
    second, case = newcomer(), bytes.fromhex(new_case(siti))
    country.settle(siti)
    sync(second)
    cases.change_case(siti.desk, case.hex(), {"risk": "LOW"})
    country.settle(siti)
    second.edit(case, risk="MEDIUM")
    sync(second)
    assert outcomes(second) == [("conflict", "same_field")]
    (conflict,) = [record for kind, record in second.store.contents(second.office) if kind == "conflict"]
    told = second.store.shown(second.office, conflict)
    assert (told["about_id"], told["kept"], told["other"]) == (case.hex(), '"LOW"', '"MEDIUM"')
    second.edit(conflict, settled="OTHER")
    second.edit(case, risk="MEDIUM")
    sync(second)
    country.settle(siti)
    sync(second)
    same(second, siti)
    assert second.store.shown(second.office, case)["risk"] == "MEDIUM"


def test_what_is_refused_stays_and_goes_whole_when_corrected(newcomer: Newcomer) -> None:
    device = newcomer()
    person = device.make("person", name="Rina", nik="12")
    sync(device)
    assert outcomes(device) == [("refused", "nik_shape")]
    assert device.store.shown(device.office, person)["name"] == "Rina"
    device.edit(person, nik=None)
    sync(device)
    assert outcomes(device)[-1] == ("accepted", "") and states(device) == [PROVEN, PROVEN]
    assert device.store.held(device.office, person) is not None


def test_what_waits_for_a_record_is_decided_later_and_told(newcomer: Newcomer) -> None:
    first, other = newcomer(), newcomer()
    case = first.make("case", **REPORT)
    note = other.make("note", case, note_kind="CALL", at=1_760_000_000_000, text="Menelepon.")
    sync(other)
    assert outcomes(other) == [("held", "no_predecessor")]
    sync(first)
    sync(other)
    assert outcomes(other) == [("accepted", "")] and other.letters["R"] == 1
    assert other.store.held(other.office, note) is not None


def test_a_centre_of_schema_1_is_enough(country: Country, newcomer: Newcomer) -> None:
    device = newcomer()
    with doorman(country.centre.base_url, of_schema_1) as url:
        device.line.url = url
        device.make("case", **REPORT)
        sync(device)
        assert not device.short and states(device) == [PROVEN] and set(device.letters) == {"F"}
        assert hello(device) is None


def test_a_few_wrong_records_are_found_and_fetched_alone(siti: Laptop, country: Country, newcomer: Newcomer) -> None:
    device = newcomer()
    for _ in range(20):
        device.make("case", **REPORT)
    sync(device)
    before = held(device, device.office)
    wrong, missing = [record for kind, record in device.store.contents(device.office) if kind == "case"][:2]
    device.store.hold(device.office, wrong, kind="case", rev=3, content={})
    device.store.drop(device.office, missing)
    device.store.hold(device.office, bytes(16), kind="case", rev=4, content={})
    device.line.asked.clear()
    sync(device)
    assert held(device, device.office) == before and set(device.repaired) == {wrong, missing, bytes(16)}
    asked = [place.partition("?")[0] for place in device.line.asked]
    assert asked[-2:] == ["POST /v2/rows", "POST /v2/receipts"] and "POST /v2/ranges" in asked
    assert len([place for place in asked if "/feeds/" in place]) == 2  # each once: there was nothing to read


def test_a_referral_arrives_as_a_view_and_is_accepted(country: Country, siti: Laptop, newcomer: Newcomer) -> None:
    recipient = newcomer("B")
    country.settle(siti)
    case_id = new_case(siti)
    referral = bytes.fromhex(refer(siti, case_id, "Kantor B"))
    country.settle(siti)
    sync(recipient)
    seen = {kind for kind, _record in recipient.store.contents(recipient.office)}
    assert {"case", "person", "party", "consent", "referral", "referral_event"} <= seen
    case = recipient.store.held(recipient.office, bytes.fromhex(case_id))
    assert case is not None and "summary" not in case[2]  # free text was not shared
    recipient.make(
        "referral_event", bytes.fromhex(case_id), referral_id=referral.hex(), step="ACCEPTED", at=1_795_400_000_000
    )
    sync(recipient)
    assert outcomes(recipient) == [("accepted", "")]
    country.settle(siti)
    (item,) = referrals.of_case_items(siti.desk, case_id)
    assert item.state == "ACCEPTED"
    consents.withdraw(siti.desk, open_page(siti.desk, case_id).consents[0].id)
    country.settle(siti)
    sync(recipient)
    assert recipient.letters["L"] and ("case", case_id) not in held(recipient, recipient.office)
    assert not recipient.store.shown(recipient.office, bytes.fromhex(case_id)) and in_order(recipient)


def test_what_is_erased_goes_with_all_that_hangs_on_it(country: Country, siti: Laptop, newcomer: Newcomer) -> None:
    second, case_id = newcomer(), new_case(siti)
    country.settle(siti)
    sync(second)
    case = bytes.fromhex(case_id)
    second.make("note", case, note_kind="CALL", at=1_760_000_000_000, text="Menelepon.")
    erase(siti, case_id)
    country.settle(siti)
    sync(second)
    assert outcomes(second) == [("erased", "erased")]
    assert second.letters["T"] and not any(
        content.get("case_id") == case_id for _rev, content in second.store.contents(second.office).values()
    )
    assert second.held(case) is None and in_order(second)
    country.settle(siti)
    same(second, siti)


def test_the_directory_is_shared_by_all(country: Country, siti: Laptop, newcomer: Newcomer) -> None:
    second = newcomer()
    agency = second.make("agency", name="RSUD Batam", agency_type="RSUD")
    sync(second)
    assert outcomes(second) == [("accepted", "")] and second.store.held(REFERENCE, agency) is not None
    country.settle(siti)
    sync(second)
    same(second, siti)
