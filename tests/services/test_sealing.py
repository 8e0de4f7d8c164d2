"""Sealed values at the desk: nothing plain in the file, who reads and writes, which key seals, and whom it is given."""

from __future__ import annotations

import json
from dataclasses import replace

import msgspec
import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.errors import Forbidden, Invalid
from app.models.all import Case, Person
from app.models.conflict import Conflict
from app.models.ids import new_id
from app.models.keyring import KeyGrant, OfficeKey
from app.models.local import Feed, Operation
from app.models.permission import Permission
from app.models.sealed import HIDDEN, is_sealed, is_token
from app.services import care, conflicts, drafts, duplicates, exports, parties, referral_page
from app.services.case_page import open_page
from app.services.intake import take
from app.services.office_keys import current_key, given_of
from app.sync.vouched import office_key_proof, packed
from app.vault.casekeys import CaseKey, open_grant
from app.vault.ring import Ring
from app.wire import REFERENCE
from tests.services.sealed_office import (
    HEALTH,
    PLACE,
    SEALED,
    TIERS,
    Centre,
    a_grant,
    a_ring,
    arrives,
    came,
    everything,
    given_to,
    keyring,
    lowest_key,
    office_key,
    other_laptop,
    refer,
    rows,
    used_for,
    victim,
)
from tests.worlds import GIRL, intake


def test_nothing_sensitive_stands_plain_in_any_table(workspace, desk, sealed_case):
    person = victim(open_page(desk, sealed_case))
    parties.change_person(desk, person.id, {"health": HEALTH + " sembuh", "disability": ["PHYSICAL"]})
    drafts.save(desk, "person", {"health": HEALTH})
    held = list(everything(workspace))
    assert [where for where, text_ in held if any(needle in text_ for needle in (HEALTH, PLACE, "PHYSICAL"))] == []
    assert any("Sitti Aminah" in text_ for _where, text_ in held), "the scan finds what is there"
    assert sum("sealed:1:" in text_ for _where, text_ in held) >= 5


def test_a_cleared_worker_reads_what_was_written(desk, sealed_case):
    page = open_page(desk, sealed_case)
    assert victim(page)["health"] == HEALTH
    assert victim(page)["disability"] == ("INTELLECTUAL", "PHYSICAL")
    assert [service["place"] for service in page.services] == [PLACE]
    found = duplicates.candidates(desk, {"name": GIRL["name"]})
    assert [one.person["health"] for one in found] == [HEALTH]


def test_a_colleague_who_is_not_cleared_sees_that_there_is_something_and_no_more(uncleared, sealed_case):
    page = open_page(uncleared, sealed_case)
    assert victim(page)["health"] is HIDDEN and victim(page)["disability"] is HIDDEN
    assert [service["place"] for service in page.services] == [HIDDEN]
    assert [one.person["health"] for one in duplicates.candidates(uncleared, {"name": GIRL["name"]})] == [HIDDEN]
    assert victim(page)["name"] == GIRL["name"]


@pytest.mark.parametrize("value", ["lain", None, "sealed:1:" + "A" * 80])
def test_who_is_not_cleared_changes_nothing_sealed_and_everything_else(uncleared, desk, sealed_case, value):
    person = victim(open_page(uncleared, sealed_case))
    with pytest.raises((Forbidden, Invalid)) as said:
        parties.change_person(uncleared, person.id, {"health": value, "alias": "Mimi"})
    assert isinstance(said.value, Invalid) is bool(value and is_token(value))
    parties.change_person(uncleared, person.id, {"alias": "Mimi", "health": HIDDEN, "disability": HIDDEN})
    care.add_service(uncleared, sealed_case, {"service_type": "H.VISUM"})
    after = victim(open_page(desk, sealed_case))
    assert (after["alias"], after["health"]) == ("Mimi", HEALTH)


def test_the_same_value_again_is_no_change(desk, sealed_case):
    person = victim(open_page(desk, sealed_case))
    before = len(rows(desk, Operation))
    saved = parties.change_person(desk, person.id, SEALED)
    assert not saved.changes and len(rows(desk, Operation)) == before
    parties.change_person(desk, person.id, {"disability": ["PHYSICAL", "SENS_HEARING"]})
    change = msgspec.msgpack.decode(rows(desk, Operation)[-1].changes)["disability"]
    assert (len(change["add"]), len(change["remove"])) == (1, 1) and all(map(is_token, change["add"]))


def test_equal_values_of_two_persons_are_not_equal_in_the_file(desk, sealed_case):
    parties.add_party(desk, sealed_case, {"name": "Rina", "sex": "P", "health": HEALTH}, role="WITNESS")
    told = {person.health for person in rows(desk, Person) if person.health}
    assert len(told) == 2 and {subject.subject_kind for subject in rows(desk, KeyGrant)} == {"case", "person"}


