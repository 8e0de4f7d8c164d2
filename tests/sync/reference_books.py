"""What the second centre of the tests holds: who owns what, who is shown what, what is gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.models.view import CaseFile, view_for
from app.wire import REFERENCE
from app.wire.messages import Change

Content = dict[str, Any]
LINKS = ("case_id", "person_id", "referral_id", "about_id", "subject")


@dataclass(frozen=True)
class Expected:
    """What must become of one operation."""

    status: str
    code: str = ""
    field: str = ""


@dataclass(frozen=True)
class Work:
    """One operation and where it comes from. `late`: it waited; the set is what such work wrote in the same go."""

    where: tuple[str, int, int]  # device, batch, position
    office: str
    epoch: str
    change: Change
    late: set[tuple[str, int]] | None = None


@dataclass
class Known:
    """A record as its owner has it; `wrote`: key -> (number, device) of its last change."""

    kind: str
    id: str
    content: Content = field(default_factory=dict)
    rev: int = 0
    wrote: dict[str, tuple[int, str]] = field(default_factory=dict)
    names: dict[str, tuple[str, int]] = field(default_factory=dict)  # key -> who changed it last, and when

    @property
    def case(self) -> str | None:
        """The case it belongs to."""
        return self.id if self.kind == "case" else self.content.get("case_id")


@dataclass
class Scope:
    """What one office has, what it is shown, and what it was shown once."""

    own: dict[str, Known] = field(default_factory=dict)
    shown: dict[str, tuple[str, Content]] = field(default_factory=dict)  # record -> (owner, content)
    left: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    unborn: set[str] = field(default_factory=set)  # records whose making was refused
    last: int = 0  # the highest number a write took


class Lines:
    """The lines of the real centre, by record and in order: each write takes one.

    `by_offices`: the records that an operation made; whatever else stands there the centre made itself.
    """

    def __init__(self, lines: Iterable[tuple[str, int, str, str, Content]], *, by_offices: Container[str]) -> None:
        self._left: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._made: dict[tuple[str, str], list[tuple[str, Content]]] = defaultdict(list)
        self.at: dict[tuple[str, int], tuple[str, str]] = {}  # what a number names, for ever
        met = set()
        for scope, seq, kind, record, content in sorted(lines, key=lambda line: line[1]):
            self.at[scope, seq] = (kind, record)
            self._left[scope, record].append(seq)
            made = "delivered" if kind == "referral_event" else kind
            if record not in met and record not in by_offices:
                self._made[scope, made].append((record, content))
            met.add(record)

    def take(self, scope: str, record: str) -> int:
        """The number of the next write of this record."""
        assert self._left[scope, record], f"{record} was not written once more, and had to be"
        return self._left[scope, record].pop(0)

    def made(self, scope: str, what: str) -> tuple[str, Content]:
        """The next record that the centre itself made here."""
        assert self._made[scope, what], f"no {what} was made, and one had to be"
        return self._made[scope, what].pop(0)

    def too_many(self) -> list[tuple[str, int, str, str]]:
        """Writes that nothing explains: (scope, number, kind, record)."""
        return [(scope, seq, *self.at[scope, seq]) for (scope, _record), left in self._left.items() for seq in left]


@dataclass
class Books:
    """All scopes. `offices` are the scopes there are; `today` is the day by which consents hold."""

    lines: Lines
    offices: Sequence[str]
    today: str
    scopes: dict[str, Scope] = field(default_factory=dict)
    held: list[tuple[str, Work]] = field(default_factory=list)  # (what it waits for, the operation)

    def __post_init__(self) -> None:
        self.scopes = {scope: Scope() for scope in (*self.offices, REFERENCE)}

    def contents(self, scope: str) -> dict[tuple[str, str], Content]:
        """All that stands in a scope: (kind, id) -> content."""
        mine = self.scopes[scope]
        there = {(known.kind, known.id): known.content for known in mine.own.values()}
        shown = {(self.scopes[owner].own[r].kind, r): content for r, (owner, content) in mine.shown.items()}
        return {**shown, **there}

    def find(self, office: str, record: str, *, common: bool = False) -> tuple[str, Known] | None:
        if common:
            found = self.scopes[REFERENCE].own.get(record)
            return (REFERENCE, found) if found else None
        mine = self.scopes[office]
        if record in mine.own:
            return office, mine.own[record]
        if record in mine.shown:
            owner = mine.shown[record][0]
            return owner, self.scopes[owner].own[record]
        return None

    def missing(self, office: str, record: str, seen: bool) -> Expected:
        if record in self.scopes[office].left:
            return Expected("left", "left_scope")
        return Expected("refused", "not_found") if seen else Expected("held", "no_predecessor")

    def cases_of(self, home: str, subject: str) -> set[str]:
        own = self.scopes[home].own
        if subject in own and own[subject].kind == "case":
            return {subject}
        parties = [r for r in own.values() if r.kind == "party" and r.content.get("person_id") == subject]
        return {str(party.content["case_id"]) for party in parties}

    def file(self, home: str, case: str) -> CaseFile:
        """Everything a case consists of: its records, its persons, what is about them."""
        own = self.scopes[home].own.values()
        of_case = [record for record in own if record.case == case]
        people = {record.content.get("person_id") for record in of_case if record.kind == "party"}
        file = CaseFile()
        for record in own:
            about = record.content.get("about_id") if record.kind == "conflict" else record.content.get("subject")
            hangs = record.kind in ("conflict", "key_grant") and record.case is None and about in people
            if record.case == case or (record.kind == "person" and record.id in people) or hangs:
                file.add(record.kind, record.id, record.rev, record.content)
        return file

    def write(self, home: str, known: Known, *, keys: Iterable[str], device: str, change: Change | None) -> None:
        scope = self.scopes[home]
        known.rev = self.lines.take(home, known.id)
        assert known.rev > scope.last, f"{known.kind} {known.id}: number {known.rev} was given out of order"
        scope.last = known.rev
        for key in keys:
            known.wrote[key] = (known.rev, device)
            known.names[key] = (change.actor_name, change.at) if change else ("centre", 0)
        scope.own[known.id] = known

    def show_all(self) -> None:
        """Every view, worked out from the beginning: what is new enters, what is not allowed any more leaves."""
        for office in self.offices:
            mine, wanted = self.scopes[office], dict[str, tuple[str, Content]]()
            for owner in self.offices:
                if owner == office:
                    continue
                for case in [record.id for record in self.scopes[owner].own.values() if record.kind == "case"]:
                    for (_kind, record), (_rev, content) in view_for(
                        self.file(owner, case), office, today=self.today
                    ).items():
                        if record not in mine.own:
                            wanted[record] = (owner, {**wanted.get(record, (owner, {}))[1], **content})
            mine.left = (mine.left | mine.shown.keys()) - wanted.keys()
            mine.shown = wanted

    def is_erased(self, change: Change, office: str) -> bool:
        if change.kind == "erasure":
            return False
        named = {change.record.hex(), change.case.hex() if change.case else ""}
        named |= {str(change.changes.get(key)) for key in LINKS}
        return bool(named & self.scopes[office].erased)

    def erase(self, office: str, erasure: str) -> list[Work]:
        """An approved erasure of a case: its records go everywhere, persons that another case needs stay.

        Returns the work that waited for what is gone.
        """
        mine = self.scopes[office]
        asked = mine.own[erasure].content
        case = str(asked.get("subject"))
        if not asked.get("executed_at") or case in mine.erased:
            return []
        file = {record for _kind, record in self.file(office, case).rows}
        people = {record for record in file if mine.own[record].kind == "person"}
        stay = {person for person in people if self.cases_of(office, person) - {case}}
        gone = {case, *(r for r in file if mine.own[r].case == case), *(people - stay)}
        gone |= {r.id for r in mine.own.values() if any(r.content.get(key) in people - stay for key in LINKS)}
        size = 0
        while size != len(gone):
            size = len(gone)
            gone |= {r for r in file if any(mine.own[r].content.get(key) in gone for key in LINKS)}
        mine.erased |= gone
        for other in self.offices:
            theirs = self.scopes[other]
            stood = {r for r in gone if r in theirs.shown or r in theirs.left}
            theirs.erased |= stood
            theirs.left -= stood
            for record in gone:
                theirs.shown.pop(record, None)
        for record in gone:
            mine.own.pop(record, None)
        for person in sorted(stay):
            mine.own[person].rev = mine.last = self.lines.take(office, person)
        gone_with = [each for each in self.held if self.is_erased(each[1].change, each[1].office)]
        self.held = [each for each in self.held if each not in gone_with]
        return [work for _needs, work in gone_with]
