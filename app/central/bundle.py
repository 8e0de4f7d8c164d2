"""Files that laptops closed for this centre: opened, proved, and taken by the very way that batches take over a link.

Several laptops share a stick. Each file is a matter of its own: one that is cut, foreign or forged is told and left.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import psycopg
from msgspec import structs

from app.central.bundle_answer import Served, answer, refusal_of, take_work
from app.central.centre import Centre
from app.central.keys import verified
from app.central.refusal import Refused
from app.central.sessions import UNCONFIRMED_LIFE, Device, check_valid
from app.errors import KnownError
from app.models import agefile
from app.models.stick import put_whole, read_bounded
from app.wire.messages import CERTIFICATE_DOMAIN, Certificate, Signed, WireError, decode, encode
from app.wire.parcel import ANSWER, ANSWER_DOMAIN, MAX_CARRIED, PARCEL_DOMAIN, SUFFIX, Parcel, Sheet

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one file. `problem` is a machine word, '' if all of it was taken; `said` a sentence with it.

    Without a device it could not even be told whose it is.
    """

    file: Path
    problem: str = ""
    said: str = ""
    device: str = ""
    tag: str = ""
    office_code: str = ""
    batches: int = 0
    operations: int = 0
    answers: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """A parcel that is whole, closed for this centre, and signed by a device that the centre certified."""

    file: Path
    name: bytes
    parcel: Parcel
    certificate: Certificate
    standing: _Standing

    def without_load(self) -> Opened:
        """The same without its batches and the bytes of its files: all parcels of a stick do not fit into memory."""
        named = [Sheet(sheet.record, sheet.sha256) for sheet in self.parcel.files]
        return replace(self, parcel=structs.replace(self.parcel, batches=[], files=named))


@dataclass(frozen=True, slots=True)
class _Standing:
    """What the centre knows of a device."""

    device: Device
    certificate: bytes
    revoked: datetime | None
    expires: datetime
    wipe: bytes | None
    unconfirmed: bool


class _Unfit(Exception):
    """A file that is not a parcel for this centre, by its machine word."""


def take(centre: Centre, folder: Path) -> list[Taken]:
    """Take every bundle in this folder and write an answer beside it for each laptop; a line for each file.

    Again: the same results again, and fresh answers. An answer of the centre's own is no bundle and gets no line.
    """
    told: list[Taken] = []
    parcels: dict[str, list[Opened]] = {}
    for file in sorted(folder.glob("*" + SUFFIX)):
        if ANSWER in file.stem or not file.is_file():
            continue
        try:
            opened = open_parcel(centre, file).without_load()
            parcels.setdefault(opened.standing.device.id, []).append(opened)
        except _Unfit as unfit:
            told.append(Taken(file, str(unfit)))
        except KnownError as error:
            told.append(Taken(file, "unreadable", str(error)))
        except psycopg.OperationalError:
            raise  # the database is away: nothing else will go better
        except Exception as error:
            _note(error)
            told.append(Taken(file, "internal"))
    visits = [
        _Visit(centre, sorted(of_one, key=lambda each: (each.parcel.sequence, each.parcel.made_at)))
        for of_one in parcels.values()
    ]
    for step in (_Visit.take_work, _Visit.answer):  # the work of all before the first answer: they hear of each other
        for visit in visits:
            visit.safely(step)
    return sorted([*told, *(line for visit in visits for line in visit.lines())], key=lambda line: line.file)


def _note(error: Exception) -> None:
    """By its kind alone: a message may hold a value."""
    _LOG.error("a bundle cannot be taken: %s", type(error).__name__)


