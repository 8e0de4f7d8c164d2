"""Who may publish an office's key and hand keys over, and who is told of which laptop."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from app.central import admin
from app.models.ids import new_id
from app.wire import REFERENCE
from app.wire.credentials import certificate_of, office_key_proof, packed
from app.wire.messages import Change, Outcome, Status, encode
from tests.central.scene import CODES, Scene, check_proof, only, sealed
from tests.centre import Laptop
from tests.until import until

ALL = [*CODES, "SENSITIVE"]


def a_key() -> str:
    """Somebody's public key as text."""
    return X25519PrivateKey.generate().public_key().public_bytes_raw().hex()


def certified(laptop: Laptop) -> str:
    """A laptop's certificate as records tell it."""
    [(certificate,)] = laptop.centre.sql("SELECT certificate FROM device WHERE id = %s", laptop.id)
    return packed(bytes(certificate))


def office_key(laptop: Laptop, *, record: str | None = None, **other: Any) -> Change:
    """The office's key, published by a laptop; `other` is what somebody put in after it was signed."""
    content = {"office": laptop.office, "public": a_key(), "device": laptop.id, **other.pop("signed", {})}
    signature = packed(laptop.sign(office_key_proof(content)))
    facts = {**content, "signature": signature, "certificate": certified(laptop), **other}
    return laptop.make("office_key", record=record, **facts)


def grant(laptop: Laptop, kind: str, subject: str, to_office: str, **other: Any) -> Change:
    """A key handed over; what is in the box only its recipient could say."""
    facts = {"subject_kind": kind, "subject": subject, "kid": "00" * 8, "to_office": to_office, "to_key": a_key(),
             "box": packed(b"sealed"), "device": laptop.id, **other}  # fmt: skip
    return laptop.make("key_grant", case=subject if kind == "case" else None, **facts)


def grants_of(laptop: Laptop) -> set[tuple[str, str]]:
    """(subject, to office) of every grant that stands in a laptop's scope."""
    laptop.pull()
    rows = laptop.rows[laptop.office].values()
    return {(row.content["subject"], row.content["to_office"]) for row in rows if row.kind == "key_grant"}


def test_a_laptop_publishes_the_key_of_its_own_office_and_everybody_reads_it(scene: Scene) -> None:
    a, b = scene.a, scene.b
    first = office_key(a)
    outcome = only(a.push(first))
    assert outcome.status is Status.ACCEPTED
    b.pull()
    assert (b.holds(first.record.hex(), REFERENCE) or {})["public"] == first.changes["public"]
    assert only(a.push(first)).status is Status.DUPLICATE
    after = office_key(a, signed={"replaces": first.record.hex()})
    assert only(a.push(after)).status is Status.ACCEPTED
    other = scene.centre.device("A")
    for forged, code, field in [
        (office_key(a, public=a_key()), "signature", "signature"),
        (office_key(a, certificate=certified(other)), "signature", "signature"),
        (office_key(a, replaces=first.record.hex()), "signature", "signature"),
        (office_key(a, signed={"public": "00"}), "shape", "public"),
        (office_key(a, signed={"replaces": new_id()}), "not_found", "replaces"),
        (office_key(a, signed={"replaces": scene.b.office}), "not_found", "replaces"),
        (a.edit("office_key", first.record.hex(), base_rev=outcome.rev, replaces=new_id()), "written_once", ""),
        (a.make("office_key", record=first.record.hex(), office=a.office, extra="x"), "written_once", ""),
    ]:  # fmt: skip
        assert only(a.push(forged)) == Outcome(Status.REFUSED, code, field), (code, field)
    for forged in (office_key(b, office=a.office), office_key(b, signed={"office": a.office})):
        assert only(b.push(forged)) == Outcome(Status.REFUSED, "signature", "signature")
    assert only(b.push(office_key(b, signed={"replaces": first.record.hex()}))).code == "not_found"
    assert only(b.push(office_key(b, record=first.record.hex()))).code == "written_once"
    admin.revoke(scene.centre.owner, other.id)
    stolen = office_key(a, signed={"device": other.id}, certificate=certified(other))
    stolen.changes["signature"] = packed(other.sign(office_key_proof(stolen.changes)))
    assert only(a.push(stolen)) == Outcome(Status.REFUSED, "signature", "device")
    check_proof(scene.centre, a, b)


