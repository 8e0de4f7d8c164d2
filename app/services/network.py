"""Who is connected with whom on this laptop: by cases, by a telephone, by an account. Only what its scopes hold.

Entries that were merged are one person here: the one that stays, with the numbers and the cases of both.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.i18n import N_
from app.models.among import among
from app.models.case import Case
from app.models.case_index import CaseRow
from app.models.matches import canonical, canonicals, same_people
from app.models.person import Party, Person
from app.services.desk import Desk
from app.services.entries import get

PERSON, CASE = "person", "case"
MOST = 80  # nodes that can still be looked at; what is beyond is counted
# Where two people may be reached under one name: the fields that are compared with each other.
SHARED: tuple[tuple[str, tuple[str, ...]], ...] = (
    (N_("Telephone"), ("phone", "other_phone")),
    (N_("Account on the internet"), ("account",)),
    (N_("Bank account or e-wallet"), ("bank_account",)),
)
_COMMON = 20  # a number so many people gave is that of an office or a village shop, and connects nobody


@dataclass(frozen=True, slots=True)
class Node:
    """A person or a case of the network. `steps`: how many ties lie between it and what the network was asked for."""

    kind: str
    id: str
    name: str  # a person's name, a case's number
    detail: str  # of a case: its status code
    roles: tuple[str, ...]  # of a person: every part they have in the cases of the network
    cases: int  # of a person: how many cases on this laptop they have a part in
    steps: int


@dataclass(frozen=True, slots=True)
class Tie:
    """What connects two nodes: a part in a case (`role`), or something shared (`label` is a message id, `value`)."""

    first: str
    second: str
    role: str = ""
    label: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Network:
    """What lies around a person or a case. `left_out`: nodes there was no room for."""

    centre: str
    nodes: tuple[Node, ...]
    ties: tuple[Tie, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the network says that matters: its kind, its number, and the person it is about."""

    person_id: str
    name: str
    kind: str  # SUSPECT_AGAIN, CO_VICTIMS, SHARED
    count: int
    cases: tuple[str, ...] = ()  # numbers
    others: tuple[str, ...] = ()  # ids of those who share
    label: str = ""  # what they share: a message id


class _Crowd:
    """The people met so far, each once, whatever number of entries they have."""

    def __init__(self) -> None:
        self.people: dict[str, Person] = {}
        self.entries: dict[str, Person] = {}
        self._stands: dict[str, str] = {}

    def add(self, session: Session, ids: Iterable[str]) -> None:
        """Meet these."""
        fresh = [one for one in _ordered(ids) if one not in self._stands]
        every = _ordered([*fresh, *sorted(same_people(session, fresh))])
        found = {p.id: p for p in session.scalars(select(Person).where(among(Person.id, every)))}
        self.entries |= {one: found[one] for one in every if one in found}
        for entry, kept in canonicals(session, every).items():
            self._stands[entry] = kept if kept in self.entries else entry  # the one that stays may not be here
        for entry in every:
            if entry in found:
                shown = self._stands[entry]
                self.people.setdefault(shown, self.entries[shown])

    def who(self, entry: str | None) -> str:
        """The id under which an entry is shown."""
        return self._stands.get(entry or "", entry or "")


def network_of(desk: Desk, person_id: str) -> Network:
    """The cases of a person and of the suspects in them, whoever is in those, and who shares a number with anybody.

    NotFound if there is no such person here.
    """
    with desk.read() as session:
        start = canonical(session, get(session, Person, person_id).id)
        start = start if session.get(Person, start) is not None else person_id
        return _around(session, start, [start], [])


def network_of_case(desk: Desk, case_id: str) -> Network:
    """The same around a case, with the other cases of everybody in it. NotFound if it is not here."""
    with desk.read() as session:
        start = get(session, Case, case_id).id
        people = [party.person_id or "" for party in _parties_in(session, [start])]
        return _around(session, start, people, [start])


def findings(network: Network) -> tuple[Finding, ...]:
    """What stands out: suspects of several cases, victims with one suspect in common, people with a shared number."""
    people = {n.id: n for n in network.nodes if n.kind == PERSON}
    numbers = {n.id: n.name for n in network.nodes if n.kind == CASE}
    parts: dict[str, list[tuple[str, str]]] = defaultdict(list)  # case -> (person, role)
    shares: dict[tuple[str, str], set[str]] = defaultdict(set)  # (person, label) -> with whom
    for tie in network.ties:
        if tie.role:
            parts[tie.second].append((tie.first, tie.role))
        else:
            shares[tie.first, tie.label].add(tie.second)
            shares[tie.second, tie.label].add(tie.first)
    found = []
    for person in people.values():
        accused = sorted(case for case, held in parts.items() if (person.id, "SUSPECT") in held)
        if len(accused) > 1:
            cases = tuple(sorted(numbers[case] for case in accused))
            found.append(Finding(person.id, person.name, "SUSPECT_AGAIN", len(accused), cases))
        victims = {who for case in accused for who, role in parts[case] if role == "VICTIM"} - {person.id}
        if len(victims) > 1:
            found.append(Finding(person.id, person.name, "CO_VICTIMS", len(victims)))
    for (who, label), others in shares.items():
        if who < min(others) or people[who].steps == 0:  # said once, of whoever the network is about
            found.append(Finding(who, people[who].name, "SHARED", len(others), (), tuple(sorted(others)), label))
    order = ("SUSPECT_AGAIN", "CO_VICTIMS", "SHARED")
    return tuple(sorted(found, key=lambda f: (order.index(f.kind), -f.count, f.name, f.label)))


