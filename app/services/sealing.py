"""The keyring of one open workspace: seals what is sensitive on its way into the file, and opens it for reading.

Only who is cleared has one. Everybody else reads HIDDEN and is refused when a sealed value would change.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NoReturn

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.errors import Forbidden
from app.i18n import _
from app.models import settings
from app.models.journal import Changes, Journal
from app.models.keyring import KeyGrant
from app.models.sealed import HIDDEN, is_sealed, is_token, parts
from app.services import granting
from app.services.entries import Opens
from app.services.granting import Wanted, grant_to
from app.services.office_keys import given_of, giver_of, own_key, own_office, owner_of, publish
from app.sync.device import Signer
from app.vault.boxes import seal_box
from app.vault.casekeys import CaseKey, Place, Subject, open_grant
from app.vault.keys import Keys
from app.vault.ring import SETTING, Ring

NOTHING = Changes()
_OWN = b"naungan/1/put away\x00"
_KEPT = 5_000  # keys held open at once: about a megabyte
_GIVES = frozenset({"referral", "referral_event", "consent", "key_grant", "office_key", "transfer", "transfer_event"})


class Nobody:
    """Seals nothing: what stands for the keyring where the signed-in user is not cleared."""

    def seal(self, place: Place, value: Any, *, subject: Subject, held: Any = None) -> Any:
        """Forbidden, with a sentence."""
        self.refuse()

    def refuse(self) -> NoReturn:
        """The sentence."""
        raise Forbidden(
            _("Only workers cleared for sealed details can change them. Leave this as it is, or ask your supervisor.")
        )


class Keyring:
    """The office's ring and the case keys opened so far, until `forget`."""

    def __init__(self, ring: Ring, *, signer: Signer, device: Signer) -> None:
        self._ring = ring
        self._keys: dict[tuple[Subject, bytes], CaseKey] = {}
        self.signer = signer  # the laptop as the centre knows it
        self._device = device  # the laptop as it was made
        self._looked = False  # for what the last run of the program could not give any more
        self._givers: dict[bytes, str] = {}  # proven once, by everything it was proven with
        self.given: set[tuple[bytes, Subject, bytes]] = set()  # to our public key whose key, by its name: proven

    def __repr__(self) -> str:
        return f"Keyring({len(self._keys)})"

    @classmethod
    def open(cls, engine: Engine, restricted: Keys | None, *, signer: Signer, device: Signer) -> Keyring | None:
        """The keyring of a cleared user, made at the first use; None for anybody else."""
        if restricted is None:
            return None
        with Session(engine.execution_options(naungan_read=True)) as session:
            kept = settings.get(session, SETTING)
        if kept is not None:
            return cls(Ring.unpack(restricted, kept), signer=signer, device=device)
        ring = Ring()
        ring.make()
        with Session(engine) as session:
            settings.put(session, SETTING, ring.pack(restricted))
            session.commit()
        return cls(ring, signer=signer, device=device)

    @property
    def publics(self) -> tuple[bytes, ...]:
        """The public keys of the office that are held here, newest first."""
        return self._ring.publics

    @property
    def ring(self) -> Ring:
        """The office's own keys."""
        return self._ring

    def own(self) -> Mapping[str, bytes]:
        """The signing keys of this laptop, by its name at the centre and by the one it was made with."""
        return {one.id: one.sign_public for one in (self._device, self.signer)}

    def giver(self, session: Session, grant: KeyGrant) -> str | None:
        """The office whose laptop gave this; None if that is not proven."""
        return giver_of(session, grant, own=self.own(), proven=self._givers)

    def opens(self, grant: KeyGrant) -> bool:
        """Whether this grant gives us the key it names."""
        return self._opened(grant) is not None

    def sealer(self, session: Session) -> Sealing:
        """Who seals in the flush of this session."""
        return Sealing(self, session)

    def opener(self, session: Session) -> Opens:
        """Who opens what this session reads; every key is opened once."""
        return Opening(self, session)

    def key_of(self, session: Session, subject: Subject, kid: bytes) -> CaseKey | None:
        """The key of this name, from whichever grant opens."""
        if (subject, kid) not in self._keys:
            for grant in self._grants(session, subject, KeyGrant.kid == kid.hex()):
                if self._opened(grant) is not None:
                    break
        return self._keys.get((subject, kid))

    def sealing_key(self, session: Session, subject: Subject) -> CaseKey | None:
        """The key that seals: one our office made, else one of the office whose record it is; of several the lowest.

        Whoever could slip in a key of theirs would read what we write: who gave it has to be proven.
        """
        found = [(self.giver(session, grant), grant) for grant in self._grants(session, subject)]
        for office in dict.fromkeys((own_office(session), owner_of(session, subject))):
            keys = [self._opened(grant) for giver, grant in found if giver and giver == office]
            best = min((key for key in keys if key), key=lambda key: key.kid, default=None)
            if best is not None:
                return best
        return None

    def keep(self, subject: Subject, key: CaseKey) -> None:
        """Hold the key of a subject open."""
        if len(self._keys) >= _KEPT:
            self._keys.clear()
        self._keys[subject, key.kid] = key

    def put_away(self, what: str, plain: bytes) -> tuple[bytes, bytes]:
        """(public key, box) of something of this laptop's own that cleared people alone may read."""
        public = self._ring.publics[0]
        return public, seal_box(public, plain, context=_OWN + what.encode())

    def take_out(self, what: str, away: Sequence[bytes]) -> bytes | None:
        """The inverse; None for what is not ours."""
        public, box = away
        plain = self._ring.open(box, to_key=public, context=_OWN + what.encode())
        return None if plain is None else bytes(plain)

    def ensure_grants(self, session: Session, cases: Iterable[str], *, today: date) -> None:
        """At the end of a unit that touched these cases: who may read them is given the keys.

        Nothing is asked if nothing was sealed and no referral or consent was touched.
        """
        journal: Journal = session.info["journal"]
        if session.info.pop("sealed", False) or journal.kinds & _GIVES:
            granting.ensure(session, self, cases, today=today)

    def missing(self, session: Session, came: Changes = NOTHING, *, today: date) -> None:
        """After a sync that brought this: what could not be given before, and our own key to the other offices."""
        if self._ring.publics:
            publish(session, self._ring.publics[0], signer=self.signer)
            session.flush()
        if came.kinds & _GIVES or not self._looked:
            granting.ensure_own(session, self)
        cases = set(came.cases)
        if "office_key" in came.kinds or not self._looked:
            cases |= granting.cases_to_see_to(session, self)
            self._looked = True
        granting.ensure(session, self, cases, today=today)

    def forget(self) -> None:
        """Overwrite every key."""
        for key in self._keys.values():
            key.forget()
        self._keys.clear()
        self._ring.forget()

    def _grants(self, session: Session, subject: Subject, *tests: Any) -> list[KeyGrant]:
        publics = [public.hex() for public in self._ring.publics]
        whose = select(KeyGrant).where(KeyGrant.subject == subject[1], KeyGrant.subject_kind == subject[0], *tests)
        with session.no_autoflush:
            return list(session.scalars(whose.where(KeyGrant.to_key.in_(publics)).order_by(KeyGrant.id)))

    def _opened(self, grant: KeyGrant) -> CaseKey | None:
        given = given_of(grant)
        if given is None:
            return None
        if (given.subject, given.kid) not in self._keys:
            key = open_grant(given, open_box=self._ring.open)
            if key is None:
                return None
            self.keep(given.subject, key)
        return self._keys[given.subject, given.kid]