def test_a_key_goes_with_the_values_it_opens_and_leaves_with_them(scene: Scene) -> None:
    a, b = scene.a, scene.b
    scene.register()
    keys = [grant(a, kind, subject, to) for to in (a.office, b.office)
            for kind, subject in (("case", scene.case), ("person", scene.siti), ("person", scene.rina))]  # fmt: skip
    assert {outcome.status for outcome in a.push(*keys)} == {Status.ACCEPTED}
    picture = a.make("attachment", case=scene.case, person_id=scene.siti, title=sealed("foto"), media_type="image/png")
    scene.send(a, scene.consents(tiers=ALL), picture)
    assert grants_of(b) == set()
    scene.send(a, scene.refers(tiers=ALL), scene.step(a, "SENT"))
    assert grants_of(b) == {(scene.case, b.office), (scene.siti, b.office)}, "not the other victim's"
    assert (b.holds(scene.siti) or {})["health"] == sealed("luka bakar")
    assert b.holds(picture.record.hex()) is not None
    late = grant(a, "person", scene.siti, b.office)
    assert only(a.push(late)).status is Status.ACCEPTED
    b.pull()
    assert b.holds(late.record.hex()) is not None, "a key given later comes later"
    check_proof(scene.centre, a, b)
    scene.send(a, scene.withdraws())
    assert grants_of(b) == set()
    assert (b.holds(picture.record.hex()), b.holds(scene.siti)) == (None, None)
    check_proof(scene.centre, a, b)


def test_without_sensitive_there_is_not_even_a_token(scene: Scene) -> None:
    a, b = scene.a, scene.b
    scene.register()
    picture = a.make("attachment", case=scene.case, person_id=scene.siti, title=sealed("foto"), media_type="image/png")
    a.push(grant(a, "case", scene.case, b.office), grant(a, "person", scene.siti, b.office), picture)
    # asked for, and not covered by the consent: nothing
    scene.send(a, scene.consents(tiers=CODES), scene.refers(tiers=ALL), scene.step(a, "SENT"))
    assert grants_of(b) == set()
    assert "health" not in (b.holds(scene.siti) or {"health": ""})
    assert b.holds(picture.record.hex()) is None
    assert b"sealed:1:" not in b"".join(encode(row.content) for row in b.lines)
    refused = Outcome(Status.REFUSED, "outside_view", "subject")
    assert only(b.push(grant(b, "person", scene.siti, a.office))) == refused
    assert only(b.push(grant(b, "case", scene.case, b.office))) == refused


def test_who_may_hand_over_which_key(scene: Scene) -> None:
    a, b, stranger = scene.a, scene.b, scene.centre.device("C")
    scene.register()
    scene.send(a, scene.consents(tiers=ALL), scene.refers(tiers=ALL), scene.step(a, "SENT"))
    b.pull()
    back = grant(b, "person", scene.siti, a.office)
    mine = grant(b, "case", scene.case, b.office)
    assert [outcome.status for outcome in b.push(back, mine)] == [Status.ACCEPTED] * 2
    assert grants_of(a) == {(scene.siti, a.office), (scene.case, b.office)}, "at home with the owner of the subject"
    assert grants_of(b) == {(scene.case, b.office)}
    assert only(b.push(grant(b, "person", scene.rina, a.office))).status is Status.HELD
    over = grant(b, "person", scene.siti, b.office, record=back.record.hex())
    assert only(b.push(over)).code == "not_found", "what it does not see is not overwritten"
    assert only(stranger.push(grant(stranger, "case", scene.case, stranger.office))).status is Status.HELD
    assert only(a.push(grant(a, "office", a.office, a.office))).status is Status.ACCEPTED
    for change, code, field in [
        (grant(a, "case", scene.case, new_id()), "unknown_office", "to_office"),
        (grant(a, "case", scene.siti, a.office, case_id=scene.case), "no_predecessor", ""),
        (grant(a, "person", scene.siti, a.office, case_id=scene.case), "shape", "case_id"),
        (grant(a, "case", scene.case, b.office, to_key="00"), "shape", "to_key"),
        (grant(a, "case", scene.case, b.office, box=None), "shape", "to_key"),
        (grant(a, "office", b.office, b.office), "not_found", ""),
        (grant(a, "office", a.office, b.office), "not_yours", "to_office"),
        (grant(a, "wizard", scene.siti, a.office), "not_found", ""),
        (a.edit("key_grant", back.record.hex(), base_rev=1, to_office=new_id()), "written_once", ""),
    ]:
        answer = only(a.push(change))
        assert (answer.code, answer.field) == (code, field)
    assert ("office", b.office) not in grants_of(b)
    check_proof(scene.centre, a, b)


