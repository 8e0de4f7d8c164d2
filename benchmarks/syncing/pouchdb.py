"""PouchDB on LevelDB against express-pouchdb: the programs of benchmarks/peers/pouchdb, over the link."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.syncing.corpus import Document
from benchmarks.syncing.legs import Way
from benchmarks.syncing.processes import BUILT, ROOT, Program, cpu_seconds, program

INSTALLED = BUILT / "pouchdb"
_SOURCES = ROOT / "benchmarks" / "peers" / "pouchdb"


@dataclass(frozen=True, slots=True)
class Pair:
    """A server at `url` and a client program, each with its folder."""

    url: str
    server: Program
    client: Program
    limit: float = 600.0

    def write(self, database: str, documents: Sequence[Document]) -> None:
        """Into a database of the client."""
        self.client.ask(do="write", db=database, docs=[_own(document) for document in documents])

    def push(self, database: str, link: str, *, to: str = "cases", total: int = 0) -> Way:
        """Replicate what the client has; of an unfinished way, `total` tells which part of it the server got."""
        there = {"url": f"{self.url}/{to}"}
        return self._replicate("push", database, url=f"{link}/{to}", arrives=there, total=total)

    def pull(self, database: str, link: str, *, of: str = "cases", total: int = 0) -> Way:
        """Replicate what the server has."""
        return self._replicate("pull", database, url=f"{link}/{of}", arrives={"db": database}, total=total)

    def count(self, database: str) -> int:
        """How many documents a database of the client has."""
        return int(self.client.ask(do="info", db=database)["count"])

    def cpu(self) -> float:
        """Seconds used by the server."""
        return cpu_seconds([self.server.pid])

    def _replicate(self, way: str, database: str, *, url: str, arrives: dict[str, str], total: int) -> Way:
        before = self._last(arrives) if total else 0
        answer = self.client.ask(do=way, db=database, url=url, limit=self.limit)
        if answer["finished"] or not total:
            return Way(1.0 if answer["finished"] else 0.0, note=answer.get("why", ""))
        return Way(min(0.999, (self._last(arrives) - before) / total), note=answer["why"])

    def _last(self, where: dict[str, str]) -> int:
        return int(self.client.ask(do="info", **where)["last"])


def versions() -> dict[str, str]:
    """What is installed, by package."""
    found: dict[str, str] = json.loads((_SOURCES / "package.json").read_text(encoding="utf-8"))["dependencies"]
    return found


def _own(document: Document) -> Document:
    """The document as PouchDB wants it: `id` is `_id`."""
    return {"_id": document["id"], **{key: value for key, value in document.items() if key != "id"}}


@contextmanager
def pair(folder: Path, *, limit: float = 600.0) -> Iterator[Pair]:
    """Both programs on this folder, made if it is not there."""
    for side in ("server", "client"):
        (folder / side).mkdir(parents=True, exist_ok=True)
    with (
        program("node", _SOURCES / "server.js", folder / "server", folder=INSTALLED) as server,
        program("node", _SOURCES / "client.js", folder / "client", folder=INSTALLED) as client,
    ):
        yield Pair(f"http://127.0.0.1:{int(server.line())}", server, client, limit)


def copied(folder: Path, to: Path) -> Path:
    """The same state once more; nobody may have it open."""
    shutil.copytree(folder, to)
    return to