def _around(session: Session, start: str, first: list[str], cases: list[str]) -> Network:
    crowd = _Crowd()
    crowd.add(session, first)
    parties = _parties_in(session, _ordered([*cases, *_cases_of(session, crowd.entries)]))
    accused = same_people(session, [p.person_id for p in parties if p.role == "SUSPECT" and p.person_id])
    further = set(_cases_of(session, accused)) - {p.case_id for p in parties}
    parties += _parties_in(session, sorted(further))
    crowd.add(session, (p.person_id or "" for p in parties))
    ties = _shared(session, crowd)
    near = set(crowd.people)
    crowd.add(session, (tie.second for tie in ties))
    known = {p.id for p in parties}
    beyond = [entry for entry in crowd.entries if crowd.who(entry) not in near]
    late = _parties_in(session, _cases_of(session, beyond))
    parties += [p for p in late if p.id not in known and crowd.who(p.person_id) in crowd.people]
    return _built(session, start, crowd=crowd, parties=parties, shared=_as_one(crowd, ties))


def _ordered(ids: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(one for one in ids if one))


def _cases_of(session: Session, people: Iterable[str]) -> list[str]:
    rows = session.scalars(select(Party.case_id).where(among(Party.person_id, sorted(people))).order_by(Party.id))
    return _ordered(case or "" for case in rows)


def _parties_in(session: Session, cases: list[str]) -> list[Party]:
    return list(session.scalars(select(Party).where(among(Party.case_id, cases)).order_by(Party.id)))


def _shared(session: Session, crowd: _Crowd) -> list[Tie]:
    """Ties from the people here to every entry, here or not, with the same telephone or account."""
    ties: dict[tuple[str, str, str], Tie] = {}
    for label, keys in SHARED:
        held: dict[str, set[str]] = defaultdict(set)
        for entry in crowd.entries.values():
            for value in {getattr(entry, key) for key in keys} - {None, ""}:
                held[value].add(crowd.who(entry.id))
        for value, others in _holders(session, keys, list(held)).items():
            for mine in held[value] if len(others) <= _COMMON else ():
                for other in others:
                    ties.setdefault((mine, other, value), Tie(mine, other, label=label, value=value))
    return list(ties.values())


def _as_one(crowd: _Crowd, ties: Iterable[Tie]) -> list[Tie]:
    """Each pair of people once for what they share, and nobody with themselves."""
    found: dict[tuple[str, str, str], Tie] = {}
    near = {tie.first for tie in ties}
    for tie in ties:
        one, other = sorted((tie.first, crowd.who(tie.second)), key=lambda who: (who not in near, who))
        if one != other:
            found.setdefault((one, other, tie.value), Tie(one, other, label=tie.label, value=tie.value))
    return list(found.values())


def _holders(session: Session, keys: tuple[str, ...], values: list[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    columns: list[Any] = [getattr(Person, key) for key in keys]
    rows = session.execute(select(Person.id, *columns).where(or_(*(among(column, values) for column in columns))))
    for person_id, *told in rows if values else ():
        for value in set(told) & set(values):
            found[value].add(person_id)
    return found


def _built(session: Session, start: str, *, crowd: _Crowd, parties: list[Party], shared: list[Tie]) -> Network:
    """Nodes and ties, nearest first, no more than MOST nodes; a tie whose end was left out goes with it."""
    parts = {(crowd.who(p.person_id), p.case_id or "", p.role or ""): None for p in parties}
    ties = [*(Tie(who, case, role=role) for who, case, role in parts if who in crowd.people), *shared]
    steps, counts = _steps(start, ties), _counts(session, crowd)
    roles: dict[str, set[str]] = defaultdict(set)
    for who, _case, role in parts:
        roles[who].add(role)
    nodes = [
        Node(PERSON, one, p.name or "", "", tuple(sorted(roles[one] - {""})), counts.get(one, 0), steps.get(one, MOST))
        for one, p in crowd.people.items()
    ]
    cases = _ordered([start, *(p.case_id or "" for p in parties)])
    rows = session.scalars(select(CaseRow).where(among(CaseRow.case_id, cases)))
    nodes += [Node(CASE, r.case_id, r.number, r.status, (), 0, steps.get(r.case_id, 0)) for r in rows]
    nodes.sort(key=lambda n: (n.steps, n.kind == PERSON, n.name, n.id))
    kept = {node.id for node in nodes[:MOST]}
    within = [tie for tie in ties if {tie.first, tie.second} <= kept]
    return Network(start, tuple(nodes[:MOST]), tuple(within), max(len(nodes) - MOST, 0))


def _steps(start: str, ties: Iterable[Tie]) -> Mapping[str, int]:
    """How many ties lie between the start and each node."""
    beside: dict[str, list[str]] = defaultdict(list)
    for tie in ties:
        beside[tie.first].append(tie.second)
        beside[tie.second].append(tie.first)
    found, waiting = {start: 0}, deque([start])
    while waiting:
        here = waiting.popleft()
        for other in beside[here]:
            if other not in found:
                found[other] = found[here] + 1
                waiting.append(other)
    return found


def _counts(session: Session, crowd: _Crowd) -> dict[str, int]:
    """In how many cases on this laptop each of them has a part."""
    pairs = select(Party.person_id, Party.case_id).where(among(Party.person_id, sorted(crowd.entries)))
    found: dict[str, set[str]] = defaultdict(set)
    for person_id, case_id in session.execute(pairs.distinct()):
        found[crowd.who(person_id)].add(case_id or "")
    return {who: len(cases) for who, cases in found.items()}