class Sealing:
    """Seals in one session. The first value of a subject makes its key, granted to our own office in the same flush."""

    def __init__(self, keyring: Keyring, session: Session) -> None:
        self._keyring = keyring
        self._session = session
        self._opening = keyring.opener(session)
        self._chosen: dict[Subject, CaseKey] = {}

    def seal(self, place: Place, value: Any, *, subject: Subject, held: Any = None) -> Any:
        """As the protocol says: a token, or a sorted list of them; what stays the same keeps its token."""
        self._session.info["sealed"] = True
        if is_sealed(value):
            return value
        kept = self._plain_of(place, held, subject)
        if isinstance(value, list | tuple):
            return sorted({self._token(place, code, subject, kept) for code in value})
        return self._token(place, value, subject, kept)

    def _token(self, place: Place, value: Any, subject: Subject, kept: Mapping[Any, str]) -> str:
        if value in kept or is_token(value):
            return kept.get(value, value)
        return self.key_for(subject).seal_value(place, value)

    def key_for(self, subject: Subject) -> CaseKey:
        """The key that seals what belongs to this subject, made if there is none."""
        if subject not in self._chosen:
            self._chosen[subject] = self._keyring.sealing_key(self._session, subject) or self._made(subject)
        return self._chosen[subject]

    def _plain_of(self, place: Place, held: Any, subject: Subject) -> dict[Any, str]:
        tokens = held if isinstance(held, list | tuple) else (held,)
        opened = {self._opening(place, told, subject): told for told in tokens if is_token(told)}
        return {plain: told for plain, told in opened.items() if plain is not HIDDEN}

    def _made(self, subject: Subject) -> CaseKey:
        key, session, keyring = CaseKey.generate(), self._session, self._keyring
        keyring.keep(subject, key)
        with session.no_autoflush:
            office, public = own_office(session), own_key(session, keyring.ring)
        one = Wanted(subject, key.kid, office)
        # to what this laptop can open itself in any case: the office's other laptops are given it at the end
        mine = public if public in keyring.publics else keyring.publics[0]
        session.add(grant_to(session, key, one, to_key=mine, signer=keyring.signer, to_ourselves=True))
        return key


class Opening:
    """Opens what one session reads."""

    def __init__(self, keyring: Keyring, session: Session) -> None:
        self._keyring = keyring
        self._session = session
        self._closed: set[bytes] = set()  # keys we asked for and may not have

    def __call__(self, place: Place, value: Any, subject: Subject) -> Any:
        """The plain wire value; HIDDEN if a part of it does not open. Plain values of before come as they are."""
        if isinstance(value, list | tuple):
            found = [self(place, one, subject) for one in value]
            return sorted(set(found)) if all(isinstance(one, str) for one in found) else HIDDEN
        if not is_token(value):
            return value
        try:
            kid, _box = parts(value)
            key = None if kid in self._closed else self._keyring.key_of(self._session, subject, kid)
            if key is not None:
                return key.open_value(place, value)
            self._closed.add(kid)
        except ValueError:  # moved, altered, or no value of ours
            pass
        return HIDDEN
