"""Whether the audit is whole: every link follows from the one before, and it reaches what is known of it elsewhere.

Elsewhere is the anchor beside the file, and the receipt in which the centre countersigned the chain.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.i18n import _, format_datetime
from app.models.local import AuditEntry
from app.services.desk import Desk
from app.sync.countersigned import Countersigned, countersigned
from app.vault.anchor import Altered, Anchor, read_anchor
from app.vault.chain import NOTHING, Break, Head, walk
from app.vault.workspace import Workspace

HANDFUL = 1000


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """What was found: how many links, up to where it is whole, what the anchor and the centre know of it."""

    links: int
    whole_to: int
    problems: tuple[str, ...]
    anchored: int  # the link that the anchor knows; 0: it knows none
    signed: Countersigned | None

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def verify(desk: Desk) -> tuple[str, ...]:
    """What is wrong with the chain by itself, in words; nothing if every link follows from the one before."""
    with _reading(desk) as session:
        return tuple(_broken(_walk(session)[1]))


def check(desk: Desk, workspace: Workspace) -> ChainCheck:
    """The whole chain recomputed, and held against the anchor and the centre's last receipt. Anybody may ask."""
    with _reading(desk) as session:
        reached, broken = _walk(session)
        last = session.scalar(select(AuditEntry.seq).order_by(AuditEntry.seq.desc()).limit(1)) or 0
        signed = countersigned(session)
        problems = [*_broken(broken)]
        try:
            anchor = read_anchor(workspace.directory, keys=workspace.keys)
        except Altered:
            anchor = None
            problems.append(_("The anchor beside the file was altered or is another workspace's."))
        if anchor:
            problems += _unlike_anchor(session, anchor, last=last)
        if signed and not _holds(session, Head(signed.seq, signed.h)):
            told = _("The centre countersigned entry {n} on {when}; it is not in this chain.")
            problems.append(told.format(n=signed.seq, when=format_datetime(signed.at)))
    return ChainCheck(last, reached.seq, tuple(problems), anchor.head.seq if anchor else 0, signed)


def _reading(desk: Desk) -> Session:
    """Not the desk's own reading: a check shows no record, so neither a role nor the lease stands in its way."""
    return Session(desk.engine.execution_options(naungan_read=True))


def _walk(session: Session) -> tuple[Head, Break | None]:
    columns = select(
        AuditEntry.seq, AuditEntry.at, AuditEntry.actor, AuditEntry.device, AuditEntry.action, AuditEntry.kind,
        AuditEntry.record, AuditEntry.fields, AuditEntry.h,
    )  # fmt: skip
    links = session.execute(columns.order_by(AuditEntry.seq).execution_options(yield_per=HANDFUL))
    return walk(links, after=NOTHING)


def _broken(found: Break | None) -> Iterator[str]:
    if found is not None:
        words = _("Audit entry {n} is missing.") if found.missing else _("Audit entry {n} was altered.")
        yield words.format(n=found.seq)


def _unlike_anchor(session: Session, anchor: Anchor, *, last: int) -> Iterator[str]:
    when = format_datetime(anchor.at)
    if anchor.head.seq > last:
        told = _("The chain ends at entry {n}, but on {when} it was known to reach entry {m}.")
        yield told.format(n=last, m=anchor.head.seq, when=when)
    elif not _holds(session, anchor.head):
        yield _("Audit entry {n} is not the one that was known on {when}.").format(n=anchor.head.seq, when=when)
    if not _holds(session, anchor.signed):
        yield _("Audit entry {n}, which the centre countersigned, is not in this chain.").format(n=anchor.signed.seq)


def _holds(session: Session, known: Head) -> bool:
    return known == NOTHING or session.scalar(select(AuditEntry.h).where(AuditEntry.seq == known.seq)) == known.h
