"""Who is connected with whom on this laptop: by cases, by a telephone, by an account. Only what its scopes hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.i18n import N_
from app.models.among import among
from app.models.case_index import CaseRow
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
    """A person or a case of the network. `steps`: how far from the person it was asked for."""

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
    """Everything within two steps of a person. `left_out`: nodes there was no room for."""

    centre: str
    nodes: tuple[Node, ...]
    ties: tuple[Tie, ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing the network says that matters: a sentence's message id and its numbers, and the person it is about."""

    person_id: str
    name: str
    kind: str  # SUSPECT_AGAIN, CO_VICTIMS, SHARED
    count: int
    cases: tuple[str, ...] = ()  # numbers


def network_of(desk: Desk, person_id: str) -> Network:
    """The cases of a person, whoever else is in them, and whoever shares a telephone or an account with one of them.

    NotFound if there is no such person here.
    """
    with desk.read() as session:
        start = get(session, Person, person_id)
        parties = _parties_in(session, _cases_of(session, [start.id]))
        near = _ordered([start.id, *(p.person_id or "" for p in parties)])
        people = _people(session, near)
        ties = _shared(session, people)
        beyond = [tie.second for tie in ties if tie.second not in people]
        people |= _people(session, beyond)
        further = [p for p in _parties_in(session, _cases_of(session, beyond)) if p.person_id in people]
        return _built(session, start.id, people=people, parties=[*parties, *further], shared=ties)


def findings(network: Network) -> tuple[Finding, ...]:
    """What stands out: suspects of several cases, victims with one suspect in common, people with a shared number."""
    people = {n.id: n for n in network.nodes if n.kind == PERSON}
    numbers = {n.id: n.name for n in network.nodes if n.kind == CASE}
    parts: dict[str, list[tuple[str, str]]] = defaultdict(list)  # case -> (person, role)
    for tie in network.ties:
        if tie.role:
            parts[tie.second].append((tie.first, tie.role))
    found = []
    for person in people.values():
        accused = sorted(case for case, held in parts.items() if (person.id, "SUSPECT") in held)
        if len(accused) > 1:
            cases = tuple(numbers[case] for case in accused)
            found.append(Finding(person.id, person.name, "SUSPECT_AGAIN", len(accused), cases))
        victims = {who for case in accused for who, role in parts[case] if role == "VICTIM"} - {person.id}
        if len(victims) > 1:
            found.append(Finding(person.id, person.name, "CO_VICTIMS", len(victims)))
    with_others = {tie.first for tie in network.ties if tie.label} | {tie.second for tie in network.ties if tie.label}
    found += [Finding(p.id, p.name, "SHARED", 1) for p in people.values() if p.id in with_others]
    order = ("SUSPECT_AGAIN", "CO_VICTIMS", "SHARED")
    return tuple(sorted(found, key=lambda f: (order.index(f.kind), -f.count, f.name)))


def _ordered(ids: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(one for one in ids if one))


def _cases_of(session: Session, people: list[str]) -> list[str]:
    rows = session.scalars(select(Party.case_id).where(among(Party.person_id, people)).order_by(Party.id))
    return _ordered(case or "" for case in rows)


def _parties_in(session: Session, cases: list[str]) -> list[Party]:
    return list(session.scalars(select(Party).where(among(Party.case_id, cases)).order_by(Party.id)))


def _people(session: Session, ids: Iterable[str]) -> dict[str, Person]:
    wanted = _ordered(ids)
    found = {p.id: p for p in session.scalars(select(Person).where(among(Person.id, wanted)))}
    return {one: found[one] for one in wanted if one in found}


def _shared(session: Session, people: Mapping[str, Person]) -> list[Tie]:
    """Ties to everybody, here or not yet in the network, who gave the same telephone or account."""
    ties: dict[tuple[str, str, str], Tie] = {}
    for label, keys in SHARED:
        held: dict[str, list[str]] = defaultdict(list)
        for person in people.values():
            for value in {getattr(person, key) for key in keys} - {None, ""}:
                held[value].append(person.id)
        for value, others in _holders(session, keys, list(held)).items():
            for mine in held[value] if len(others) <= _COMMON else ():
                for other in others - {mine}:
                    pair = (min(mine, other), max(mine, other))
                    first, second = (mine, other) if other not in people else pair
                    ties.setdefault((*pair, value), Tie(first, second, label=label, value=value))
    return list(ties.values())


def _holders(session: Session, keys: tuple[str, ...], values: list[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    columns: list[Any] = [getattr(Person, key) for key in keys]
    rows = session.execute(select(Person.id, *columns).where(or_(*(among(column, values) for column in columns))))
    for person_id, *told in rows if values else ():
        for value in set(told) & set(values):
            found[value].add(person_id)
    return found


def _built(
    session: Session, start: str, *, people: Mapping[str, Person], parties: list[Party], shared: list[Tie]
) -> Network:
    """Nodes and ties, nearest first, no more than MOST nodes; a tie whose end was left out goes with it."""
    mine = {p.case_id for p in parties if p.person_id == start}
    ties = {
        (p.person_id, p.case_id, p.role): Tie(p.person_id or "", p.case_id or "", role=p.role or "") for p in parties
    }
    near = {p.person_id for p in parties if p.case_id in mine}
    counts = _counts(session, list(people))
    roles: dict[str, set[str]] = defaultdict(set)
    for party in parties:
        roles[party.person_id or ""].add(party.role or "")
    nodes = [
        Node(
            PERSON,
            p.id,
            p.name or "",
            "",
            tuple(sorted(roles[p.id] - {""})),
            counts.get(p.id, 0),
            _steps(p.id, start, near),
        )
        for p in people.values()
    ]
    rows = session.scalars(select(CaseRow).where(among(CaseRow.case_id, _ordered(p.case_id or "" for p in parties))))
    nodes += [Node(CASE, row.case_id, row.number, row.status, (), 0, 1 if row.case_id in mine else 2) for row in rows]
    nodes.sort(key=lambda n: (n.steps, n.kind == PERSON, n.name, n.id))
    kept = {node.id for node in nodes[:MOST]}
    within = [tie for tie in (*ties.values(), *shared) if {tie.first, tie.second} <= kept]
    return Network(start, tuple(nodes[:MOST]), tuple(within), max(len(nodes) - MOST, 0))


def _steps(person: str, start: str, near: set[str | None]) -> int:
    return 0 if person == start else 1 if person in near else 2


def _counts(session: Session, people: list[str]) -> dict[str, int]:
    pairs = session.execute(select(Party.person_id, Party.case_id).where(among(Party.person_id, people)).distinct())
    found: dict[str, int] = defaultdict(int)
    for person_id, _case in pairs:
        found[person_id or ""] += 1
    return found
