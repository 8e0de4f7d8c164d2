"""A case as plain content: what views, previews, reports and the giving of keys start from."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.models.all import KINDS
from app.models.case import Case
from app.models.conflict import Conflict
from app.models.content import content_of
from app.models.person import Party, Person
from app.models.view import CaseFile
from app.services.entries import get


def case_file(session: Session, case_id: str) -> CaseFile:
    """Every record of a case; what is sealed stays sealed. NotFound if the case is not here."""
    file = CaseFile()
    case = get(session, Case, case_id)
    file.add("case", case.id, case.rev, content_of(case))
    for kind, record_class in KINDS.items():
        if hasattr(record_class, "case_id"):
            for record in session.scalars(select(record_class).where(record_class.case_id == case_id)):
                file.add(kind, record.id, record.rev, content_of(record))
    people = select(Party.person_id).where(Party.case_id == case_id)
    for person in session.scalars(select(Person).where(Person.id.in_(people))):
        file.add("person", person.id, person.rev, content_of(person))
    about_them = select(Conflict).where(Conflict.about_kind == "person", Conflict.about_id.in_(people))
    for conflict in session.scalars(about_them):  # they show a person's values and go where the person goes
        file.add("conflict", conflict.id, conflict.rev, content_of(conflict))
    return file
