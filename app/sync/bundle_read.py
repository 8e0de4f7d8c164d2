"""Reading the centre's answer from a file: results, changes and receipts, each taken as if it had come over a link.

An answer that is older than what this laptop has heard since changes nothing. What counts as proven is decided here, as
ever: only if the rows of this laptop give the very digest that the centre signed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.errors import CentreRefused, KnownError, NotFound
from app.i18n import _
from app.models.local import Batch, Operation
from app.models.stick import read_bounded
from app.sync.bundle_take import Reading, take_answer
from app.sync.device import Membership, SyncSetup, membership
from app.sync.erasing import settle_log
from app.sync.push import WAITING
from app.sync.report import SyncReport
from app.sync.wiping import proved_order
from app.wire.messages import Signed, WireError, decode
from app.wire.parcel import ANSWER_DOMAIN, MAX_CARRIED, SUFFIX, Answer


@dataclass(slots=True)
class BundleRead:
    """What was found. `others`: files for somebody else, which is no problem where laptops share a stick."""

    report: SyncReport = field(default_factory=SyncReport)
    answers: int = 0
    old: int = 0  # of them: from before the centre was restored, as this laptop knows; they change nothing
    others: int = 0
    waiting: int = 0  # operations that go with the next bundle: made since, or lost by a centre that was restored
    problems: list[tuple[Path, str]] = field(default_factory=list)  # (file, why it could not be read)


def read_answers(setup: SyncSetup, place: Path) -> BundleRead:
    """Take the answers to this laptop that lie in this folder, or the one in this file, the oldest first.

    NotFound if there is none. What else is wrong is the report's `problem`; what came before it counts.
    """
    setup.require_fresh()
    with setup.read() as session:
        member = membership(session)
    read = BundleRead()
    found = sorted(_found(setup, place, member=member, read=read), key=lambda one: (one.at, one.part))
    read.answers = len(found)
    if not found and not read.problems:
        raise NotFound(_("There is no answer of the centre to this laptop. Was its bundle at the centre already?"))
    for parts in _together(found):
        if not _take(Reading(setup, read.report, member), parts, read=read):
            break
    if read.report.erased:
        settle_log(setup.engine)
    if found and setup.received is not None:
        setup.received(read.report.changes)
    with setup.read() as session:
        read.waiting = _waiting(session)
    return read


def _waiting(session: Session) -> int:
    """Operations in no batch yet, and those in batches that nobody has answered for."""
    loose = select(func.count()).select_from(Operation).where(
        Operation.batch.is_(None), Operation.result.is_(None), Operation.settled.is_(False)
    )  # fmt: skip
    frozen = select(func.sum(Batch.operations)).where(Batch.state.in_(WAITING), Batch.n > 0)
    return (session.scalar(loose) or 0) + (session.scalar(frozen) or 0)


def _take(visit: Reading, parts: Sequence[Answer], *, read: BundleRead) -> bool:
    """False if there is no use in reading on. A later answer speaks louder than an earlier one."""
    report = read.report
    report.problem = None
    try:
        read.old += not take_answer(visit, parts)
    except KnownError as problem:
        report.problem = problem
        if isinstance(problem, CentreRefused):
            if problem.order:
                report.wipe = proved_order(
                    problem.order, centre_key=visit.member.centre_key, device=visit.setup.device
                )  # fmt: skip
            return problem.code != "fork"
    return True


def _found(setup: SyncSetup, place: Path, *, member: Membership, read: BundleRead) -> Iterator[Answer]:
    """The answers that the centre signed for this device."""
    for file in sorted(place.glob("*" + SUFFIX)) if place.is_dir() else [place]:
        try:
            sealed = read_bounded(file, limit=MAX_CARRIED)
            plain = setup.signer.open_file(sealed) if sealed is not None else None
            if plain is None:
                read.others += 1
                continue
            answer = _signed(plain, centre_key=member.centre_key)
        except KnownError as error:
            read.problems.append((file, str(error)))
        except (InvalidSignature, ValueError, WireError):
            said = _("This file is not whole, or not an answer of the centre. Copy it from the centre once more.")
            read.problems.append((file, said))
        else:
            if answer.device != setup.device:
                read.others += 1
                continue
            read.report.bytes_down += len(sealed or b"")
            yield answer


def _signed(plain: bytes, *, centre_key: bytes) -> Answer:
    signed = decode(plain, Signed)
    Ed25519PublicKey.from_public_bytes(centre_key).verify(signed.signature, ANSWER_DOMAIN + signed.body)
    return decode(signed.body, Answer)


def _together(answers: Sequence[Answer]) -> Iterator[list[Answer]]:
    """The parts of each answer, as many as are here from the first one on without a gap."""
    by_answer: dict[tuple[int, tuple[bytes, ...]], list[Answer]] = {}
    for answer in answers:
        parts = by_answer.setdefault((answer.at, tuple(answer.parcels)), [])
        if answer.part == len(parts) + 1:
            parts.append(answer)
    yield from (parts for parts in by_answer.values() if parts)
