"""Where the centre keeps its things, what time it is, and how much it takes at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

Clock = Callable[[], datetime]

# Consents run out by the calendar day; the district offices' easternmost zone would let go two hours early,
# UTC seven hours late.
_CALENDAR = timezone(timedelta(hours=7), "WIB")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the centre takes before it says 'later' (429 for one device, 503 for all)."""

    requests_per_minute: int = 1200  # of one device
    strangers_per_minute: int = 3000  # without a session, of one address
    bytes_in_flight: int = 64 * 1024 * 1024  # announced by uploads that are running, in all workers
    urgent_bytes_in_flight: int = 4 * 1024 * 1024  # the same for the short urgent ones, which have this to themselves
    bytes_waiting: int = 16 * 1024 * 1024  # of stored batches that wait to be applied, in all workers
    batches_waiting: int = 8_192  # in one worker; the next is stored, and asked for again
    connections: int = 8  # of one worker to PostgreSQL, and so requests at work at the same time
    applies: int = 2  # of them at most this many apply a batch: somebody who only asks always finds one
    grace_seconds: float = 10  # after a signal to end, within them what is at work ends, or is rolled back
    segment_cache: int = 64 * 1024 * 1024  # bytes of served segments kept for a resume


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """The server's certificate and its private key, as PEM files."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Config:
    """`database_url` names the role naungan_app; `data_dir` holds the centre's key and unfinished uploads."""

    database_url: str
    data_dir: Path
    now: Clock
    limits: Limits = field(default_factory=Limits)
    tls: TlsFiles | None = None  # needed outside this very machine


def today(now: datetime) -> str:
    """The calendar day, as ISO text, by which consents run out."""
    return now.astimezone(_CALENDAR).date().isoformat()
