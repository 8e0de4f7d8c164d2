"""A second centre, of dictionaries and one thread: what must become of every operation, and what each scope must hold.

Written from the description of the protocol and not from the centre: it imports neither app.central nor
app.wire.merge. Facts about fields, the steps of a referral and what a referral shows (models.view, which shows it to
whoever refers as well) are data that both share.

It numbers nothing itself: the lines that the real centre wrote are handed over, and every write that must happen takes
the next line of its record. A write too many, too few, or out of order is then found by counting.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.models.base import KINDS
from app.models.field import field_map
from app.models.view import referral_step
from app.wire.messages import Change
from tests.sync.reference_books import Books, Content, Expected, Known, Work
from tests.sync.reference_rights import COMMON, as_guest, entry, home_of, is_late


@dataclass
class Reference:
    """The centre as it must be."""

    books: Books
    seen_up_to: Callable[[str, str], int] = lambda _scope, _epoch: 2**62  # what a number of an older epoch still means
    told: dict[tuple[str, int], list[Expected]] = field(default_factory=dict)  # result of each batch
    final: dict[tuple[str, int, int], Expected] = field(default_factory=dict)  # of each operation in the end
    _came: list[str] = field(default_factory=list)  # records that are there now
    _failed: list[str] = field(default_factory=list)  # records whose making was refused

    def batch(self, device: str, n: int, *, office: str, epoch: str, changes: Sequence[Change]) -> None:
        """A batch of a device: every operation in order, then what waited for what it brought, then the views."""
        outcomes, self._came, self._failed = [], [], []
        for position, change in enumerate(changes):
            work = Work((device, n, position), office, epoch, change)
            outcomes.append(self._decided(work))
        assert (device, n) not in self.told, "applied twice"
        self.told[device, n] = outcomes
        self._go_on(office)
        self.books.show_all()

    def delivered(self, referral: str, *, owner: str) -> None:
        """The recipient proved that it has the referral: the centre notes it, if it was still on its way."""
        known = self.books.scopes[owner].own.get(referral)
        if known is None or known.case is None:
            return
        if referral_step(self.books.file(owner, known.case), referral) == "SENT":
            record, content = self.books.lines.made(owner, "delivered")
            if content:
                assert (content["referral_id"], content["step"]) == (referral, "DELIVERED")
            told = {"case_id": known.case, "referral_id": referral, "step": "DELIVERED"}
            event = Known("referral_event", record, {**told, **{k: content.get(k) for k in ("at", "made_at")}})
            event.content["made_by"] = "centre"
            self.books.write(owner, event, keys=event.content, device="", change=None)
        self.books.show_all()

    def _decided(self, work: Work) -> Expected:
        """What becomes of it now; held, or decided for good."""
        outcome = self._judge(work)
        change, record = work.change, work.change.record.hex()
        unborn = self.books.scopes[work.office].unborn
        if outcome.status == "held":
            needs = self._needs(work)
            if needs in unborn:  # its making was refused: nothing that hangs on it can be done
                outcome = Expected("refused", "no_predecessor")
            else:
                self.books.held.append((needs, work))
                unborn -= {record} if change.new else set()
        elif change.new and outcome.status in ("accepted", "merged", "conflict", "duplicate"):
            self._came.append(record)
            unborn.discard(record)
        if change.new and outcome.status in ("refused", "erased", "left"):
            self._fails(work)
        self.final[work.where] = outcome
        return outcome

    def _fails(self, work: Work) -> None:
        record = work.change.record.hex()
        if self.books.find(work.office, record) is None:
            self.books.scopes[work.office].unborn.add(record)
            self._failed.append(record)

    def _go_on(self, office: str) -> None:
        """What waited is decided: done, as its own author's work of then, or refused with what it waited for."""
        late: dict[str, set[tuple[str, int]]] = {}  # by device: nobody knew what another's late work wrote
        while self._came or self._failed:
            came, self._came = self._came, []
            for work in self._ready(office, came):
                self._decided(replace(work, late=late.setdefault(work.where[0], set())))
            failed, self._failed = self._failed, []
            for work in self._ready(office, failed):
                self.final[work.where] = Expected("refused", "no_predecessor")
                if work.change.new:
                    self._fails(work)

    def _ready(self, office: str, records: list[str]) -> list[Work]:
        """What waited for these records, in order; it waits no longer."""
        ready = [each for each in self.books.held if each[1].office == office and each[0] in records]
        self.books.held = [each for each in self.books.held if each not in ready]
        return sorted((work for _needs, work in ready), key=lambda work: work.where)

    def _judge(self, work: Work) -> Expected:
        """What must become of an operation."""
        change, office = work.change, work.office
        record = change.record.hex()
        if self.books.is_erased(change, office):
            return Expected("erased", "erased")
        problem = entry(self.books, change, office)
        if problem:
            return problem
        found = self.books.find(office, record, common=change.kind in COMMON)
        if found and found[1].kind != change.kind:
            return Expected("refused", "not_found")
        if not found:
            seen = 0 < change.base_rev <= self.seen_up_to(office, work.epoch)
            home = home_of(self.books, change, office) if change.new else self.books.missing(office, record, seen)
            if isinstance(home, Expected):
                return home
            if home != office and record in self.books.scopes[home].own:
                return Expected("refused", "not_found")
            found = (home, Known(change.kind, record))
        outcome = self._meet(work, found)
        if change.kind == "erasure":
            for held in self.books.erase(office, record):
                self.final[held.where] = Expected("erased", "erased")
        return outcome

    def _meet(self, work: Work, found: tuple[str, Known]) -> Expected:
        """The operation and the record as it stands."""
        change, office, (home, known) = work.change, work.office, found
        fresh = known.rev == 0
        if change.kind in ("office_key", "key_grant") and not fresh:
            same = all(known.content.get(key) == value for key, value in change.changes.items())
            return Expected("duplicate") if same else Expected("refused", "written_once")
        visible: set[str] | None = None
        if home != office and change.kind not in COMMON:
            told = as_guest(self.books, change, home, known, office=office)
            if isinstance(told, Expected):
                return told
            visible = told
        unseen = self._unseen(work, home, known)
        if visible is not None:
            unseen &= visible
        taken, disputed, once = self._merge(known, change.changes, unseen)
        if change.new and not fresh and not (taken or disputed or once):
            return Expected("duplicate")
        late = fresh and change.kind == "referral_event" and is_late(self.books, home, known, taken)
        settling = known.kind == "conflict"  # over a choice nobody has to choose: who was first has chosen
        for key, other in [] if settling else disputed:
            self._open_conflict(home, known, key=key, other=other, work=work)
        if taken or fresh:
            _put(known.content, taken)
            self._write(home, known, keys=taken, work=work)
        if settling:
            chosen = "settled" in dict(disputed)
            return (
                Expected("conflict", "settled_before", "settled")
                if chosen
                else _outcome(False, [], once, merged=bool(disputed))
            )
        return _outcome(late, disputed, once, merged=bool(unseen))

    def _unseen(self, work: Work, home: str, known: Known) -> set[str]:
        """The fields whose present value the author had not seen."""
        base = min(work.change.base_rev, self.seen_up_to(home, work.epoch))
        after = {key: wrote for key, wrote in known.wrote.items() if wrote[0] > base}
        if work.late is not None:  # its device may have gone on since: only this late work itself is known to it
            return {key for key, (rev, _by) in after.items() if (home, rev) not in work.late}
        return {key for key, (_rev, by) in after.items() if by != work.where[0]}

    def _write(self, home: str, known: Known, *, keys: Iterable[str], work: Work) -> None:
        self.books.write(home, known, keys=keys, device=work.where[0], change=work.change)
        if work.late is not None:
            work.late.add((home, known.rev))

    def _merge(
        self, known: Known, changes: Mapping[str, Any], unseen: set[str]
    ) -> tuple[Content, list[tuple[str, Any]], list[str]]:
        """(what is taken, what is disputed, what was written once and stands)."""
        facts = field_map(KINDS[known.kind])
        taken: Content = {}
        disputed, once = [], []
        for key, change in changes.items():
            is_set = isinstance(change, dict)
            now = known.content.get(key)
            then = (sorted((set(now or ()) | set(change["add"])) - set(change["remove"])) or None) if is_set else change
            if then == now:
                continue
            if key in facts and facts[key].merge.value == "once" and now is not None:
                once.append(key)
            elif key in unseen and not is_set:
                disputed.append((key, then))
            else:
                taken[key] = then
        return taken, disputed, once

    def _open_conflict(self, home: str, known: Known, *, key: str, other: Any, work: Work) -> None:
        """Both values stay: the one in the record, and the other beside it, with their authors."""
        record, real = self.books.lines.made(home, "conflict")
        by, at = known.names.get(key, ("", 0))
        content = {
            "case_id": known.case, "about_kind": known.kind, "about_id": known.id, "about_field": key,
            "kept": _text(known.content.get(key)), "kept_by": by, "kept_at": at, "other": _text(other),
            "other_by": work.change.actor_name, "other_at": work.change.at, "made_at": real.get("made_at"),
        }  # fmt: skip
        opened = Known("conflict", record, {k: v for k, v in content.items() if v not in (None, "")})
        self._write(home, opened, keys=tuple(opened.content), work=replace(work, late=None))

    def _needs(self, work: Work) -> str:
        """The record that it waits for."""
        names = ("subject",) if work.change.kind == "key_grant" else ("case_id", "referral_id")
        named = [work.change.changes.get(name) for name in names]
        missing = [str(one) for one in named if one and not self.books.find(work.office, str(one))]
        return [*missing, work.change.record.hex()][0]


def _put(content: Content, taken: Content) -> None:
    for key, value in taken.items():
        if value is None:
            content.pop(key, None)
        else:
            content[key] = value


def _outcome(late: bool, disputed: list[tuple[str, Any]], once: list[str], *, merged: bool) -> Expected:
    if late:
        return Expected("conflict", "late_step", "step")
    if disputed:
        return Expected("conflict", "same_field", disputed[0][0])
    if once:
        return Expected("conflict", "written_once", once[0])
    return Expected("merged" if merged else "accepted")


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
