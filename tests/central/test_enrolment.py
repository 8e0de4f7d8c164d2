"""Enrolment and sessions: a code is told once, a nonce is signed once, a revocation holds at once."""

from __future__ import annotations

import msgspec
import pytest

from app.central import admin
from app.central.keys import verified
from app.errors import Invalid, KnownError, NotFound, UserError
from app.models.six_words import six_words
from app.wire.messages import (
    CERTIFICATE_DOMAIN,
    SESSION_DOMAIN,
    Certificate,
    EnrolReply,
    Problem,
    Session,
    SessionRequest,
    Signed,
    decode,
)
from tests.centre import CentreUnderTest, Laptop, read, refusal


def test_a_certificate_says_who_the_device_is_and_is_signed_by_the_centre(centre: CentreUnderTest) -> None:
    laptop = Laptop(centre, "A")
    reply = laptop.enrol(centre.code("A"))
    certificate = decode(reply.certificate.body, Certificate)
    assert (certificate.device, certificate.office.hex(), certificate.office_code) == (
        laptop.raw_id,
        laptop.office,
        "A",
    )
    signed = CERTIFICATE_DOMAIN + reply.certificate.body
    assert verified(reply.centre_key, signed, reply.certificate.signature)
    assert not verified(reply.centre_key, signed + b"x", reply.certificate.signature)


def test_a_wrong_code_may_be_tried_five_times(centre: CentreUnderTest) -> None:
    laptop, code = Laptop(centre, "A"), centre.code("A")
    wrong = code[:-1] + ("A" if code[-1] != "A" else "B")
    for _try in range(5):
        assert refusal(laptop.post("/v1/enrol", laptop.enrol_request(wrong))) == (401, "code")
    assert refusal(laptop.post("/v1/enrol", laptop.enrol_request(code))) == (401, "code")


def test_a_code_serves_one_device_and_that_one_again(centre: CentreUnderTest) -> None:
    first, second, code = Laptop(centre, "A"), Laptop(centre, "A"), centre.code("A")
    reply = first.enrol(code.lower())
    assert first.enrol(code) == reply, "a lost reply can be asked for again"
    assert refusal(second.post("/v1/enrol", second.enrol_request(code))) == (401, "code_used")


def test_a_code_lasts_a_day(centre: CentreUnderTest) -> None:
    laptop, code = Laptop(centre, "A"), centre.code("A")
    centre.clock.forward(hours=24, seconds=1)
    assert refusal(laptop.post("/v1/enrol", laptop.enrol_request(code))) == (401, "code_expired")


def test_the_code_itself_is_not_stored(centre: CentreUnderTest) -> None:
    code = centre.code("A")
    [(selector, stored)] = centre.sql("SELECT selector, hash FROM enrol_code")
    assert (selector, len(code)) == (code[:3], 10)
    assert code[3:].encode() not in bytes(stored)


def test_a_tag_is_unique_in_its_district(centre: CentreUnderTest) -> None:
    first, second = Laptop(centre, "A"), Laptop(centre, "B")
    first.enrol(centre.code("A"))
    code = centre.code("B")
    assert refusal(second.post("/v1/enrol", second.enrol_request(code, tag=first.tag))) == (409, "tag_taken")
    second.enrol(code)  # with its own tag the same code still serves
    centre.office("C", region="36.03")
    elsewhere = Laptop(centre, "C")
    read(elsewhere.post("/v1/enrol", elsewhere.enrol_request(centre.code("C"), tag=first.tag)), EnrolReply)


def test_a_tag_has_a_shape(centre: CentreUnderTest) -> None:
    laptop, code = Laptop(centre, "A"), centre.code("A")
    for tag in ("é", "kecil", "A" * 9, "A-1"):
        assert refusal(laptop.post("/v1/enrol", laptop.enrol_request(code, tag=tag))) == (400, "tag")


def test_a_request_must_be_signed_by_its_own_key(centre: CentreUnderTest) -> None:
    laptop, thief = Laptop(centre, "A"), Laptop(centre, "A")
    request = msgspec.structs.replace(laptop.enrol_request(centre.code("A")), sign_public=thief.sign_public)
    assert refusal(laptop.post("/v1/enrol", request)) == (422, "signature")


def test_a_device_belongs_to_one_office(centre: CentreUnderTest) -> None:
    laptop = centre.device("A")
    assert refusal(laptop.post("/v1/enrol", laptop.enrol_request(centre.code("B")))) == (409, "enrolled")