def test_a_save_without_sealed_values_asks_for_no_keys(workspace, desk, sealed_case):
    person, asked = victim(open_page(desk, sealed_case)), []

    def hear(_c, _cursor, statement, *_rest):
        asked.append(statement)

    event.listen(workspace.engine, "before_cursor_execute", hear)
    parties.change_person(desk, person.id, {"alias": "Mona"})
    event.remove(workspace.engine, "before_cursor_execute", hear)
    assert asked and not [said for said in asked if "key_grant" in said or "office_key" in said]


def test_a_page_opens_each_key_once(monkeypatch, workspace, desk, sealed_case):
    for name in ("Rina", "Sari"):
        parties.add_party(desk, sealed_case, {"name": name, "sex": "P", "health": name}, role="WITNESS")
        care.add_service(desk, sealed_case, {"service_type": "H.VISUM", "place": name})
    opened = []
    real = Ring.open
    monkeypatch.setattr(Ring, "open", lambda self, box, **told: opened.append(box) or real(self, box, **told))
    fresh = replace(desk, keyring=keyring(workspace))
    open_page(fresh, sealed_case)
    open_page(fresh, sealed_case)
    assert len(opened) == len(set(opened)) == 4  # the case and three persons


def test_the_ring_is_the_same_after_unlocking_again(workspace, desk, sealed_case):
    again = replace(desk, keyring=keyring(workspace))
    assert again.keyring is not None and again.keyring.publics == desk.keyring.publics
    assert victim(open_page(again, sealed_case))["health"] == HEALTH
    again.keyring.forget()
    assert again.keyring.publics == ()


# --- which key seals ---------------------------------------------------------------------------------------------


def test_of_two_keys_that_two_laptops_made_all_come_to_use_one(desk, centre, sealed_case):
    first, colleague, second = used_for(desk, sealed_case), other_laptop(), lowest_key()
    certificate = centre.certify(colleague, desk.actor.office)
    arrives(desk, a_grant(desk, second, ("case", sealed_case), colleague, certificate=certificate))
    assert used_for(desk, sealed_case) == min(first, second.kid) == second.kid
    assert PLACE in {service["place"] for service in open_page(desk, sealed_case).services}
    service = next(s for s in open_page(desk, sealed_case).services if s["place"] == PLACE)
    assert not care.change_service(desk, service.id, {"place": PLACE}).changes, "an equal value keeps its older token"


@pytest.mark.parametrize("who", ["nobody", "forged", "another office"])
def test_a_key_from_somebody_who_is_not_proven_seals_nothing(desk, centre, who):
    case_id = take(desk, intake()).id
    stranger, planted, office = other_laptop(), CaseKey.generate(), new_id()
    vouching = {"nobody": None, "forged": Centre().certify(stranger, desk.actor.office),
                "another office": centre.certify(stranger, office)}[who]  # fmt: skip
    arrives(desk, a_grant(desk, planted, ("case", case_id), stranger, certificate=vouching))
    assert used_for(desk, case_id) != planted.kid
    with desk.read() as session:
        assert desk.keyring.key_of(session, ("case", case_id), planted.kid) is not None, "it may still be read with"


def test_in_the_case_of_another_office_its_own_key_seals(desk, centre):
    owner, laptop, key = new_id(), other_laptop(), CaseKey.generate()
    case = Case(number="1", made_office=owner)
    arrives(desk, case, a_grant(desk, key, ("case", case.id), laptop, certificate=centre.certify(laptop, owner)))
    assert used_for(desk, case.id) == key.kid


# --- whom a key is given -----------------------------------------------------------------------------------------


def test_a_recipient_is_given_the_keys_of_what_its_referral_shows_and_no_others(desk, centre, police, sealed_case):
    parties.add_party(desk, sealed_case, {"name": "Rina", "sex": "P", "health": "sehat"}, role="VICTIM")
    ring = a_ring()
    arrives(desk, office_key(centre, police.office_id, ring))
    refer(desk, sealed_case, police, ["OPEN", "CASE"])
    assert given_to(desk, police.office_id) == set()
    referral_id = refer(desk, sealed_case, police, TIERS)
    girl = victim(open_page(desk, sealed_case)).id
    grants = [grant for grant in rows(desk, KeyGrant) if grant.to_office == police.office_id]
    assert {grant.subject for grant in grants} == {sealed_case, girl}, "not the other victim's"
    keys = {grant.subject: open_grant(given_of(grant), open_box=ring.open) for grant in grants}
    person = next(one for one in rows(desk, Person) if one.id == girl)
    assert keys[girl].open_value(("person", girl, "health"), person.health) == HEALTH
    assert all(grant.certificate for grant in grants)
    shared = referral_page.open_referral(desk, referral_id).shared
    assert HEALTH in [entry["health"] for entry in shared if entry.kind == "person"]


