"""Whom keys are given when the centre lies, or another office sends what it should not: only who may have them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.all import Case, Person, Referral, ReferralEvent
from app.models.keyring import DeviceEntry, KeyGrant, OfficeKey
from app.models.local import Feed
from app.models.permission import Permission
from app.models.sealed import parts
from app.services import care, laptops, parties
from app.services.case_page import open_page
from app.services.desk import Desk
from app.services.intake import take
from app.services.laptops import _name
from app.services.office_keys import given_of
from app.sync.vouched import packed
from app.vault.casekeys import CaseKey, handed_over, open_grant
from app.vault.identity import DeviceIdentity
from app.vault.ring import Ring
from app.vault.workspace import Workspace
from app.wire import REFERENCE
from tests.services.sealed_office import (
    TIERS,
    Centre,
    a_grant,
    a_ring,
    arrives,
    came,
    lowest_key,
    office_key,
    other_laptop,
    published,
    refer,
    rows,
    used_for,
    victim,
)
from tests.services.sealed_office import keyring as keyring_of
from tests.worlds import intake


def give(desk: Desk) -> None:
    """As after a sync that brought the key of an office."""
    changes = came(desk, "office_key")
    with desk.write(Permission.SYNC) as session:
        desk.keyring.missing(session, changes, today=desk.today())


@pytest.fixture
def in_force(desk: Desk, workspace: Workspace, centre: Centre, sealed_case: str) -> OfficeKey:
    """Our office's key, published by this laptop, taken by the centre and come back."""
    with Session(desk.engine) as session:
        session.add(Feed(scope=REFERENCE, cursor="read"))
        session.commit()
    key = published(centre, desk.actor.office, desk.keyring.publics[0], workspace.device)
    arrives(desk, key)
    laptops.receive(desk, workspace.device, restricted=workspace.restricted)
    give(desk)
    return key


def opened_by(desk: Desk, ring: Ring) -> list[str]:
    """The subjects whose keys this ring opens."""
    given = [(grant.subject, given_of(grant)) for grant in rows(desk, KeyGrant)]
    return [subject for subject, one in given if one and open_grant(one, open_box=ring.open)]


@pytest.mark.parametrize("how", ["replaces", "first"])
def test_a_key_that_a_laptop_of_the_centres_own_publishes_for_our_office_is_given_nothing(
    desk, workspace, centre, in_force, how
):
    thief, ring = other_laptop(), a_ring()
    more = {"replaces": in_force.id} if how == "replaces" else {}
    evil = published(centre, desk.actor.office, ring.publics[0], thief, **more)
    arrives(desk, evil)
    with Session(desk.engine) as session:
        session.get(OfficeKey, evil.id).rev = 2_000 if how == "replaces" else 1
        session.commit()
    laptops.receive(desk, workspace.device, restricted=workspace.restricted)
    desk = replace(desk, keyring=keyring_of(workspace))  # also after the next start
    give(desk)
    person = next(one for one in rows(desk, Person) if one.health)
    parties.change_person(desk, person.id, {"health": "lain"})
    assert opened_by(desk, ring) == []


def test_a_ring_without_the_key_that_is_ours_is_not_taken(desk, workspace, centre, in_force):
    thief, evil = other_laptop(), a_ring()
    arrives(desk, published(centre, desk.actor.office, evil.publics[0], thief, replaces=in_force.id))
    given = handed_over(
        evil.bare(), subject=("office", desk.actor.office), kid=_name(evil.publics[0]),
        to_key=workspace.device.box_public, sign=thief.sign,
    )  # fmt: skip
    certificate = centre.certify(thief, desk.actor.office)
    arrives(desk, grant_record(desk, given, thief, certificate))
    assert not laptops.receive(desk, workspace.device, restricted=workspace.restricted)
    assert evil.publics[0] not in desk.keyring.publics
    give(desk)
    assert opened_by(desk, evil) == []


def grant_record(desk: Desk, given, laptop: DeviceIdentity, certificate: bytes | None = None) -> KeyGrant:
    case_id = given.subject[1] if given.subject[0] == "case" else None
    return KeyGrant(
        case_id=case_id, subject_kind=given.subject[0], subject=given.subject[1], kid=given.kid.hex(),
        to_office=desk.actor.office, to_key=given.to_key.hex(), box=packed(given.box), device=laptop.id,
        signature=packed(given.signature), certificate=packed(certificate) if certificate else None,
    )  # fmt: skip


