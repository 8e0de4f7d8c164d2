"""Eight writers and one who follows: how many of the rows that were written never came to the follower."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app.services.cases import open_case
from benchmarks.syncing import kinto, ours
from benchmarks.syncing.corpus import corpus

WRITERS = 8
_EACH = 5  # cases between two syncs of one of our writers


def of_kinto(folder: Path, seconds: float) -> str:
    """Each writer puts record after record, the follower asks with _since; two server processes, as in service."""
    with kinto.serving(folder, processes=2) as server:
        follower = kinto.Laptop(server.urls[0], server.auth, "written")

        def writer(number: int) -> set[str]:
            laptop = kinto.Laptop(server.urls[number % 2], server.auth, "written")
            return _until(seconds, lambda: laptop.put_one(number))

        written = _while_writing(writer, follow=lambda: bool(follower.pull()))
        follower.pull()
        return _told(written, set(follower.held))


def of_ours(folder: Path, seconds: float) -> str:
    """Each writer is a laptop that opens cases and syncs, the follower a laptop that syncs."""
    values = corpus(1).reports[0].values
    with ours.serving(folder) as centre:
        follower = centre.laptop()
        writers = [centre.laptop() for _ in range(WRITERS)]

        def save_and_sync(laptop: ours.Laptop) -> set[str]:
            made = {open_case(laptop.desk(), values).id for _ in range(_EACH)}
            laptop.sync()
            return made

        def writer(number: int) -> set[str]:
            return _until(seconds, lambda: save_and_sync(writers[number]))

        written = _while_writing(writer, follow=lambda: follower.sync().finished)
        follower.sync()
        return _told(written, follower.ids())


def _until(seconds: float, write: Callable[[], set[str]]) -> set[str]:
    written: set[str] = set()
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        written |= write()
    return written


def _while_writing(writer: Callable[[int], set[str]], *, follow: Callable[[], bool]) -> set[str]:
    """Run the writers, and follow as long as they run."""
    over = threading.Event()

    def following() -> None:
        while not over.is_set():
            follow()

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        following_ended = pool.submit(following)
        try:
            written = set().union(*pool.map(writer, range(WRITERS)))
        finally:
            over.set()
        following_ended.result()
    return written


def _told(written: set[str], held: set[str]) -> str:
    missed = len(written - held)
    return f"{missed} of {len(written):,}" + (f" ({missed / len(written):.1%})" if missed else "")