def test_a_nonce_serves_once_and_five_minutes(centre: CentreUnderTest) -> None:
    laptop = centre.device("A")
    nonce = laptop.challenge().nonce
    request = SessionRequest(laptop.raw_id, nonce, laptop.sign(SESSION_DOMAIN + nonce))
    read(laptop.post("/v1/session", request), Session)
    assert refusal(laptop.post("/v1/session", request)) == (401, "session")
    nonce = laptop.challenge().nonce
    centre.clock.forward(minutes=5, seconds=1)
    late = SessionRequest(laptop.raw_id, nonce, laptop.sign(SESSION_DOMAIN + nonce))
    assert refusal(laptop.post("/v1/session", late)) == (401, "session")


def test_a_nonce_is_spent_by_a_wrong_signature_and_bound_to_its_device(centre: CentreUnderTest) -> None:
    laptop, other = centre.device("A"), centre.device("A")
    nonce = laptop.challenge().nonce
    by_other = SessionRequest(other.raw_id, nonce, other.sign(SESSION_DOMAIN + nonce))
    assert refusal(other.post("/v1/session", by_other)) == (401, "session")
    forged = SessionRequest(laptop.raw_id, nonce, other.sign(SESSION_DOMAIN + nonce))
    assert refusal(laptop.post("/v1/session", forged)) == (401, "session")
    good = SessionRequest(laptop.raw_id, nonce, laptop.sign(SESSION_DOMAIN + nonce))
    assert refusal(laptop.post("/v1/session", good)) == (401, "session")


def test_an_unknown_device_gets_a_nonce_that_opens_nothing(centre: CentreUnderTest) -> None:
    stranger = Laptop(centre, "A")
    nonce = stranger.challenge().nonce
    request = SessionRequest(stranger.raw_id, nonce, stranger.sign(SESSION_DOMAIN + nonce))
    assert refusal(stranger.post("/v1/session", request)) == (401, "session")


def test_a_token_lasts_twelve_hours_and_is_stored_hashed(centre: CentreUnderTest) -> None:
    laptop = centre.device("A")
    assert len(laptop.token) == 22
    assert laptop.token.encode() not in bytes(centre.sql("SELECT token FROM session")[0][0])
    centre.clock.forward(hours=12, seconds=1)
    assert refusal(laptop.hello()) == (401, "session")
    laptop.token = "x" * 22
    assert refusal(laptop.hello()) == (401, "session")
    laptop.token = ""
    assert refusal(laptop.hello()) == (401, "session")


def test_a_revocation_holds_at_once(centre: CentreUnderTest) -> None:
    laptop = centre.device("A")
    assert laptop.hello().status_code == 200
    nonce = laptop.challenge().nonce
    admin.revoke(centre.owner, laptop.id)
    assert refusal(laptop.hello()) == (401, "revoked")
    request = SessionRequest(laptop.raw_id, nonce, laptop.sign(SESSION_DOMAIN + nonce))
    assert refusal(laptop.post("/v1/session", request)) == (401, "revoked")
    [line] = admin.devices(centre.owner, centre.data_dir)
    assert (line.id, line.office_code, line.tag, line.revoked is not None) == (laptop.id, "A", laptop.tag, True)


def test_a_certificate_runs_out(centre: CentreUnderTest) -> None:
    laptop = centre.device("A")
    centre.clock.forward(days=366)
    nonce = laptop.challenge().nonce
    request = SessionRequest(laptop.raw_id, nonce, laptop.sign(SESSION_DOMAIN + nonce))
    assert refusal(laptop.post("/v1/session", request)) == (401, "certificate_expired")


def test_an_office_is_made_once_and_everybody_reads_of_it(centre: CentreUnderTest) -> None:
    office = centre.office("A")
    with pytest.raises(Invalid):
        admin.add_office(centre.owner, code="A", name="Lagi", agency_type="UPTD_PPA", region="36.71", now=centre.clock)
    with pytest.raises(NotFound):
        admin.enrol_code(centre.owner, office_code="TIDAK-ADA", now=centre.clock)
    with pytest.raises(NotFound):
        admin.revoke(centre.owner, "0" * 32)
    reader = centre.device("B")
    entries = [(row.kind, row.content.get("office_id")) for row in reader.pull()]
    assert ("office", None) in entries
    assert ("agency", office) in entries
    assert admin.offices(centre.owner) == [(office, "A", "Kantor A"), (reader.office, "B", "Kantor B")]


