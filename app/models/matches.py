"""Whom an entry for a person stands for, after what people decided about pairs of entries.

Read when it is shown, never written into another record. Laptops may merge differently, in circles even: the decisions
are followed from the earliest to the latest, whatever order they arrived in, so that everybody sees the same person.
"""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.models.among import among
from app.models.person_match import PersonMatch

MERGED, DIFFERENT = "MERGED", "DIFFERENT"
Match = tuple[str, str, str]  # record id, kept, gone


def follow(matches: Iterable[Match]) -> dict[str, str]:
    """Whom each entry named stands for. A decision about two who are one already says nothing more."""
    up: dict[str, str] = {}

    def root(person: str) -> str:
        while (above := up.get(person, person)) != person:
            up[person] = up.get(above, above)
            person = above
        return person

    for _record, kept, gone in sorted(matches):
        stays, goes = root(kept), root(gone)
        up.setdefault(stays, stays)
        up[goes] = stays
    return {person: root(person) for person in list(up)}


def canonical(session: Session, person_id: str) -> str:
    """The entry this one stands for: itself, if nobody merged it."""
    return canonicals(session, [person_id])[person_id]


def canonicals(session: Session, persons: Collection[str]) -> dict[str, str]:
    """The same for many in a few queries."""
    found = follow(_around(session, persons))
    return {person: found.get(person, person) for person in persons}


def same_people(session: Session, persons: Collection[str]) -> frozenset[str]:
    """These entries and all that are one person with any of them."""
    matches = _around(session, persons)
    return frozenset(persons).union(*((kept, gone) for _record, kept, gone in matches))


def entries_of(shown: Mapping[str, str], persons: Collection[str]) -> dict[str, set[str]]:
    """Of each of these entries: itself, and those for which it stands. `shown`: what `follow` found."""
    found = {person: {person} for person in persons}
    for entry, person in shown.items():
        if person in found:
            found[person].add(entry)
    return found


def shown_as(session: Session, persons: Collection[str]) -> dict[str, set[str]]:
    """The same for merges that hold here."""
    return entries_of(follow(_around(session, persons)), persons)


def pair_decided(session: Session, a: str, b: str) -> bool:
    """Whether somebody said of these two that they are one, or two, and it still holds."""
    if canonical(session, a) == canonical(session, b):
        return True
    here = PersonMatch.kept.in_([a, b]) & PersonMatch.gone.in_([a, b])
    said = select(PersonMatch.id).where(here, PersonMatch.decision == DIFFERENT, PersonMatch.undone_at.is_(None))
    return session.scalar(said.limit(1)) is not None


def _around(session: Session, persons: Collection[str]) -> set[Match]:
    """The merges that hold and hang together with these entries."""
    columns = PersonMatch.id, PersonMatch.kept, PersonMatch.gone
    holds = PersonMatch.decision == MERGED, PersonMatch.undone_at.is_(None)
    matches: set[Match] = set()
    seen, fresh = set(persons), set(persons)
    while fresh:
        ends = or_(among(PersonMatch.kept, sorted(fresh)), among(PersonMatch.gone, sorted(fresh)))
        rows = session.execute(select(*columns).where(*holds, ends)).all()
        came = {(record, kept, gone) for record, kept, gone in rows if kept and gone}
        matches |= came
        fresh = {end for match in came for end in match[1:]} - seen
        seen |= fresh
    return matches
