"""An office that seals: a case with sealed values, a centre that vouches for laptops, keys that come from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import inspect, select, text
from sqlalchemy.orm import Session

from app.models import settings
from app.models.all import Agency, Service
from app.models.ids import new_id
from app.models.journal import Journal
from app.models.keyring import KeyGrant, OfficeKey
from app.models.sealed import parts
from app.services import care, consents, referrals
from app.services.case_page import CasePage, open_page
from app.services.desk import Desk
from app.services.intake import take
from app.services.sealing import Keyring
from app.sync.vouched import office_key_proof, packed
from app.vault.casekeys import CaseKey, make_grant
from app.vault.identity import DeviceIdentity, identity_of
from app.vault.ring import Ring
from app.vault.workspace import Workspace
from app.wire.messages import CERTIFICATE_DOMAIN, Certificate, Signed, encode
from tests.worlds import GIRL, intake

HEALTH, PLACE = "demam-berdarah-nadelstich", "rumah-aman-nadelort"
SEALED = {"health": HEALTH, "disability": ["PHYSICAL", "INTELLECTUAL"]}
TIERS = ["OPEN", "CASE", "IDENTIFYING", "SENSITIVE"]


class Centre:
    """Certifies laptops, as far as a desk needs it."""

    def __init__(self) -> None:
        self.key = Ed25519PrivateKey.generate()

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    def certify(self, laptop: DeviceIdentity, office: str) -> bytes:
        body = encode(
            Certificate(
                bytes.fromhex(laptop.id), bytes.fromhex(office), "X", laptop.sign_public, laptop.box_public, "ABC", 0, 1
            )
        )
        return encode(Signed(body, self.key.sign(CERTIFICATE_DOMAIN + body)))


@pytest.fixture
def sealed_case(desk: Desk) -> str:
    """A girl whose health is known, and a service in a place that nobody may learn of."""
    case_id = take(desk, intake(victim={**GIRL, **SEALED})).id
    care.add_service(desk, case_id, {"service_type": "H.VISUM", "place": PLACE})
    return case_id


@pytest.fixture
def uncleared(desk: Desk) -> Desk:
    """A colleague who is not cleared, at the same laptop."""
    return replace(desk, keyring=None)


@pytest.fixture
def centre(desk: Desk, workspace: Workspace) -> Centre:
    """The centre that vouches for this laptop."""
    made = Centre()
    with Session(desk.engine, expire_on_commit=False) as session:
        settings.put(session, "centre_key", made.public)
        settings.put(session, "certificate", made.certify(workspace.device, desk.actor.office))
        session.commit()
    return made


@pytest.fixture
def police(desk: Desk) -> Agency:
    return next(agency for agency in rows(desk, Agency) if agency.office_id)


def victim(page: CasePage):
    return page.victims[0].person


def rows(desk: Desk, kind: type):
    with desk.read() as session:
        return list(session.scalars(select(kind)))


def everything(workspace: Workspace) -> Iterator[tuple[str, str]]:
    """(table.column, what stands there) of the whole file, as the key sees it."""
    with workspace.reader.connect() as connection:
        for table in inspect(connection).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')).mappings():
                for column, value in row.items():
                    held = value if isinstance(value, bytes) else str(value).encode()
                    yield f"{table}.{column}", held.decode("utf-8", "replace")


def keyring(workspace: Workspace) -> Keyring:
    device = workspace.device
    made = Keyring.open(workspace.engine, workspace.restricted, signer=device, device=device)
    assert made is not None
    return made


def arrives(desk: Desk, *records) -> None:
    """As the sync writes what came from the centre."""
    with Session(desk.engine, expire_on_commit=False) as session:
        session.info["journal"] = Journal(desk.actor, desk.now, applying=True)
        for n, record in enumerate(records):
            record.rev, record.scope = 1_000 + n, desk.actor.office
            session.add(record)
        session.commit()


def a_grant(desk: Desk, key: CaseKey, subject: tuple[str, str], laptop: DeviceIdentity, *, certificate=None):
    given = make_grant(key, subject=subject, to_key=desk.keyring.publics[0], sign=laptop.sign)
    return KeyGrant(
        case_id=subject[1] if subject[0] == "case" else None, subject_kind=subject[0], subject=subject[1],
        kid=key.kid.hex(), to_office=desk.actor.office, to_key=given.to_key.hex(), box=packed(given.box),
        device=laptop.id, signature=packed(given.signature), certificate=packed(certificate) if certificate else None,
    )  # fmt: skip


def used_for(desk: Desk, case_id: str) -> bytes:
    """The key that a value written now is sealed with."""
    care.add_service(desk, case_id, {"service_type": "H.VISUM", "place": "di sini"})
    place = max(rows(desk, Service), key=lambda service: service.id).place
    return parts(place)[0]


def other_laptop() -> DeviceIdentity:
    return identity_of(new_id().encode() + new_id().encode())


def lowest_key() -> CaseKey:
    return min((CaseKey.generate() for _each in range(40)), key=lambda key: key.kid)


def published(centre: Centre, office: str, public: bytes, laptop: DeviceIdentity, **more: str) -> OfficeKey:
    """An office's key as a laptop that the centre certified for that office publishes it."""
    told = {"office": office, "public": public.hex(), "device": laptop.id, **more}
    signature = packed(laptop.sign(office_key_proof(told)))
    return OfficeKey(**told, signature=signature, certificate=packed(centre.certify(laptop, office)))


def office_key(centre: Centre, office: str, ring: Ring) -> OfficeKey:
    """An office's key, published by some laptop of it."""
    return published(centre, office, ring.publics[0], other_laptop())


def refer(desk: Desk, case_id: str, police: Agency, tiers: list[str]) -> str:
    person = victim(open_page(desk, case_id)).id
    consent = consents.record_consent(desk, case_id, person, {"purpose": "SHARE", "given_by": "BOTH", "tiers": TIERS})
    values = {"to_agency": police.id, "reason": "SERVICE", "urgency": "DAY1", "tiers": tiers, "consent_id": consent.id,
              "person_id": person}  # fmt: skip
    return referrals.refer(desk, case_id, values).id


def given_to(desk: Desk, office: str) -> set[str]:
    return {grant.subject_kind for grant in rows(desk, KeyGrant) if grant.to_office == office}


def a_ring() -> Ring:
    ring = Ring()
    ring.make()
    return ring


def came(desk: Desk, kind: str):
    journal = Journal(desk.actor, desk.now, applying=True)
    journal.touch(kind, new_id(), None)
    return journal.changes()