def test_the_key_of_a_person_entered_for_another_office_comes_in_the_same_batch(scene: Scene) -> None:
    a, b = scene.a, scene.b
    scene.register()
    scene.send(a, scene.consents(tiers=ALL), scene.refers(tiers=ALL), scene.step(a, "SENT"))
    b.pull()
    suspect = new_id()
    person = b.make("person", record=suspect, name="Bos Robi", health=sealed("asma"))
    person = Change(**{**{f: getattr(person, f) for f in person.__struct_fields__}, "case": bytes.fromhex(scene.case)})
    part = b.make("party", case=scene.case, person_id=suspect, role="SUSPECT")
    outcomes = b.push(person, part, grant(b, "person", suspect, a.office), grant(b, "person", suspect, b.office))
    assert [outcome.status for outcome in outcomes] == [Status.ACCEPTED] * 4
    assert {(suspect, a.office), (suspect, b.office)} <= grants_of(a)
    assert (suspect, b.office) in grants_of(b)
    check_proof(scene.centre, a, b)


def entries(laptop: Laptop) -> dict[str, dict[str, Any]]:
    """The laptops of an office as one of them was told."""
    laptop.pull()
    rows = laptop.rows[laptop.office].values()
    return {row.record.hex(): row.content for row in rows if row.kind == "device"}


def test_an_office_is_told_of_its_own_laptops_and_of_a_revocation(scene: Scene) -> None:
    a, second, owner = scene.a, scene.centre.device("A"), scene.centre.owner
    told = entries(a)
    assert told.keys() == {a.id, second.id}
    key = scene.centre_key
    certificate = certificate_of(told[second.id]["certificate"], centre_key=key)
    assert certificate is not None
    assert (certificate.sign_public, certificate.box_public) == (second.sign_public, second.box_public)
    assert entries(scene.b).keys() == {scene.b.id}
    admin.revoke(owner, second.id)
    admin.revoke(owner, second.id)
    told = entries(a)
    assert {device: "revoked" in entry for device, entry in told.items()} == {a.id: False, second.id: True}
    seq = a.seqs[a.office]
    scene.centre.stop()
    scene.centre.start()
    a.pull()
    assert a.seqs[a.office] == seq, "what is told is not told again"
    check_proof(scene.centre, a)


def test_laptops_from_before_are_told_at_the_start(scene: Scene) -> None:
    a = scene.a
    scene.centre.stop()
    for table in ("feed", "placement", "record"):
        scene.centre.sql(f"DELETE FROM {table} WHERE scope = %s", a.office)
    scene.centre.sql("UPDATE scope SET head = 0, digest = decode(repeat('00', 16), 'hex'), count = 0"
                     " WHERE scope = %s", a.office)  # fmt: skip
    scene.centre.start()
    until(lambda: entries(a).keys() == {a.id}, "a laptop from before is not told")  # beside serving, not before it
    check_proof(scene.centre, a)