def test_a_recipient_whose_key_is_not_known_is_given_it_once_it_is(desk, centre, police, sealed_case):
    refer(desk, sealed_case, police, TIERS)
    assert given_to(desk, police.office_id) == set()
    with desk.write(Permission.READ) as session:
        desk.keyring.missing(session, today=desk.today())
    arrives(desk, office_key(centre, police.office_id, a_ring()))
    unit = desk.write(Permission.READ)
    with unit as session:
        desk.keyring.missing(session, came(desk, "office_key"), today=desk.today())
    assert given_to(desk, police.office_id) == {"case", "person"}


def test_the_office_publishes_its_key_once_and_takes_no_other_offices_word_for_it(desk, centre):
    with desk.write(Permission.READ) as session:
        desk.keyring.missing(session, today=desk.today())
    assert rows(desk, OfficeKey) == [], "before the directory came nobody knows whether there is a key already"
    with Session(desk.engine) as session:
        session.add(Feed(scope=REFERENCE, cursor="read"))
        session.commit()
    for _twice in range(2):
        with desk.write(Permission.READ) as session:
            desk.keyring.missing(session, today=desk.today())
    with desk.read() as session:
        assert current_key(session, desk.actor.office) == desk.keyring.publics[0]
    assert len(rows(desk, OfficeKey)) == 1
    office, thief = new_id(), other_laptop()
    forged = office_key(centre, office, a_ring())
    forged.device, forged.certificate = thief.id, packed(centre.certify(thief, new_id()))
    forged.signature = packed(thief.sign(office_key_proof({"office": office, "public": forged.public,
                                                           "device": thief.id})))  # fmt: skip
    arrives(desk, forged)
    with desk.read() as session:
        assert current_key(session, office) is None


# --- drafts, conflicts, papers -----------------------------------------------------------------------------------


def test_a_draft_with_sealed_words_opens_for_its_author_alone(desk, uncleared, workspace):
    saved = drafts.save(desk, "intake", {"safety": {"health": HEALTH}, "name": "Sitti"})
    plain = drafts.save(desk, "note", {"text": "kata biasa"})
    assert {one.id: one.content["safety"]["health"] for one in drafts.mine(desk) if one.id == saved.id} == {
        saved.id: HEALTH
    }
    assert [one.id for one in drafts.mine(uncleared)] == [plain.id]
    assert not [where for where, held in everything(workspace) if HEALTH in held]


@pytest.fixture
def over_health(desk, sealed_case) -> Conflict:
    """The centre kept one value of the girl's health and holds another, both sealed."""
    girl = victim(open_page(desk, sealed_case)).id
    person = next(one for one in rows(desk, Person) if one.id == girl)
    kept = person.health
    parties.change_person(desk, girl, {"health": "lain sekali"})
    other = next(one for one in rows(desk, Person) if one.id == girl).health
    parties.change_person(desk, girl, {"health": HEALTH})
    conflict = Conflict(
        case_id=sealed_case, about_kind="person", about_id=girl, about_field="health", kept=json.dumps(kept),
        other=json.dumps(other), kept_by="A", other_by="B", kept_at=desk.now(), other_at=desk.now(),
    )  # fmt: skip
    arrives(desk, conflict)
    return conflict


def test_both_sides_of_a_conflict_are_read_and_one_is_put(desk, uncleared, over_health, sealed_case):
    (entry,) = open_page(desk, sealed_case).conflicts
    sides = conflicts.sides_of(entry)
    assert (sides.kept, sides.other) == (HEALTH, "lain sekali")
    (shut,) = open_page(uncleared, sealed_case).conflicts
    assert (conflicts.sides_of(shut).kept, conflicts.sides_of(shut).other) == (HIDDEN, HIDDEN)
    for choice, value in (("KEPT", None), ("OTHER", None), ("EDITED", "x"), ("EDITED", HIDDEN)):
        with pytest.raises(Forbidden):
            conflicts.settle(uncleared, over_health.id, choice, value=value)
    conflicts.settle(desk, over_health.id, "OTHER")
    assert victim(open_page(desk, sealed_case))["health"] == "lain sekali"


def test_an_edited_value_of_a_conflict_is_sealed(desk, over_health, sealed_case):
    conflicts.settle(desk, over_health.id, "EDITED", value="keduanya benar")
    assert victim(open_page(desk, sealed_case))["health"] == "keduanya benar"
    assert all(is_sealed(person.health) for person in rows(desk, Person))


def test_a_paper_never_prints_what_is_shut(desk, uncleared, sealed_case):
    order = exports.Order(profile="INTERNAL", password=None)
    whole = exports.preview(desk, sealed_case, order)
    shut = exports.preview(uncleared, sealed_case, order)
    assert "person.health" in whole.fields and "service.place" in whole.fields
    assert not {"person.health", "person.disability", "service.place"} & set(shut.fields)
