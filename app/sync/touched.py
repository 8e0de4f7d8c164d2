"""After the sync wrote rows: what was touched, with the lists of cases derived anew in the same transaction."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.models import case_index, person_index
from app.models.ids import chunks
from app.models.journal import Changes, Journal


def refresh_touched(session: Session) -> Changes:
    """Bring the rows of every touched case up to date, those of touched persons included; returns what was touched."""
    session.flush()
    journal: Journal = session.info["journal"]
    person_index.refresh(session, journal.changes())
    if journal.kinds & {"person", "person_match"}:
        for some in chunks(sorted(journal.records)):
            journal.cases |= case_index.cases_of_person(session, some)
    case_index.refresh(session, journal.cases)
    return journal.changes()
