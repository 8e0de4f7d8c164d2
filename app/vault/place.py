"""Where a workspace may lie: on a disk of this computer, never on a share of the network.

SQLite's write-ahead log needs memory that all its users share, and locks that hold; over a network neither is so, and
two laptops could write one file to pieces. Restoring a backup from a share is well: it is copied first.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

from app.errors import KnownError
from app.i18n import _

MOUNTS = Path("/proc/self/mountinfo")
SHARES = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "davfs", "fuse.sshfs",
                    "fuse.davfs2", "fuse.gvfsd-fuse", "fuse.glusterfs", "fuse.rclone"})  # fmt: skip
REMOTE = 4  # what Windows calls a drive of another computer


def refuse_share(directory: Path) -> None:
    """KnownError, with what to do, when this folder is on a share of the network."""
    if _is_share(directory):
        raise KnownError(
            _("This folder is on a share of the network, where a workspace can be damaged. Copy it to a folder on this "
              "computer's own disk and open it there; other laptops get their data by synchronising.")
        )  # fmt: skip


def file_system(path: Path, *, mounts: str) -> str:
    """The kind of the file system under this path, as the system's table of mounts says; '' when it does not."""
    best, kind = -1, ""
    for line in mounts.splitlines():
        left, _dash, right = line.partition(" - ")
        fields = left.split()
        if len(fields) < 5 or not right:
            continue
        point = Path(_unescaped(fields[4]))
        if path.is_relative_to(point) and len(point.parts) >= best:  # a later mount lies over an earlier one
            best, kind = len(point.parts), right.split()[0]
    return kind


def _is_share(directory: Path) -> bool:
    if sys.platform == "win32":
        drive = directory.resolve().drive
        return drive.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(f"{drive}\\") == REMOTE
    try:
        mounts = MOUNTS.read_text(encoding="utf-8", errors="replace")
    except OSError:  # another system, which has no such table
        return False
    return file_system(directory.resolve(), mounts=mounts) in SHARES


def _unescaped(text: str) -> str:
    for code, letter in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, letter)
    return text
