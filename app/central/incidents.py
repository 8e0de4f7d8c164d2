"""What contradicts the history of a device: kept for good, shown to the administrator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.central.config import Clock
from app.central.sessions import Device
from app.central.store import Conn, as_scope

MAX_NOTED = 100  # of one kind and one device: whoever reads them has seen enough, and the disk is not theirs
FORK, REWOUND, STALE = "fork", "audit_rewound", "stale"


@dataclass(frozen=True, slots=True)
class Incident:
    """`n` is the number of a batch ('fork', 'stale'), or of a link of the audit ('audit_rewound').

    `what` says what it is about, so that the same thing twice is noted once. `data` are the bytes worth keeping.
    """

    code: str
    n: int
    what: bytes
    data: bytes = b""


def note(connection: Conn, device: Device, incident: Incident, *, clock: Clock) -> None:
    """Keep it; the same again changes nothing, and a flood of them is not kept."""
    same = (device.office, device.id, incident.n, incident.what)
    alike = (device.office, device.id, incident.code, MAX_NOTED)
    with as_scope(connection, device.office):
        connection.execute(
            "INSERT INTO incident (scope, device, n, digest, code, data, at) SELECT %s, %s, %s, %s, %s, %s, %s"
            " WHERE NOT EXISTS"
            " (SELECT 1 FROM incident WHERE scope = %s AND device = %s AND n = %s AND digest = %s AND code = %s)"
            " AND (SELECT count(*) FROM incident WHERE scope = %s AND device = %s AND code = %s) < %s",
            (*same, incident.code, incident.data, clock(), *same, incident.code, *alike),
        )


@dataclass(frozen=True, slots=True)
class Noted:
    """One incident, as the administrator reads it. `word`: why a laptop takes no work, as it says itself."""

    device: str
    office_code: str
    tag: str
    code: str
    n: int
    word: str
    at: datetime


def noted(connection: Conn, offices: list[tuple[str, str]]) -> list[Noted]:
    """Every incident of these offices (id, code), newest first."""
    found = []
    for office, office_code in offices:
        with as_scope(connection, office):
            rows = connection.execute(
                "SELECT i.device, d.tag, i.code, i.n, i.digest, i.at FROM incident i JOIN device d ON d.id = i.device"
                " WHERE i.scope = %s",
                (office,),
            ).fetchall()
        for device, tag, code, n, what, at in rows:
            word = what.decode("ascii", "replace") if code == STALE else ""
            found.append(Noted(device, office_code, tag, code, n, word, at))
    return sorted(found, key=lambda incident: incident.at, reverse=True)
