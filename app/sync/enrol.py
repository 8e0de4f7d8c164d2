"""Enrolment: a code, told to a person by the centre, makes this laptop one of an office's devices."""

from __future__ import annotations

from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import String, select, update
from sqlalchemy import inspect as sa_inspect
from sqlalchemy.orm import Session

from app.errors import Conflicted
from app.i18n import _
from app.models import settings
from app.models.base import KINDS
from app.models.case_index import CaseRow
from app.models.contact import prove_contact, read_contact
from app.models.field import Kind, fields_of
from app.models.local import Operation
from app.models.office import Office
from app.models.six_words import six_words
from app.sync import bundle_key
from app.sync.anew import renew
from app.sync.device import SyncSetup
from app.sync.http import not_the_centre
from app.sync.restored import move_to
from app.sync.transport import Transport
from app.wire.messages import (
    CERTIFICATE_DOMAIN,
    ENROL_DOMAIN,
    Certificate,
    EnrolReply,
    EnrolRequest,
    Signed,
    WireError,
    decode,
    encode,
)

__all__ = ["Certificate", "enrol", "rename_office", "words_of"]


def enrol(setup: SyncSetup, transport: Transport, *, code: str, tag: str, anew: bytes = b"") -> Certificate:
    """Prove the code once and keep what the centre vouches for; `tag` is this device's part of case numbers.

    Work begun before enrolment belongs to the office from now on: its provisional id is replaced everywhere.
    `anew`: the signer's private keys, for a laptop that goes on as a new device.
    CentreRefused 'code' or 'tag_taken'; Conflicted if the workspace belongs to another office already.
    """
    setup.require_fresh()
    signer = setup.signer
    proof = ENROL_DOMAIN + code.encode() + signer.box_public + tag.encode()
    request = EnrolRequest(code, signer.sign_public, signer.box_public, tag, signer.sign(proof))
    reply = transport.enrol(request)
    certificate = _checked(reply, setup=setup)
    with setup.write() as session:
        known, key = settings.get(session, "office"), settings.get(session, "centre_key")
        enrolled = settings.get(session, "certificate") is not None
        if enrolled and (known != certificate.office.hex() or key != reply.centre_key):
            raise Conflicted(
                _("This workspace belongs to another office or centre. Create a new workspace for this one.")
            )
        if known and not enrolled and known != certificate.office.hex():
            rename_office(session, known, to=certificate.office.hex())
        if anew:
            renew(session, anew)
        _remember(session, reply, certificate=certificate, way=transport)
    return certificate


def words_of(session: Session, sign_public: bytes) -> str:
    """The six words to compare with the centre; '' before enrolment."""
    kept, key = settings.get(session, "certificate"), settings.get(session, "centre_key")
    if kept is None or not key:
        return ""
    return six_words(centre_key=key, device_key=sign_public, certificate=decode(kept, Signed).body)


def _checked(reply: EnrolReply, *, setup: SyncSetup) -> Certificate:
    signed = reply.certificate
    try:
        key = Ed25519PublicKey.from_public_bytes(reply.centre_key)
        key.verify(signed.signature, CERTIFICATE_DOMAIN + signed.body)
        certificate = decode(signed.body, Certificate)
    except (InvalidSignature, ValueError, WireError):
        raise not_the_centre() from None
    ours = (setup.device, setup.signer.sign_public, setup.signer.box_public)
    if (certificate.device, certificate.sign_public, certificate.box_public) != ours or len(certificate.office) != 16:
        raise not_the_centre()
    return certificate


def _remember(session: Session, reply: EnrolReply, *, certificate: Certificate, way: Transport) -> None:
    url, trusted = getattr(way, "base_url", ""), getattr(way, "trusted", b"")
    values: dict[str, Any] = {
        "office": certificate.office.hex(),
        "office_code": certificate.office_code,
        "device": certificate.device.hex(),
        "device_tag": certificate.tag,
        "certificate": encode(reply.certificate),
        "centre_key": reply.centre_key,
        **({"centre_url": url, "centre_ca": trusted or None} if url else {}),
    }
    for name, value in values.items():
        settings.put(session, name, value)
    if settings.get(session, "epoch", "") != reply.epoch:
        move_to(session, reply.epoch)
    bundle_key.keep(session, reply.bundle, centre_key=reply.centre_key)
    if read_contact(session) is None:
        prove_contact(session, certificate.issued)


def rename_office(session: Session, provisional: str, *, to: str) -> None:
    """Put the office's real id in the place of the provisional one: in rows, in the list, in unsent operations."""
    for record_class in KINDS.values():
        columns = sa_inspect(record_class).columns
        for declared in fields_of(record_class):
            if declared.kind is Kind.REF and isinstance(columns[declared.key].type, String):
                column = columns[declared.key]
                session.execute(update(record_class).where(column == provisional).values({declared.key: to}))
    session.execute(update(CaseRow).where(CaseRow.office == provisional).values(office=to))
    unsent = select(Operation).where(Operation.batch.is_(None), Operation.result.is_(None))
    for op in session.scalars(unsent).all():
        op.changes, op.before = _renamed(op.changes, provisional, to), _renamed(op.before, provisional, to)
    _drop_provisional(session, provisional)


def _renamed(packed: bytes, provisional: str, to: str) -> bytes:
    content: dict[str, Any] = msgspec.msgpack.decode(packed)
    return msgspec.msgpack.encode({key: to if value == provisional else value for key, value in content.items()})


def _drop_provisional(session: Session, provisional: str) -> None:
    """The office's own entry comes from the centre; the one made here before stood in for it and is never sent."""
    for op in session.scalars(select(Operation).where(Operation.record == provisional, Operation.kind == Office.kind)):
        session.delete(op)
    office = session.get(Office, provisional)
    if office is not None:
        session.delete(office)
