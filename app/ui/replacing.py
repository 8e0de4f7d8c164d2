"""The process replaced by itself: of what it knew, nothing stays in memory, and the next one begins at the door.

Closing a workspace wipes its keys; the names and stories that Python, Qt and the C library freed are wiped by nobody.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from typing import NoReturn

STANDARD = 2  # the last of the standard streams, which the next process keeps


def command() -> list[str]:
    """How this very program was called, so that it can be called again."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *sys.argv[1:]]
    return [sys.executable, *sys.orig_argv[1:]]


def replace_process() -> NoReturn:
    """Begin again with the same arguments; threads, windows and open files end here. OSError: it could not be done.

    What was given on the standard input, a passphrase perhaps, was for this process only: the next one reads nothing.
    """
    words = command()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:  # a program without a console has none
            with suppress(OSError):
                stream.flush()
    if getattr(sys, "frozen", False):
        os.environ["PYINSTALLER_RESET_ENVIRONMENT"] = "1"  # else it takes itself for a part of the process before
    if sys.platform == "win32":
        subprocess.Popen(words, stdin=subprocess.DEVNULL)
        os._exit(0)  # not sys.exit: a thread that hangs on a dead link would be waited for
    else:
        _keep_standard_streams_only()
        os.execv(sys.executable, words)


def _keep_standard_streams_only() -> None:
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    for name in os.listdir("/dev/fd"):
        if int(name) > STANDARD:
            with suppress(OSError):  # the listing itself is among them, and closed by now
                os.set_inheritable(int(name), False)