def entry_of(desk: Desk, centre: Centre, laptop: DeviceIdentity) -> DeviceEntry:
    return DeviceEntry(id=laptop.id, tag="X", certificate=packed(centre.certify(laptop, desk.actor.office)))


@pytest.mark.parametrize("how", ["a grant that opens for nobody", "our own key under its name", "nothing"])
def test_a_new_office_key_goes_to_no_laptop_that_was_not_approved_here(desk, workspace, centre, in_force, how):
    thief, accomplice, approved = other_laptop(), other_laptop(), other_laptop()
    arrives(desk, *(entry_of(desk, centre, one) for one in (thief, accomplice, approved)))
    desk = replace(desk, actor=replace(desk.actor, role="SUPERVISOR"))
    laptops.approve(desk, approved.id)
    if how.startswith("a grant"):
        given = handed_over(
            b"x" * 32, subject=("office", desk.actor.office), kid=_name(desk.keyring.publics[0]),
            to_key=thief.box_public, sign=accomplice.sign,
        )  # fmt: skip
        arrives(desk, grant_record(desk, given, accomplice))
    elif how.startswith("our own"):
        public = desk.keyring.publics[0]
        arrives(desk, published(centre, desk.actor.office, public, thief, replaces=in_force.id))
    laptops.rotate(desk, restricted=workspace.restricted)
    boxes = [(grant.to_key, grant) for grant in rows(desk, KeyGrant) if grant.subject_kind == "office"]
    ours = {to_key for to_key, grant in boxes if grant.device == workspace.device.id}
    assert ours == {approved.box_public.hex()}


@pytest.mark.parametrize("what", ["no box", "signature", "another office", "another subject"])
def test_a_grant_that_proves_nothing_delays_no_key(desk, centre, police, sealed_case, what):
    ring, stranger = a_ring(), other_laptop()
    girl = victim(open_page(desk, sealed_case)).id
    kid = parts(next(one for one in rows(desk, Person) if one.id == girl).health)[0]
    given = handed_over(b"x" * 32, subject=("person", girl), kid=kid, to_key=ring.publics[0], sign=stranger.sign)
    junk = grant_record(desk, given, stranger, centre.certify(stranger, "ee" * 16))
    junk.to_office = police.office_id
    if what == "no box":
        junk.box, junk.signature = "?", None
    elif what == "signature":
        junk.device = desk.keyring.signer.id
    elif what == "another subject":
        junk.subject_kind, junk.subject, junk.case_id = "case", sealed_case, sealed_case
    arrives(desk, office_key(centre, police.office_id, ring), junk)
    refer(desk, sealed_case, police, TIERS)
    assert sorted(opened_by(desk, ring)) == sorted([girl, sealed_case])


def test_a_grant_that_proves_nothing_delays_no_key_that_waited_for_its_office(desk, centre, police, sealed_case):
    ring, stranger = a_ring(), other_laptop()
    refer(desk, sealed_case, police, TIERS)
    junk = KeyGrant(case_id=sealed_case, subject_kind="case", subject=sealed_case, kid="00" * 8, to_key="00" * 32,
                    to_office=police.office_id, box="?", device=stranger.id)  # fmt: skip
    arrives(desk, junk, office_key(centre, police.office_id, ring))
    give(desk)
    assert sealed_case in opened_by(desk, ring)


def test_words_that_look_like_a_token_give_no_key_away(desk, centre, police, sealed_case):
    parties.add_party(desk, sealed_case, {"name": "Rina", "sex": "P", "health": "rahasia"}, role="VICTIM")
    rina = next(one for one in rows(desk, Person) if one.name == "Rina")
    kid_token = rina.health
    ring = a_ring()
    arrives(desk, office_key(centre, police.office_id, ring))
    referral_id = refer(desk, sealed_case, police, TIERS)
    with Session(desk.engine) as session:  # as the recipient, or the centre, may write it
        session.get(Referral, referral_id).message = f"lihat {kid_token}"
        session.commit()
    care.add_service(desk, sealed_case, {"service_type": "H.VISUM", "place": "di sana"})
    give(desk)
    assert rina.id not in opened_by(desk, ring) and sealed_case in opened_by(desk, ring)


