"""Sealed values between offices and laptops, through a real centre: who may read them does, and nobody else."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from app import context as contexts
from app.central import admin
from app.errors import Conflicted, Forbidden, NotFound
from app.models.all import Conflict, KeyGrant, OfficeKey, Person
from app.models.sealed import HIDDEN, is_sealed
from app.services import care, consents, laptops, parties
from app.services.case_page import open_page
from app.services.conflicts import sides_of
from app.services.entries import entry_of, hidden
from app.services.laptops import approve, fingerprint, rotate
from app.services.office_keys import current_key
from app.sync.loop import run
from app.sync.report import SyncReport
from app.wire.batch import unseal
from app.wire.messages import encode
from app.wire.names import Named
from tests.sync.country import Country, new_case, refer
from tests.sync.laptops import Laptop
from tests.worlds import GIRL

HEALTH, PLACE, NAME = "Hamil tujuh bulan, sesak nafas", "Rumah aman Melati nomor 9", "Sitti Aminah"
TIERS = ("OPEN", "CASE", "IDENTIFYING", "SENSITIVE")
CONSENT = {"purpose": "SHARE", "given_by": "BOTH", "tiers": list(TIERS)}
VICTIM = {**GIRL, "health": HEALTH, "disability": ["SENS_SIGHT", "PHYSICAL"]}


@dataclass
class Place:
    """One laptop as the program holds it, cleared, with its way to the centre."""

    country: Country
    laptop: Laptop
    context: contexts.Context

    @property
    def desk(self) -> contexts.Desk:
        """Where its worker sits."""
        return self.context.desk

    @property
    def id(self) -> str:
        """Its name at the centre."""
        return self.context.signer.id

    def sync(self) -> SyncReport:
        """One whole sync, which has to succeed."""
        with self.country.transport(self.laptop) as transport:
            report = run(self.context.sync_setup(), transport)
        self.context.synced(report)
        assert report.problem is None, getattr(report.problem, "code", report.problem)
        assert report.green
        assert not report.repaired
        assert set(report.outcomes) <= {"accepted", "merged", "conflict"}, report.outcomes
        return report

    def victim(self, case_id: str) -> Any:
        """The first victim of a case, as its worker reads her."""
        return open_page(self.desk, case_id).victims[0].person

    def tokens(self) -> int:
        """How many people have anything sealed on this laptop."""
        with self.laptop.session() as session:
            return len([p for p in session.scalars(select(Person)) if p.health or p.disability])


def place(country: Country, name: str, *, office: str = "A") -> Place:
    """A laptop of this office, enrolled, in the hands of a cleared supervisor."""
    laptop = country.laptop(name, office=office)
    return Place(country, laptop, contexts.Context(laptop.workspace, laptop.desk, laptop.clock))


@pytest.fixture
def offices(country: Country) -> tuple[Place, Place]:
    """One laptop in each of two offices; both offices have published their keys."""
    a, b = place(country, "a1"), place(country, "b1", office="B")
    for each in (a, b, a):
        each.sync()
    return a, b


def sealed_case(a: Place, **changes: Any) -> str:
    """A case with all that is sealed."""
    case_id = new_case(a, **{"victim": VICTIM, "consent": CONSENT, **changes})
    service = {"service_type": "S.SHELTER", "place": PLACE, "person_id": a.victim(case_id).id}
    care.add_service(a.desk, case_id, service)
    return case_id


def read(of: Place, case_id: str) -> tuple[Any, Any, Any]:
    """(health, disability, place) as this worker reads them."""
    page, person = open_page(of.desk, case_id), of.victim(case_id)
    return person["health"], person["disability"], page.services[0]["place"]


WHOLE = (HEALTH, ("PHYSICAL", "SENS_SIGHT"), PLACE)


def test_who_is_sent_sealed_values_reads_them_and_writes_back(offices: tuple[Place, Place], country: Country) -> None:
    a, b = offices
    case_id = sealed_case(a)
    refer(a, case_id, "Kantor B", *TIERS)
    sent = a.sync()
    assert sent.pushed_operations
    b.sync()
    assert read(b, case_id) == WHOLE
    parties.change_person(
        b.desk, b.victim(case_id).id, {"health": "Sudah diperiksa bidan", "disability": ["SENS_SIGHT"]}
    )
    b.sync()
    a.sync()
    assert read(a, case_id) == ("Sudah diperiksa bidan", ("SENS_SIGHT",), PLACE)
    assert a.sync().pushed_operations == 0, "nothing is left to be given"
    _nothing_at_the_centre(country, "Sudah diperiksa bidan")


def _nothing_at_the_centre(country: Country, *more: str) -> None:
    """Every row of every table, and every batch unpacked: no sealed word in any dress; the control shows we can see."""
    found = country.centre.sql(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
    )
    heap = bytearray()
    for (table,) in found:
        for row in country.centre.sql(f"SELECT * FROM {table}"):
            for value in row:
                heap += b"\x00" + (bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode())
    for scope, data in country.centre.sql("SELECT scope, data FROM batch"):
        named = partial(_named, country, str(scope))
        heap += encode(unseal(bytes(data), verify=lambda _message, _signature: True, resolve=named).changes)
    assert any(dress in heap for dress in _dresses(NAME)), "the control: an identifying value is there"
    for word in (HEALTH, PLACE, "SENS_SIGHT", *more):
        assert not [dress for dress in _dresses(word) if dress in heap], word


def _named(country: Country, scope: str, numbers: Sequence[int]) -> dict[int, Named]:
    """What the numbers in a batch of this office name."""
    found = country.centre.sql(
        "SELECT f.seq, f.record, f.kind, r.case_id FROM feed f JOIN record r ON r.scope = f.scope AND r.id = f.record"
        " WHERE f.scope = %s AND f.seq = ANY(%s)", scope, list(numbers),
    )  # fmt: skip
    return {seq: Named(record.bytes, kind, case.bytes if case else None) for seq, record, kind, case in found}


def _dresses(word: str) -> set[bytes]:
    plain = {word.encode(), word.encode("utf-16-le"), word.encode("utf-16-be")}
    if word.isupper():  # a code
        return {b"\xa4" + word.encode(), b'"' + word.encode(), b"|" + word.encode()}
    inside = {base64.b64encode(word.encode()[shift:])[4:-4] for shift in range(3)}
    return plain | {word.encode().hex().encode()} | inside


def test_without_sensitive_not_even_a_token_comes(offices: tuple[Place, Place]) -> None:
    a, b = offices
    case_id = sealed_case(a)
    refer(a, case_id, "Kantor B", "OPEN", "CASE", "IDENTIFYING")
    a.sync()
    b.sync()
    assert (b.victim(case_id)["name"], b.victim(case_id)["health"]) == (NAME, None)
    assert (b.tokens(), b.laptop.count(KeyGrant)) == (0, 0)


def test_a_withdrawn_consent_takes_values_and_keys_back(offices: tuple[Place, Place]) -> None:
    a, b = offices
    case_id = sealed_case(a)
    refer(a, case_id, "Kantor B", *TIERS)
    a.sync()
    b.sync()
    assert b.laptop.count(KeyGrant) == 2, "of the person and of the case"
    consents.withdraw(a.desk, open_page(a.desk, case_id).consents[0].id)
    a.sync()
    b.sync()
    assert (b.tokens(), b.laptop.count(KeyGrant), b.laptop.count(Person)) == (0, 0, 0)


def test_an_office_without_a_key_is_given_one_as_soon_as_it_has(country: Country) -> None:
    a = place(country, "a1")
    country.centre.office("B")
    a.sync()
    case_id = sealed_case(a)
    refer(a, case_id, "Kantor B", *TIERS)
    a.sync()
    b = place(country, "b1", office="B")
    b.sync()
    assert read(b, case_id) == (HIDDEN, HIDDEN, HIDDEN)
    assert a.sync().pushed_operations >= 2, "given in the very sync that brought the key"
    b.sync()
    assert read(b, case_id) == WHOLE


def test_a_second_laptop_reads_nothing_sealed_until_it_is_approved(
    offices: tuple[Place, Place], country: Country
) -> None:
    a, b = offices
    case_id = sealed_case(a)
    a.sync()
    second = place(country, "a2")
    second.sync()
    assert second.victim(case_id)["name"] == NAME
    assert read(second, case_id) == (HIDDEN, HIDDEN, HIDDEN)
    own = new_case(second, victim={**GIRL, "name": "Rini", "health": "alergi udang"})
    second.sync()
    a.sync()
    assert a.victim(own)["health"] == "alergi udang", "what it seals is the office's at once"
    listed = {each.device: each for each in laptops.laptops(a.desk)}
    assert listed.keys() == {a.id, second.id}
    assert [(listed[d].ours, listed[d].approved) for d in (a.id, second.id)] == [(True, True), (False, False)]
    assert listed[second.id].words == second.context.six_words() != ""
    with pytest.raises(Conflicted):
        approve(second.desk, a.id)  # it has nothing to give
    with pytest.raises(NotFound):
        approve(a.desk, b.id)
    approve(a.desk, second.id)
    a.sync()
    second.sync()
    assert read(second, case_id) == WHOLE
    assert {each.approved for each in laptops.laptops(second.desk)} == {True}
    assert fingerprint(a.desk) == fingerprint(second.desk) == fingerprint(b.desk, a.desk.actor.office) != ""
    assert approve(a.desk, second.id).changes.records == frozenset(), "once is enough"
    b.sync()
    assert b.laptop.count(KeyGrant) == 0, "the office's own key never leaves its scope"
    second.context.close()  # and after a restart it is there at once
    second.laptop = country.reopened("a2")
    second.context = contexts.Context(second.laptop.workspace, second.laptop.desk, country.clock)
    assert read(second, case_id) == WHOLE


def test_two_laptops_that_both_made_a_key_agree_on_the_first(country: Country) -> None:
    one, two = place(country, "a1"), place(country, "a2")
    mine = new_case(one, victim={**GIRL, "health": "satu"})
    other = new_case(two, victim={**GIRL, "name": "Rini", "health": "dua"})
    with two.country.transport(two.laptop) as transport:  # two publishes before it hears of the key of one
        two.context.sync_setup()
        run(two.laptop.setup, transport)
    with two.desk.write(contexts.Permission.SYNC) as session:
        two.context.desk.keyring.missing(session, today=two.desk.today())  # type: ignore[union-attr]
    one.sync()
    two.sync()
    for each in (one, two):
        each.sync()
    with one.laptop.session() as here, two.laptop.session() as there:
        office = one.desk.actor.office
        assert len(here.scalars(select(OfficeKey)).all()) == 2
        assert current_key(here, office) == current_key(there, office) == one.desk.keyring.publics[0]  # type: ignore[union-attr]
    approve(one.desk, two.id)
    for each in (one, two, one):
        each.sync()
    for each in (one, two):
        assert (each.victim(mine)["health"], each.victim(other)["health"]) == ("satu", "dua")


def test_two_change_a_sealed_value_and_both_are_shown_and_a_set_adds_up(
    offices: tuple[Place, Place], country: Country
) -> None:
    a, _b = offices
    case_id = sealed_case(a)
    a.sync()
    second = place(country, "a2")
    second.sync()
    a.sync()
    approve(a.desk, second.id)
    for each in (a, second):
        each.sync()
    person = a.victim(case_id).id
    parties.change_person(
        a.desk, person, {"health": "membaik", "disability": ["SENS_SIGHT", "PHYSICAL", "SENS_HEARING"]}
    )
    parties.change_person(second.desk, person, {"health": "memburuk sejak kemarin", "disability": ["SENS_SIGHT"]})
    for each in (a, second, a):
        each.sync()
    for each in (a, second):
        assert each.victim(case_id)["health"] == "membaik"
        assert each.victim(case_id)["disability"] == ("SENS_HEARING", "SENS_SIGHT")
        with each.laptop.session() as session:
            [record] = session.scalars(select(Conflict)).all()
            assert "buruk" not in (record.other or "")
            sides, shut = (sides_of(entry_of(record, opens=opens)) for opens in (each.desk.opener(session), hidden))
        assert (sides.kept, sides.other) == ("membaik", "memburuk sejak kemarin")
        assert (shut.kept, shut.other) == (HIDDEN, HIDDEN)
    _nothing_at_the_centre(country, "memburuk sejak kemarin")


def test_after_a_laptop_was_revoked_the_office_seals_to_a_new_key(
    offices: tuple[Place, Place], country: Country
) -> None:
    a, b = offices
    case_id = sealed_case(a)
    lost, third = place(country, "a2"), place(country, "a3")
    for each in (lost, third, a):
        each.sync()
    approve(a.desk, lost.id)
    approve(a.desk, third.id)
    for each in (a, lost, third):
        each.sync()
    assert read(lost, case_id) == WHOLE
    admin.revoke(country.centre.owner, lost.id)
    a.sync()
    [gone] = [each for each in laptops.laptops(a.desk) if each.revoked]
    assert gone.device == lost.id
    with pytest.raises(Conflicted):
        approve(a.desk, lost.id)
    before = fingerprint(a.desk)
    restricted = a.laptop.workspace.restricted
    assert restricted is not None
    rotate(a.desk, restricted=restricted)
    assert fingerprint(a.desk) != before
    for each in (a, third, b):
        each.sync()
    assert fingerprint(b.desk, a.desk.actor.office) == fingerprint(a.desk) == fingerprint(third.desk)
    assert {each.tag for each in laptops.laptops(third.desk) if not each.approved} == {"A2"}
    assert read(third, case_id) == read(a, case_id) == WHOLE
    fresh = new_case(third, victim={**GIRL, "name": "Rini", "health": "baru"})
    third.sync()
    a.sync()
    assert a.victim(fresh)["health"] == "baru"
    with a.laptop.session() as session:
        new = current_key(session, a.desk.actor.office)
        assert new is not None
        assert new not in lost.desk.keyring.publics  # type: ignore[union-attr]


def test_who_is_not_cleared_neither_approves_nor_is_given_a_key(offices: tuple[Place, Place], country: Country) -> None:
    a, _b = offices
    second = place(country, "a2")
    second.sync()
    a.sync()
    keyring, a.desk.keyring = a.desk.keyring, None
    with pytest.raises(Forbidden):
        approve(a.desk, second.id)
    a.desk.keyring = keyring
    with a.laptop.session() as session:
        assert all(is_sealed(person.health) for person in session.scalars(select(Person)))
