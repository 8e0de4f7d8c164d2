"""The centre countersigns where a device's audit ends, and never hears of an earlier end again."""

from __future__ import annotations

from typing import Any

import pytest

from app.central import admin
from app.wire.messages import AuditHead, Receipt, ReceiptRequest, Signed, audit_proof, decode
from tests.centre import CentreUnderTest, read, refusal

H = [bytes([n]) * 32 for n in range(10)]


def audit_of(reply: Any) -> tuple[int, bytes]:
    """What a receipt says of the audit."""
    receipt = decode(read(reply, Signed).body, Receipt)
    return receipt.audit_seq, receipt.audit_head


def test_the_last_link_is_countersigned_and_nothing_before_it_again(centre: CentreUnderTest) -> None:
    laptop, other = centre.device("A"), centre.device("A")
    laptop.pull()
    assert audit_of(laptop.receipt()) == (0, b"")
    assert audit_of(laptop.receipt(audit=(5, H[5]))) == (5, H[5])
    assert audit_of(laptop.receipt(audit=(5, H[5]))) == (5, H[5])
    assert audit_of(laptop.receipt(audit=(7, H[7]))) == (7, H[7])
    assert audit_of(laptop.receipt()) == (7, H[7]), "an older program hears what is known"
    assert admin.incidents(centre.owner) == []
    assert refusal(laptop.receipt(audit=(6, H[6]))) == (409, "audit_rewound")
    assert refusal(laptop.receipt(audit=(7, H[8]))) == (409, "audit_rewound")
    assert refusal(laptop.receipt(audit=(7, H[8]))) == (409, "audit_rewound")
    found = admin.incidents(centre.owner)
    assert {(i.device, i.office_code, i.tag, i.code, i.n) for i in found} == {
        (laptop.id, "A", laptop.tag, "audit_rewound", n) for n in (6, 7)
    }
    assert len(found) == 2, "the same twice is noted once"
    assert admin.forks(centre.owner) == []
    assert audit_of(laptop.receipt(audit=(8, H[8]))) == (8, H[8])
    other.pull()
    assert audit_of(other.receipt(audit=(1, H[1]))) == (1, H[1]), "another laptop has an audit of its own"


@pytest.mark.parametrize("signed", [(4, H[5]), (5, H[4]), None], ids=["seq", "hash", "device"])
def test_an_end_that_the_device_did_not_sign_is_refused(
    centre: CentreUnderTest, signed: tuple[int, bytes] | None
) -> None:
    laptop, other = centre.device("A"), centre.device("A")
    laptop.pull()
    proof = audit_proof(laptop.raw_id, *signed) if signed else audit_proof(other.raw_id, 5, H[5])
    asked = ReceiptRequest(laptop.point(), AuditHead(5, H[5], laptop.sign(proof)))
    assert refusal(laptop.post("/v1/receipts", asked)) == (422, "signature")
    for seq, h in ((0, H[0]), (5, b"short")):
        assert refusal(laptop.receipt(audit=(seq, h))) == (400, "format")
    assert audit_of(laptop.receipt()) == (0, b"")


def test_a_laptop_that_doubts_its_own_data_says_so_and_the_administrator_reads_it(centre: CentreUnderTest) -> None:
    laptop = centre.device("A")
    laptop.push(laptop.make("person", name="Siti"))
    for _again in range(2):
        assert laptop.hello(stale="older").status_code == 200
    laptop.hello(stale="receipt")
    assert {(i.code, i.n, i.word) for i in admin.incidents(centre.owner)} == {
        ("stale", 1, "older"),
        ("stale", 1, "receipt"),
    }
    assert len(admin.incidents(centre.owner)) == 2
    assert refusal(laptop.hello(stale="Siti Aminah")) == (400, "format")
