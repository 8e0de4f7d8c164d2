"""Who is to be given which keys: our own office, whoever sees sealed values of a case by a referral, and its owner."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from sqlalchemy import Text, select, type_coerce
from sqlalchemy.orm import Session

from app.models import settings
from app.models.case import Case
from app.models.ids import chunks
from app.models.keyring import OF_CASE, OF_PERSON, KeyGrant
from app.models.local import Operation
from app.models.referral import Referral
from app.models.sealed import PREFIX, parts
from app.models.transfer import OPEN_STATES, Transfer
from app.models.view import CaseFile, sees_sealed, transfer_step, view_for
from app.services.case_file import case_file
from app.services.office_keys import current_key, grant_of, own_key, own_office, owner_of
from app.sync.device import Signer
from app.sync.pending import changes_of, with_work
from app.sync.vouched import told_certificate
from app.vault.casekeys import CaseKey, Subject, make_grant
from app.vault.ring import Ring

_CHOSEN = ("to_office", "to_agency", "person_id", "consent_id", "tiers")  # of a referral, by whoever writes it
_TOKEN = re.compile(re.escape(PREFIX) + r"[A-Za-z0-9_-]+={0,2}")


class Holder(Protocol):
    """The keyring, as far as giving keys on needs it."""

    @property
    def signer(self) -> Signer:
        """This laptop."""

    @property
    def publics(self) -> tuple[bytes, ...]:
        """The public keys of our office that this laptop holds, newest first."""

    def key_of(self, session: Session, subject: Subject, kid: bytes) -> CaseKey | None:
        """A key we may open, by its name."""

    @property
    def ring(self) -> Ring:
        """The office's own keys."""

    def own(self) -> Mapping[str, bytes]:
        """The signing keys of this laptop, by its name."""

    @property
    def given(self) -> set[tuple[bytes, Subject, bytes]]:
        """(our public key, whose key it was given, that key's name), as far as it was proven."""

    def giver(self, session: Session, grant: KeyGrant) -> str | None:
        """The office whose laptop gave this; None if that is not proven."""

    def opens(self, grant: KeyGrant) -> bool:
        """Whether this grant gives us the key it names."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One key for one office."""

    subject: Subject
    kid: bytes
    office: str


def kids_in(content: Mapping[str, Any]) -> Iterator[bytes]:
    """The names of the keys that the tokens of a content were sealed with; those inside a conflict's text too."""
    for value in content.values():
        for text in value if isinstance(value, list | tuple) else (value,):
            for told in _TOKEN.findall(text) if isinstance(text, str) else ():
                try:
                    yield parts(told)[0]
                except ValueError:  # looks like one, is none
                    continue


def name_of(kid: str | None) -> bytes:
    """The name of a key as tokens carry it; empty for what is none."""
    try:
        return bytes.fromhex(kid or "")
    except ValueError:
        return b""


def ensure(session: Session, holder: Holder, cases: Iterable[str], *, today: date) -> None:
    """Give what these cases need to whoever may have it; an office whose key is not known yet gets it later."""
    for case_id in sorted(cases):
        case = session.get(Case, case_id)
        if case is not None:
            _Giving(session, holder).give(_wanted(session, holder, case, today=today))


def ensure_own(session: Session, holder: Holder) -> None:
    """Give every key we can open to our office's own key, if it does not have it: after the office's key arrived."""
    _Giving(session, holder).give(lacking(session, holder))


def lacking(session: Session, holder: Holder) -> list[Wanted]:
    """Keys that our office's own key was not given as far as it is proven. What was proven once is not looked at again.

    Called while only reading first, it does the dear part of it without holding up a save.
    """
    office, public = own_office(session), own_key(session, holder.ring)
    if public is None:
        return []
    rows = session.execute(select(KeyGrant.subject_kind, KeyGrant.subject, KeyGrant.kid).distinct()).all()
    named = {((kind, subject), name_of(kid)) for kind, subject, kid in rows if kind in (OF_CASE, OF_PERSON) and subject}
    fresh = sorted(one for one in named if one[1] and (public, *one) not in holder.given)
    giving, to_us = _Giving(session, holder), select(KeyGrant).where(KeyGrant.to_key == public.hex())
    for some in chunks(fresh):
        for grant in session.scalars(to_us.where(KeyGrant.subject.in_([subject[1] for subject, _kid in some]))):
            if giving.counts(grant, office):
                holder.given.add((public, *_named(grant)))
    return [Wanted(*one, office) for one in fresh if (public, *one) not in holder.given]


def cases_to_see_to(session: Session, holder: Holder) -> frozenset[str]:
    """The cases we refer with sealed values and gave no key of to the recipient: its own was not known until now."""
    own, giving = own_office(session), _Giving(session, holder)
    written = select(Operation.record).where(Operation.kind == Referral.kind, Operation.new)
    rows = select(Referral.case_id, Referral.person_id, Referral.to_office).where(
        Referral.made_office == own, Referral.id.in_(written), type_coerce(Referral.tiers, Text).like("%|SENSITIVE|%"),
        Referral.to_office.is_not(None),
    )  # fmt: skip
    referred = session.execute(rows).all()
    grants = select(KeyGrant).where(KeyGrant.to_office.in_({office for _case, _person, office in referred}))
    has = {(one.subject, one.to_office) for one in session.scalars(grants) if giving.counts(one, str(one.to_office))}
    return frozenset(
        case_id for case_id, person, office in referred if case_id and not {(case_id, office), (person, office)} & has
    )