def test_an_order_is_told_to_its_device_alone(centre: CentreUnderTest) -> None:
    laptop, other = centre.device("A"), centre.device("A")
    order = admin.wipe_order(centre.data_dir, laptop.id, reason="hilang", now=centre.clock)
    nonce = laptop.challenge().nonce
    admin.revoke(centre.owner, laptop.id, order=order)
    told = decode(laptop.hello().content, Problem)
    assert told.order == decode(order, Signed)
    forged = SessionRequest(laptop.raw_id, nonce, other.sign(SESSION_DOMAIN + nonce))
    assert decode(other.post("/v1/session", forged).content, Problem).order is None
    assert other.hello().status_code == 200
    admin.revoke(centre.owner, laptop.id)
    assert decode(laptop.hello().content, Problem).order is not None, "an order once given stands"


@pytest.mark.parametrize(("device", "reason"), [("zz", ""), ("00" * 16, "x" * 201), ("00" * 16, "dua\nbaris")])
def test_an_order_that_makes_no_sense_is_not_signed(centre: CentreUnderTest, device: str, reason: str) -> None:
    with pytest.raises(UserError):
        admin.wipe_order(centre.data_dir, device, reason=reason, now=centre.clock)


def test_a_database_of_an_older_version_is_upgraded_by_init_alone(centre: CentreUnderTest) -> None:
    old = Laptop(centre, "A")
    old.enrol(centre.code("A"))
    centre.stop()
    centre.sql("DROP TABLE deed")
    centre.sql("ALTER TABLE device DROP COLUMN wipe, DROP COLUMN confirmed")
    centre.sql("UPDATE centre SET version = 1")
    with pytest.raises(KnownError, match="naungan central init"):
        centre.start()
    admin.init(centre.url_of["owner"], centre.data_dir)
    centre.start()
    centre.clock.forward(days=2)
    old.sign_in()
    assert old.hello().status_code == 200, "who worked before goes on"
    laptop = centre.device("A")
    admin.revoke(centre.owner, laptop.id)
    assert [action for _at, action, _subject, _detail in admin.deeds(centre.owner)] == ["confirm", "revoke"]


def test_an_unconfirmed_device_works_for_a_day_and_then_after_it_was_confirmed(centre: CentreUnderTest) -> None:
    laptop = Laptop(centre, "A")
    reply = laptop.enrol(centre.code("A"))
    laptop.sign_in()
    [line] = admin.devices(centre.owner, centre.data_dir)
    body = reply.certificate.body
    assert line.confirmed is None
    assert line.words == six_words(centre_key=reply.centre_key, device_key=laptop.sign_public, certificate=body)
    centre.clock.forward(hours=11)
    assert laptop.hello().status_code == 200
    centre.clock.forward(hours=11)
    laptop.sign_in()
    centre.clock.forward(hours=2, seconds=1)
    assert refusal(laptop.hello()) == (401, "unconfirmed")
    nonce = laptop.challenge().nonce
    request = SessionRequest(laptop.raw_id, nonce, laptop.sign(SESSION_DOMAIN + nonce))
    assert refusal(laptop.post("/v1/session", request)) == (401, "unconfirmed")
    admin.confirm(centre.owner, laptop.id)
    laptop.sign_in()
    assert laptop.hello().status_code == 200
    assert [deed[1:3] for deed in admin.deeds(centre.owner)] == [("confirm", laptop.id)]
    with pytest.raises(NotFound):
        admin.confirm(centre.owner, "00" * 16)


def test_six_words_differ_with_every_part() -> None:
    parts = {"centre_key": b"a" * 32, "device_key": b"b" * 32, "certificate": b"c"}
    said = six_words(**parts)
    assert (len(said.split()), six_words(**parts)) == (6, said)
    assert len({said, *(six_words(**{**parts, name: b"x" * 32}) for name in parts)}) == 4
    assert six_words(centre_key=b"b" * 32, device_key=b"a" * 32, certificate=b"c") != said


def test_forks_of_every_office_are_listed_for_the_administrator(centre: CentreUnderTest) -> None:
    assert admin.forks(centre.owner) == []
    forked = [centre.device("A"), centre.device("B")]
    for laptop in forked:
        laptop.push(laptop.make("person", name="Siti"))
        other = laptop.seal(laptop.make("person", name="Lain"), n=1, previous=bytes(32))
        assert refusal(laptop.put(other, n=1)) == (409, "fork")
        assert refusal(laptop.put(other, n=1)) == (409, "fork")
        centre.clock.forward(minutes=1)
    found = admin.forks(centre.owner)
    assert [(fork.device, fork.office_code, fork.tag, fork.n) for fork in found] == [
        (laptop.id, code, laptop.tag, 1) for laptop, code in zip(reversed(forked), "BA", strict=True)
    ], "each once, the newest first"
