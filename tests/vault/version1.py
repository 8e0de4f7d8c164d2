"""A workspace as the first program left it: key file of version 1, no anchor."""

from __future__ import annotations

from dataclasses import replace

from app.vault.keyfile import write_key_file
from tests.vault.offices import Office


def make_version_1(office: Office) -> None:
    """Turn the founded workspace into one."""
    with office.unlock() as workspace:
        told = replace(workspace.key_file(), version=1).signed(workspace.keys)
    write_key_file(office.directory, told)
    (office.directory / "anchor").unlink()