def open_parcel(centre: Centre, file: Path) -> Opened:
    """What is in a file, once everything about it was proved."""
    sealed = read_bounded(file, limit=MAX_CARRIED)
    if sealed is None:
        raise _Unfit("size")
    try:
        plain = agefile.unseal(sealed, identities=centre.bundles.identities)
        if plain is None:
            raise _Unfit("foreign")
        signed = decode(plain, Signed)
        parcel = decode(signed.body, Parcel)
        certificate = decode(parcel.certificate.body, Certificate)
    except (ValueError, WireError):
        raise _Unfit("damaged") from None
    vouched = verified(
        centre.key.public, CERTIFICATE_DOMAIN + parcel.certificate.body, parcel.certificate.signature
    )  # fmt: skip
    if parcel.centre != centre.key.public or not vouched or certificate.device != parcel.device:
        raise _Unfit("foreign")
    standing = _standing(centre, parcel.device)
    if not verified(standing.device.sign_public, PARCEL_DOMAIN + signed.body, signed.signature):
        raise _Unfit("signature")
    own = decode(decode(standing.certificate, Signed).body, Certificate)
    return Opened(file, agefile.name_of(sealed), parcel, own, standing)


def _standing(centre: Centre, device: bytes) -> _Standing:
    now = centre.config.now()
    with centre.store.transaction() as connection:
        row = connection.execute(
            "SELECT id, office, sign_public, certificate, revoked, expires, wipe, confirmed IS NULL AND issued < %s"
            " FROM device WHERE id = %s",
            (now - UNCONFIRMED_LIFE, device.hex()),
        ).fetchone()
    if row is None:
        raise _Unfit("unknown")
    return _Standing(Device(row[0], row[1], row[2]), *row[3:])


class _Visit:
    """All parcels of one device, in their order, and one answer to all of them, beside the newest."""

    def __init__(self, centre: Centre, parcels: list[Opened]) -> None:
        self._centre = centre
        self._parcels = parcels
        self._newest = parcels[-1]
        self._pairs = [(each.name, each.parcel) for each in parcels]
        self._served = Served()
        self._paths: tuple[Path, ...] = ()
        self._failed = ("", "")  # a word, and a sentence

    def safely(self, step: Callable[[_Visit], None]) -> None:
        """What goes wrong with one device is told in its lines, and is no matter of the others."""
        if self._failed[0]:
            return
        try:
            step(self)
        except psycopg.OperationalError:
            raise
        except _Unfit as unfit:  # another file than before, or gone
            self._failed = (str(unfit), "")
        except KnownError as error:
            self._failed = ("answer", str(error))
        except Exception as error:
            _note(error)
            self._failed = ("internal", "")

    def take_work(self) -> None:
        """The batches, unless the device is refused."""
        standing = self._newest.standing
        try:
            check_valid(
                standing.revoked,
                expired=standing.expires < self._centre.config.now(),
                unconfirmed=standing.unconfirmed,
                order=standing.wipe,
            )
        except Refused as refused:
            self._served = refusal_of(self._centre, standing.device, self._pairs, refused=refused)
            return
        self._served = take_work(self._centre, standing.device, self._loads(), newest=self._newest.parcel)

    def _loads(self) -> Iterator[tuple[bytes, Parcel]]:
        """The parcels as they came, opened a second time, one after the other."""
        for each in self._parcels:
            opened = open_parcel(self._centre, each.file)
            if opened.name != each.name:
                raise _Unfit("damaged")
            yield opened.name, opened.parcel

    def answer(self) -> None:
        """One file, or as many as it needs."""
        if not self._served.answers:
            answer(self._centre, self._newest.standing.device, self._pairs, served=self._served)
        recipient = agefile.recipient_of(self._newest.certificate.box_public)
        for each in self._served.answers:
            signed = self._centre.key.signed(each, domain=ANSWER_DOMAIN)
            part = f"-{each.part}" if each.parts > 1 else ""
            path = self._newest.file.with_name(f"{self._newest.file.stem}{ANSWER}{part}{SUFFIX}")
            put_whole(path, agefile.seal(encode(signed), recipient=recipient))
            self._paths += (path,)

    def lines(self) -> list[Taken]:
        """One for each file."""
        word, said = self._failed
        return [
            Taken(
                each.file, word or self._served.problems.get(each.name, ""), said, each.standing.device.id,
                each.certificate.tag, each.certificate.office_code,
                *self._served.counts.get(each.name, (0, 0)), self._paths if each is self._newest else (),
            )
            for each in self._parcels
        ]  # fmt: skip
