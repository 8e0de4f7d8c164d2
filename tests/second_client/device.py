"""A workspace of the second client: who it is, what it holds, and the work that people do in it."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from tests.second_client.line import Line
from tests.second_client.store import Store
from tests.second_client.wire import REFERENCE, Malformed, believed, changed, decode, new_id

NAME: Final = "Petugas Kedua"
_UNDECIDED: Final = ("unsent", "sent", "held", "refused")


class Device:
    """One device in a folder, and its line to the centre."""

    def __init__(self, folder: Path, url: str) -> None:
        self.store = Store(folder / "second.db")
        if self.store.fact("key") is None:
            with self.store.whole():
                self.store.keep("key", Ed25519PrivateKey.generate().private_bytes_raw())
                self.store.keep("box", X25519PrivateKey.generate().private_bytes_raw())
        self.key = Ed25519PrivateKey.from_private_bytes(self.store.fact("key"))
        self.box = X25519PrivateKey.from_private_bytes(self.store.fact("box"))
        self.public = self.key.public_key().public_bytes_raw()
        self.id = hashlib.sha256(self.public).digest()[:16]
        self.line = Line(url, self.id, self.key)
        self.letters: Counter[str] = Counter()  # rows that came, by what they say
        self.repaired: list[bytes] = []  # ids that were fetched alone because they differed
        self.short = True  # until a centre of schema 1 says that it knows nothing of /v2/

    @property
    def office(self) -> bytes:
        """Whose device this is."""
        office: bytes = decode(self.store.fact("certificate")["body"])["office"]
        return office

    @property
    def epoch(self) -> str:
        """Of the centre, as last seen."""
        return str(self.store.fact("epoch"))

    @property
    def scopes(self) -> tuple[bytes, bytes]:
        """What this device reads; the short forms name them 0 and 1."""
        return self.office, REFERENCE

    def enrol(self, code: str, tag: str) -> None:
        """Become known (section 3)."""
        box = self.box.public_key().public_bytes_raw()
        proof = self.key.sign(b"naungan enrol 1\n" + code.encode() + box + tag.encode())
        request = {"code": code, "sign_public": self.public, "box_public": box, "tag": tag, "signature": proof}
        told = self.line.tell("/v1/enrol", request)
        certificate = believed(told["certificate"], b"naungan certificate 1\n", told["centre_key"])
        if certificate["device"] != self.id or certificate["sign_public"] != self.public:
            raise Malformed("a certificate of somebody else")
        with self.store.whole():
            for key in ("certificate", "centre_key", "epoch"):
                self.store.keep(key, told[key])
            self.keep_recipient(told.get("bundle"))

    def keep_recipient(self, signed: dict[str, Any] | None) -> None:
        """For whom a bundle is closed, if the centre signed that."""
        if signed is not None:
            self.store.keep("bundle", believed(signed, b"naungan bundle 1\n", self.store.fact("centre_key")))

    def point(self, scope: bytes) -> dict[str, Any]:
        """How far a scope was read, and what is here of it, recomputed."""
        cursor, seq = self.store.feed(scope)
        digest, count = self.store.digest(scope)
        return {"scope": scope, "cursor": cursor, "seq": seq, "digest": digest, "count": count}

    def held(self, record: bytes) -> tuple[str, int, dict[str, Any]] | None:
        """The centre's version, from whichever scope."""
        return next((found for scope in self.scopes if (found := self.store.held(scope, record))), None)

    # work (section 4)

    def make(self, kind: str, case: bytes | None = None, **content: Any) -> bytes:
        """A new record of this office; returns its id."""
        record = new_id()
        links = {"case_id": case.hex()} if case else {}
        entry = {"made_at": now_ms(), "made_by": NAME, "made_office": self.office.hex()}
        self._add([kind, record, record if kind == "case" else case, 0, True, {**entry, **links, **content}])
        return record

    def edit(self, record: bytes, **changes: Any) -> None:
        """A save of a record that is here."""
        undecided = self.store.of_record(record, *_UNDECIDED)
        begun = next((one for one in undecided if one["is_new"]), None)
        if begun is not None and begun["status"] == "refused":
            self._again_whole(undecided, changes)
            return
        known = self.held(record)
        if known is None:
            if begun is None:
                raise KeyError(record.hex())
            known = (begun["kind"], 0, decode(begun["body"])[5])
        kind, rev, content = known
        if kind == "case":
            case: bytes | None = record
        else:
            case = bytes.fromhex(content["case_id"]) if "case_id" in content else None
        # who edits on top of own undecided work has not seen what the centre held instead
        same = [one["base_rev"] for one in undecided if decode(one["body"])[5].keys() & changes.keys()]
        self._add([kind, record, case, min([rev, *same]), False, changes])

    def _again_whole(self, tries: list[Any], changes: dict[str, Any]) -> None:
        """Its beginning was refused: the whole record goes, new, in the place of what was refused."""
        whole: dict[str, Any] = {}
        for one in tries:
            whole = changed(whole, decode(one["body"])[5])
        kind, record, case = decode(tries[0]["body"])[:3]
        with self.store.whole():
            self.store.sql("UPDATE operation SET status = 'replaced' WHERE record = ? AND status = 'refused'", record)
            self._add([kind, record, case, 0, True, changed(whole, changes)])

    def _add(self, operation: list[Any]) -> None:
        self.store.add([*operation, bytes(16), NAME, now_ms()])


def now_ms() -> int:
    """Now, for people to read."""
    return int(time.time() * 1000)
