"""The first minutes of a workspace: the office, the user, the part of case numbers that is this device's."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.models import settings
from app.models.ids import new_id
from app.models.journal import Actor, Journal
from app.models.office import Office, User
from app.services import upkeep
from app.services.desk import Clock


@dataclass(frozen=True, slots=True)
class Beginning:
    """What the first-run screen asks. The office is provisional until the device is enrolled."""

    office_name: str
    agency_type: str
    region: str  # district, Kemendagri code
    zone: str = "WIB"
    language: str = "id"
    sample: bool = False  # a workspace of invented cases, under a visible band


@dataclass(frozen=True, slots=True)
class Person:
    """The first user: id of the key slot, sign-in name, display name, role."""

    id: str
    login: str
    name: str
    role: str


def device_tag(device_id: str) -> str:
    """Three characters for case numbers, from the device's identity; letters that cannot be mistaken for digits."""
    crockford = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    raw = base64.b32encode(hashlib.sha256(bytes.fromhex(device_id)).digest()).decode()
    return raw[:3].translate(crockford)


def begin(engine: Engine, *, device: str, user: Person, beginning: Beginning, now: Clock) -> str:
    """Write the first settings, the office and the user. Returns the (provisional) office id."""
    office_id = new_id()
    actor = Actor(user.id, user.name, user.role, office_id, device)
    with Session(engine) as session:
        session.info["journal"] = Journal(actor, now, applying=True)  # the office is the centre's to announce
        session.add(
            Office(
                id=office_id, name=beginning.office_name, agency_type=beginning.agency_type, region=beginning.region,
                made_at=now(), made_office=office_id,
            )
        )  # fmt: skip
        session.commit()
        session.info["journal"] = Journal(actor, now)
        session.add(User(id=user.id, login=user.login, name=user.name, role=user.role, active=True))
        values = {
            "office": office_id, "office_name": beginning.office_name, "district": beginning.region[:4],
            "device": device, "device_tag": device_tag(device), "zone": beginning.zone,
            "language": beginning.language, "sample": beginning.sample,
        }  # fmt: skip
        for name, value in values.items():
            settings.put(session, name, value)
        upkeep.begin(session)
        session.commit()
    return office_id


def actor_for(engine: Engine, *, user: Person, device: str) -> Actor:
    """The signed-in user as the one who acts, for the office this workspace belongs to."""
    with Session(engine) as session:
        return Actor(user.id, user.name, user.role, settings.get(session, "office", ""), device)
