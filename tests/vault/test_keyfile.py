"""The key file in a stranger's hands: no edit of it opens anything, none crashes the program."""

from __future__ import annotations

import json
import random
from base64 import b64decode
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.errors import WorkspaceDamaged, WorkspaceNewer, WrongPassword
from app.vault.escrow import Trustees
from app.vault.kdf import CHEAPEST, KdfCost, slot_key
from app.vault.keyfile import VERSION, parse, read_key_file
from app.vault.recovery_key import new_key
from tests.attacks import Survived, Tries
from tests.vault.offices import PASSWORD, SECOND, Office

Path_ = tuple[str | int, ...]


def canonical(told: Any) -> bytes:
    """As the program writes it, so that only the meaning differs from the original."""
    return json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def leaves(told: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Every place in the file that holds a value."""
    if isinstance(told, dict | list):
        for key, value in told.items() if isinstance(told, dict) else enumerate(told):
            yield from leaves(value, (*path, key))
    else:
        yield path


def edited(told: Any, path: Path_, change: Callable[[Any], Any]) -> Any:
    copy = json.loads(json.dumps(told))
    place = copy
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = change(place[path[-1]])
    return copy


def other_values(value: Any) -> list[Any]:
    """What a stranger would put there instead, of the same and of other types."""
    near = {
        bool: lambda: not value,
        int: lambda: value + 1,
        str: lambda: value[:-1] + ("A" if value[-1:] != "A" else "B"),
    }[type(value)]()
    return [near, None, "", -1, 0, 10**30, 1.5, True, [], {}, value * 2 if value else "x", [value], "é"]


def test_no_edit_of_any_field_opens(office: Office, survived: Survived) -> None:
    whole = office.key_file.read_bytes()
    told = json.loads(whole)
    places = list(leaves(told))
    assert len(places) > 45
    tried = 0
    for place in places:
        for value in other_values(_at(told, place)):
            if value == _at(told, place) and type(value) is type(_at(told, place)):
                continue
            office.key_file.write_bytes(canonical(edited(told, place, lambda _old, new=value: new)))
            assert _refused(office), f"{place} = {value!r} was accepted"
            tried += 1
    assert tried >= 200
    office.key_file.write_bytes(whole)
    office.unlock().close()
    survived(tried, of=tried, control="the file as it was written opens with the same password")


def test_no_field_may_be_missing_added_or_moved(office: Office) -> None:
    with office.unlock() as workspace:
        workspace.set_trustees(Trustees(new_key().public, new_key().public))
    told = json.loads(office.key_file.read_bytes())
    first, second = told["slots"]
    mutants = [{key: value for key, value in told.items() if key != gone} for gone in told]
    mutants += [
        {**told, "slots": [{key: value for key, value in first.items() if key != gone}, second]} for gone in first
    ]
    mutants += [
        {**told, "note": "x"},
        {**told, "escrow": {**told["escrow"], "centre": told["escrow"]["district"]}},
        *({**told, "escrow": {k: v for k, v in told["escrow"].items() if k != gone}} for gone in told["escrow"]),
        {**told, "slots": [{**first, "note": "x"}, second]},
        {**told, "slots": [second, first]},
        {**told, "slots": [first]},
        {**told, "slots": [first, first]},
        {**told, "slots": []},
        {**told, "slots": [{**first, "user": second["user"]}, second]},
        {**told, "slots": [{**first, "user": {**first["user"], "role": "ADMIN"}}, second]},
        {**told, "slots": [{**first, "salt": second["salt"]}, second]},
        {**told, "slots": [{**first, "sealed": second["sealed"], "nonce": second["nonce"]}, second]},
        {**told, "slots": [{**first, "door": second["door"]}, second]},
        {**told, "slots": [{key: value for key, value in first.items() if key != "door"}, second]},
        {**told, "slots": [{**first, "door": {**first["restricted"], "public": first["door"]["public"]}}, second]},
        {**told, "slots": [first, {**second, "restricted": first["restricted"]}]},
        {**told, "slots": [first, {**second, "user": {**second["user"], "cleared": True}}]},
        {
            **told,
            "slots": [{**first, "user": {key: first["user"][key] for key in ("id", "login", "name", "role")}}, second],
        },
        *({**told, "version": version} for version in (1, 2, 3, 5)),
    ]
    for mutant in mutants:
        office.key_file.write_bytes(canonical(mutant))
        assert _refused(office), f"accepted: {mutant}"


def test_no_flipped_bit_and_no_cut_opens(office: Office, tries: Tries, survived: Survived) -> None:
    whole, chance = office.key_file.read_bytes(), random.Random(7)
    spots = range(0, len(whole), tries(ci=8, full=1))
    for spot in spots:
        mutant = bytearray(whole)
        mutant[spot] ^= 1 << chance.randrange(8)
        office.key_file.write_bytes(mutant)
        assert _refused(office), f"byte {spot}"
    for size in range(len(whole)):
        with pytest.raises(WorkspaceDamaged):
            parse(whole[:size])
    office.key_file.write_bytes(whole)
    office.unlock().close()
    tried = len(spots) + len(whole)
    survived(tried, of=tried, control="the file as it was written opens with the same password")


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{}", b"[]", b"null", b"7", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"format": "naungan-keys"}',
        b" " * (1 << 21),
        b'{"format": "naungan-keys", "version": "9"}', b'{"format": "naungan-keys", "version": true}',
    ],
    ids=range(12),
)  # fmt: skip
def test_what_is_no_key_file_is_refused_in_words(raw: bytes) -> None:
    with pytest.raises(WorkspaceDamaged):
        parse(raw)


def test_another_way_to_write_the_same_is_refused(office: Office) -> None:
    whole = office.key_file.read_bytes()
    told = json.loads(whole)
    assert canonical(told) == whole, "else this test proves nothing"
    doubled = whole.replace(b' "version": 4\n', b' "version": 4,\n "version": 4\n')
    for other in (json.dumps(told).encode(), whole + b"\n", whole.rstrip(), b" " + whole, doubled):
        assert other != whole
        with pytest.raises(WorkspaceDamaged):
            parse(other)


def test_a_file_from_the_future_is_told_apart(office: Office) -> None:
    told = json.loads(office.key_file.read_bytes())
    office.key_file.write_bytes(canonical({**told, "version": VERSION + 1, "something": "new"}))
    with pytest.raises(WorkspaceNewer):
        office.unlock()


@pytest.mark.parametrize("name", ["memory_mib", "passes", "lanes"])
@pytest.mark.parametrize("value", [0, -3, 18, 1025, 10**9, 2**64, 2.0, "3", None, True])
def test_a_cost_outside_the_band_is_refused_before_it_is_paid(office: Office, name: str, value: object) -> None:
    told = json.loads(office.key_file.read_bytes())
    told["slots"][0]["kdf"][name] = value
    with pytest.raises(WorkspaceDamaged):
        parse(canonical(told))


@pytest.mark.parametrize(
    ("cost", "allowed"),
    [
        (KdfCost(), True),
        (CHEAPEST, True),
        (KdfCost(1024, 10, 8), True),
        (KdfCost(18, 2, 1), False),
        (KdfCost(1025, 3, 4), False),
        (KdfCost(128, 1, 4), False),
        (KdfCost(128, 11, 4), False),
        (KdfCost(128, 3, 0), False),
        (KdfCost(128, 3, 9), False),
    ],
)
def test_the_band(cost: KdfCost, allowed: bool) -> None:
    assert cost.allowed is allowed
    if not allowed:
        with pytest.raises(ValueError, match="band"):
            slot_key("password", cost=cost, salt=bytes(16), context=b"")


def test_the_slot_is_what_the_design_says_by_another_implementation(office: Office) -> None:
    """Argon2id by argon2-cffi, the rest by hand: the written format, not our own reading of it."""
    with office.unlock() as workspace:
        held = [bytes(keys._dek or b"") for keys in workspace.held.each]
        vault_id, pinned = workspace.vault_id, workspace.device.sign_public
    told = json.loads(office.key_file.read_bytes())["slots"][0]
    slot = read_key_file(office.directory).slots[0]
    bound = {key: told[key] for key in ("slot", "kdf", "salt", "generation")}
    assert set(told) == {*bound, "user", "nonce", "sealed", "door", "restricted"}
    user = {key: value for key, value in told["user"].items() if key != "cleared"}
    assert set(user) == {"id", "login", "name", "role"}
    bound |= {"vault": vault_id, "public": told["door"]["public"], "user": user}
    aad = canonical({"version": 2, **bound})
    stretched = hash_secret_raw(PASSWORD.encode(), slot.salt, 2, 19 * 1024, 1, 32, Type.ID)
    kek = HKDF(hashes.SHA256(), 32, slot.salt, aad).derive(stretched)
    inside = AESGCM(kek).decrypt(slot.sealed.nonce, slot.sealed.box, aad)
    assert inside[32:] == pinned
    private, aad = X25519PrivateKey.from_private_bytes(inside[:32]), canonical({"version": 3, "cleared": True, **bound})
    names = {"door": b"naungan/1/data key for a slot\x00", "restricted": b"naungan/1/restricted key for a slot\x00"}
    for (name, domain), key in zip(names.items(), held, strict=True):
        door = {part: b64decode(text) for part, text in told[name].items()}
        public = private.public_key().public_bytes_raw()
        assert door.get("public", public) == public
        told_by_device = domain + door["ephemeral"] + door["nonce"] + door["sealed"] + aad
        Ed25519PublicKey.from_public_bytes(pinned).verify(door["signature"], told_by_device)
        common = private.exchange(X25519PublicKey.from_public_bytes(door["ephemeral"]))
        ends = b"".join(sorted((public, door["ephemeral"])))
        through = HKDF(hashes.SHA256(), 32, ends, domain + aad).derive(common)
        assert AESGCM(through).decrypt(door["nonce"], door["sealed"], aad) == key


def test_two_slots_share_nothing_that_shows(office: Office) -> None:
    first, second = read_key_file(office.directory).slots
    for name in ("id", "salt", "sealed"):
        assert getattr(first, name) != getattr(second, name)
    with office.unlock() as one:
        keys = bytes(one.keys._dek or b"")
    with office.unlock(login="budi", password=SECOND) as two:
        assert bytes(two.keys._dek or b"") == keys
    assert keys.hex().encode() not in office.key_file.read_bytes()


def _at(told: Any, path: Path_) -> Any:
    for key in path:
        told = told[key]
    return told


def _refused(office: Office) -> bool:
    """Whether this key file is refused in words, by sari's right password; the count of tries starts anew."""
    (office.directory / "attempts").unlink(missing_ok=True)
    try:
        office.unlock().close()
    except (WorkspaceDamaged, WorkspaceNewer, WrongPassword):
        return True
    return False