def test_what_a_laptop_gave_after_it_was_revoked_seals_nothing(desk, centre, sealed_case):
    lost, before, after = other_laptop(), lowest_key(), CaseKey.generate()
    while after.kid > before.kid:
        before, after = after, before
    entry = entry_of(desk, centre, lost)
    early, late = (a_grant(desk, key, ("case", sealed_case), lost) for key in (before, after))
    arrives(desk, early, entry, late)  # numbered in this order
    assert used_for(desk, sealed_case) == after.kid, "the control: while it is ours its keys are used"
    with Session(desk.engine) as session:
        session.get(DeviceEntry, lost.id).revoked = desk.now()
        session.commit()
    used = used_for(desk, sealed_case)
    assert used != after.kid
    assert used == min(before.kid, used)
    with desk.read() as session:
        assert desk.keyring.key_of(session, ("case", sealed_case), after.kid) is not None, "it is still read with"


@pytest.mark.parametrize("how", ["a referral", "its tiers", "its recipient", "its person"])
def test_a_referral_that_nobody_wrote_here_gives_no_key_away(desk, centre, police, sealed_case, how):
    ring, girl = a_ring(), victim(open_page(desk, sealed_case)).id
    parties.add_party(desk, sealed_case, {"name": "Rina", "sex": "P", "health": "rahasia"}, role="VICTIM")
    rina = next(one.id for one in rows(desk, Person) if one.name == "Rina")
    recipient = "dd" * 16 if how == "its recipient" else police.office_id
    arrives(desk, office_key(centre, recipient, ring))
    written = refer(desk, sealed_case, police, ["OPEN", "CASE"] if how == "its tiers" else TIERS)
    before = sorted(opened_by(desk, ring))
    with Session(desk.engine) as session:  # the centre tells what it likes: this is no work of anybody here
        told = session.get(Referral, written)
        if how == "a referral":
            events = session.scalars(select(ReferralEvent).where(ReferralEvent.referral_id == written)).all()
            fresh = {name: getattr(told, name) for name in ("case_id", "made_office", "to_agency", "consent_id")}
            forged = Referral(**fresh, to_office=told.to_office, person_id=rina, tiers=tuple(TIERS))
            session.add(forged)
            session.add_all(ReferralEvent(case_id=sealed_case, referral_id=forged.id, step=e.step, at=e.at,
                                          made_office=e.made_office) for e in events)  # fmt: skip
        told.tiers = tuple(TIERS)
        told.to_office = recipient
        told.person_id = rina if how == "its person" else told.person_id
        session.commit()
    parties.change_person(desk, girl, {"health": "lain"})
    parties.change_person(desk, rina, {"health": "lain"})
    give(desk)
    assert sorted(opened_by(desk, ring)) == before


def test_a_case_that_the_centre_calls_anothers_is_still_ours(desk, centre):
    case_id, ring, thief, planted = take(desk, intake()).id, a_ring(), other_laptop(), CaseKey.generate()
    office = "dd" * 16
    certificate = centre.certify(thief, office)
    arrives(desk, office_key(centre, office, ring), a_grant(desk, planted, ("case", case_id), thief,
                                                            certificate=certificate))  # fmt: skip
    with Session(desk.engine) as session:
        session.get(Case, case_id).made_office = office
        session.commit()
    assert used_for(desk, case_id) != planted.kid
    give(desk)
    assert opened_by(desk, ring) == []


@pytest.mark.parametrize("public", [bytes(32), b"\x01" + bytes(31), b"x" * 31], ids=["zeros", "low order", "short"])
def test_a_key_to_which_nothing_can_be_sealed_stops_nobody(desk, centre, police, sealed_case, public):
    arrives(desk, published(centre, police.office_id, public, other_laptop()))
    refer(desk, sealed_case, police, TIERS)
    ring = a_ring()
    arrives(desk, office_key(centre, police.office_id, ring))
    give(desk)
    assert sealed_case in opened_by(desk, ring)
