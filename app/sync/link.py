"""What is known of the link to the centre: how quick it was last, and whether every byte of it costs money."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.models import settings
from app.models.field import to_ms
from app.sync.auto import SLOT
from app.sync.device import SyncSetup
from app.sync.transport import Pass
from app.wire.codecs import best

METERED, SPEED, CODECS, SESSION = "metered", "link_speed", "codecs", "session"
_SLOW = 125_000  # bytes per second: below 1 Mbit/s every byte counts more than the work to pack it


def is_metered(session: Session) -> bool:
    """Whether the person said that the link is slow or paid by the byte: no files, the closest packing."""
    return bool(settings.get(session, METERED, False))


def link_speed(session: Session) -> float:
    """Bytes per second at the last sync that carried enough to tell; 0 if none did."""
    return float(settings.get(session, SPEED, 0) or 0)


def is_slow(session: Session) -> bool:
    """Whether to pack as closely as possible."""
    return is_metered(session) or 0 < link_speed(session) < _SLOW


def codec_for(session: Session) -> str:
    """The best codec that this laptop and the centre it met last both know; "row" before it met any."""
    return best(settings.get(session, CODECS, []))


def remember_codecs(session: Session, codecs: list[str]) -> None:
    """Keep what the centre said that it reads; an old one says nothing."""
    settings.put(session, CODECS, list(codecs))


def session_of(setup: SyncSetup) -> Pass:
    """The session that an earlier sync of this device opened, if it should still hold: two exchanges fewer."""
    with setup.read() as session:
        kept = settings.get(session, SESSION) or {}
    if kept.get("device") != setup.signer.id or kept.get("until", 0) <= to_ms(setup.now()):
        return Pass()
    return Pass(kept["token"], kept["device"])


def remember_session(setup: SyncSetup, opened: Pass) -> Pass:
    """Keep a session that was opened now; one that was remembered has no seconds left to count."""
    if opened.seconds:
        until = to_ms(setup.now()) + opened.seconds * 1000
        with setup.write() as session:
            settings.put(session, SESSION, {"token": opened.token, "device": opened.device, "until": until})
    return Pass(opened.token, opened.device)


def remember_slot(session: Session, slot: int) -> None:
    """Keep when the centre would like this laptop's daily sync, in seconds from midnight UTC; 0 says nothing."""
    if 0 < slot < 86_400:
        settings.put(session, SLOT, slot)


def remember_speed(setup: SyncSetup, speed: float) -> None:
    """Keep what was measured; nothing, if nothing could be."""
    if speed > 0:
        with setup.write() as session:
            settings.put(session, SPEED, round(speed))
