"""Named values of this workspace: office, certificate, serial numbers, column widths. One row of `setting` each."""

from typing import Any

import msgspec
from sqlalchemy.orm import Session

from app.models.local import Setting


def get(session: Session, name: str, default: Any = None) -> Any:
    """The value kept under this name; `default` if there is none."""
    row = session.get(Setting, name)
    return default if row is None else msgspec.msgpack.decode(row.value)


def put(session: Session, name: str, value: Any) -> None:
    """Keep a value (anything msgpack carries) under this name, in the transaction of the session. None removes it."""
    row = session.get(Setting, name)
    if value is None:
        if row is not None:
            session.delete(row)
        return
    packed = msgspec.msgpack.encode(value, order="deterministic")
    if row is None:
        session.add(Setting(name=name, value=packed))
    elif row.value != packed:
        row.value = packed