def _named(grant: KeyGrant) -> tuple[Subject, bytes]:
    return (grant.subject_kind or "", grant.subject or ""), name_of(grant.kid)


def _wanted(session: Session, holder: Holder, case: Case, *, today: date) -> Iterator[Wanted]:
    own, day = own_office(session), today.isoformat()
    file = _as_written_here(session, case_file(session, case.id))
    people = {record_id for kind, record_id in file.rows if kind == OF_PERSON}
    grants = list(session.scalars(select(KeyGrant).where(KeyGrant.subject.in_({case.id, *people}))))
    named = sorted({_named(grant) for grant in grants if name_of(grant.kid)})
    for subject, kid in named:
        yield Wanted(subject, kid, own)
    recipients = {r["to_office"] for _id, r in file.of("referral") if r.get("made_office") == own and "to_office" in r}
    for office in recipients - {own}:
        shown = view_for(file, office, today=day).values()
        kids = {kid for _rev, content in shown for kid in kids_in(content)}
        for subject, kid in named:  # a text may look like a token: what the view opens decides
            if kid in kids and sees_sealed(file, office, kind=subject[0], subject=subject[1], today=day):
                yield Wanted(subject, kid, office)
    for office in _offered_here(session, file):
        for subject, kid in named:
            yield Wanted(subject, kid, office)
    owner = owner_of(session, (OF_CASE, case.id))
    if owner not in (None, own):  # what this laptop seals in somebody's case is theirs to read
        for grant in grants:
            if (grant.device or "") in holder.own() and holder.giver(session, grant) and name_of(grant.kid):
                yield Wanted(*_named(grant), str(owner))


def _offered_here(session: Session, file: CaseFile) -> frozenset[str]:
    """The offices to which somebody on this laptop offered the whole case; of others the centre only tells."""
    found = set()
    for transfer, _content in file.of(Transfer.kind):
        query = select(Operation).where(Operation.record == transfer, Operation.new)
        written = session.scalars(query.limit(1)).one_or_none()
        if written is not None and transfer_step(file, transfer) in OPEN_STATES:
            found.add(str(changes_of(written)["to_office"]))
    return frozenset(found)


def _as_written_here(session: Session, file: CaseFile) -> CaseFile:
    """The case with those referrals alone that a person wrote on this laptop, and as they wrote them.

    Anything else the centre only tells: it could tell of a referral, a tier or a recipient that nobody ever chose.
    """
    known = [key for key in file.rows if key[0] == Referral.kind]
    query = select(Operation).where(Operation.record.in_([record for _kind, record in known])).order_by(Operation.seq)
    work: dict[str, list[Operation]] = {}
    for op in session.scalars(query):
        if op.new or op.record in work:
            work.setdefault(op.record, []).append(op)
    kept = CaseFile({key: row for key, row in file.rows.items() if key not in known})
    for kind, record in known:
        if record in work:
            _kind, _record, rev, told = file.rows[kind, record]
            written = with_work({}, work[record])
            chosen = {key: written[key] for key in _CHOSEN if key in written}
            kept.add(kind, record, rev, {k: v for k, v in told.items() if k not in _CHOSEN} | chosen)
    return kept


class _Giving:
    """Makes the grants that are wanted and not there yet."""

    def __init__(self, session: Session, holder: Holder) -> None:
        self._session = session
        self._holder = holder
        self._own = own_office(session)

    def give(self, wanted: Iterable[Wanted]) -> None:
        """One record for each that is missing and possible."""
        for one in tuple(wanted):
            to_key = self._key_of(one.office)
            if to_key is None or self._is_given(one, to_key):
                continue
            key = self._holder.key_of(self._session, one.subject, one.kid)
            if key is not None:
                self._session.add(self._made(one, key, to_key))
                self._session.flush()

    def counts(self, grant: KeyGrant, office: str) -> bool:
        """Whether this office has the key by this grant: we gave it or it did so itself, or it opens here."""
        if self._holder.giver(self._session, grant) in (self._own, office):
            return True
        return office == self._own and self._holder.opens(grant)

    def _key_of(self, office: str) -> bytes | None:
        if office == self._own:
            return own_key(self._session, self._holder.ring)
        return current_key(self._session, office)

    def _is_given(self, one: Wanted, to_key: bytes) -> bool:
        there = select(KeyGrant).where(
            KeyGrant.subject_kind == one.subject[0], KeyGrant.subject == one.subject[1],
            KeyGrant.kid == one.kid.hex(), KeyGrant.to_key == to_key.hex(),
        )  # fmt: skip
        return any(self.counts(grant, one.office) for grant in self._session.scalars(there))

    def _made(self, one: Wanted, key: CaseKey, to_key: bytes) -> KeyGrant:
        return grant_to(
            self._session, key, one, to_key=to_key, signer=self._holder.signer, to_ourselves=one.office == self._own
        )


def grant_to(
    session: Session, key: CaseKey, one: Wanted, *, to_key: bytes, signer: Signer, to_ourselves: bool
) -> KeyGrant:
    """The record that hands a key over. Our own office knows its laptops; another one needs the certificate."""
    given = make_grant(key, subject=one.subject, to_key=to_key, sign=signer.sign)
    certificate = None if to_ourselves else told_certificate(settings.get(session, "certificate"))
    return grant_of(given, to_office=one.office, signer=signer, certificate=certificate)
