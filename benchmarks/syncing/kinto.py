"""Kinto on PostgreSQL: the server as its own command sets it up, the client as its documentation describes it."""

from __future__ import annotations

import configparser
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import quote

import httpx2
import psycopg

from app.central import embedded
from benchmarks.syncing.corpus import Document
from benchmarks.syncing.legs import Way
from benchmarks.syncing.processes import BUILT, ROOT, cpu_seconds

BATCH, PAGE = 25, 100  # the server's own limit; a page that a careful client asks for
COMMAND = BUILT / "kinto" / "bin" / "kinto"
_PATIENCE = 30.0


class Late(Exception):
    """The time limit is over."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running Kinto: its processes answer at `urls`."""

    urls: list[str]
    pids: list[int]
    auth: tuple[str, str]

    def cpu(self) -> float:
        """Seconds used by Kinto and its PostgreSQL."""
        return cpu_seconds(self.pids)


@dataclass(slots=True)
class Laptop:
    """A client of one collection: what it holds, in memory, and the number each record had."""

    url: str
    auth: tuple[str, str]
    collection: str = "cases"
    limit: float = 600.0
    held: dict[str, Document] = field(default_factory=dict)
    stamps: dict[str, int] = field(default_factory=dict)
    etag: str = ""
    denied: int = 0  # answers 412 to what had succeeded, its answer lost

    def push(self, documents: Sequence[Document]) -> Way:
        """Write them, `BATCH` at a time, none without its precondition."""
        until, done = time.perf_counter() + self.limit, 0
        with self._client() as client:
            try:
                for start in range(0, len(documents), BATCH):
                    some = documents[start : start + BATCH]
                    self._write(client, some, until=until)
                    done += len(some)
            except Late:
                pass
        return Way(done / len(documents) if documents else 1.0, note=f"{self.denied} x 412" if self.denied else "")

    def pull(self, expected: int = 0, *, before: int = 0) -> Way:
        """Read what is new, page after page; `expected` is to say how far it came, `before` leaves out later work."""
        until, got = time.perf_counter() + self.limit, 0
        since = f"_since={quote(self.etag)}&" if self.etag else ""
        since += f"_before={before}&" if before else ""
        path, first = f"{self._records}?{since}_sort=last_modified&_limit={PAGE}", ""
        headers = {"If-None-Match": self.etag} if self.etag else {}
        with self._client() as client:
            try:
                while path:
                    reply = self._ask(client, "GET", path, until=until, headers=headers)
                    if reply.status_code == 304:
                        return Way()
                    reply.raise_for_status()
                    rows = reply.json()["data"]
                    for row in rows:
                        self.held[row["id"]], self.stamps[row["id"]] = row, row["last_modified"]
                    got, first = got + len(rows), first or reply.headers["ETag"]
                    path = _below(reply.headers.get("Next-Page", ""))
                    headers = {}
            except Late:
                return Way(min(0.999, got / expected) if expected else 0.0)
        self.etag = first
        return Way()

    def put_one(self, writer: int) -> set[str]:
        """Write one new record by itself; its id."""
        record = f"{writer}-{secrets.token_hex(12)}"
        with self._client() as client:
            reply = client.put(f"{self._records}/{record}", json={"data": {"writer": writer}})
            return {record} if reply.status_code == 201 else set()

    @property
    def _records(self) -> str:
        return f"/v1/buckets/naungan/collections/{self.collection}/records"

    def _client(self) -> httpx2.Client:
        return httpx2.Client(base_url=self.url, auth=self.auth, trust_env=False, timeout=_PATIENCE)

    def _write(self, client: httpx2.Client, some: Sequence[Document], *, until: float) -> None:
        while some:
            requests = [self._request(document) for document in some]
            reply = self._ask(client, "POST", "/v1/batch", until=until, json={"requests": requests})
            reply.raise_for_status()
            answered = zip(some, reply.json()["responses"], strict=True)
            some = [document for document, answer in answered if not self._take(document, answer)]

    def _request(self, document: Document) -> Mapping[str, Any]:
        stamp = self.stamps.get(document["id"])
        guard = {"If-Match": f'"{stamp}"'} if stamp else {"If-None-Match": "*"}
        path = f"/buckets/naungan/collections/{self.collection}/records/{document['id']}"
        return {"method": "PUT", "path": path, "headers": guard, "body": {"data": document}}

    def _take(self, document: Document, answer: Mapping[str, Any]) -> bool:
        """False if it is to be sent again: two writers met, says 409.

        412 brings what the server has: if that is what we wrote, only the answer had been lost.
        """
        body = answer["body"]
        if answer["status"] == 409:
            return False
        if answer["status"] == 412:
            saved = body["details"]["existing"]
            if any(saved.get(key) != value for key, value in document.items()):
                raise RuntimeError("another client wrote")
            self.denied += 1
        elif answer["status"] not in (200, 201):
            raise RuntimeError(f"Kinto answered {answer['status']}")
        else:
            saved = body["data"]
        self.held[document["id"]], self.stamps[document["id"]] = document, saved["last_modified"]
        return True

    def _ask(self, client: httpx2.Client, method: str, path: str, *, until: float, **what: Any) -> httpx2.Response:
        """A request, again and again until it is answered. Late when the time is over.

        5xx is no answer: Kinto says 503 when its database has no room, and to ask again.
        """
        while (left := until - time.perf_counter()) > 0:
            try:
                reply = client.request(method, path, timeout=min(_PATIENCE, max(left, 0.1)), **what)
            except httpx2.RequestError:
                continue
            if reply.status_code < 500:
                return reply
        raise Late


def locked_version() -> str:
    """What is installed."""
    lines = (ROOT / "benchmarks" / "peers" / "kinto" / "requirements.lock").read_text(encoding="utf-8").split()
    return next(line.partition("==")[2] for line in lines if line.startswith("kinto"))


def _below(url: str) -> str:
    """The path of a page's address: it names the server, we go through the link."""
    return url[url.index("/v1/") :] if url else ""


@contextmanager
def serving(folder: Path, *, processes: int = 1) -> Iterator[Server]:
    """Kinto on a PostgreSQL of its own."""
    database = embedded.start(folder / "pg")
    try:
        with ExitStack() as stack:
            urls, pids = [], [int((folder / "pg" / "pgdata" / "postmaster.pid").read_text().split()[0])]
            for number in range(processes):
                url, process = stack.enter_context(_process(folder, database.superuser_url, number=number))
                urls.append(url)
                pids.append(process.pid)
            server = Server(urls, pids, ("admin", secrets.token_hex(16)))
            _begin(server)
            yield server
    finally:
        database.stop()


@contextmanager
def _process(folder: Path, conninfo: str, *, number: int) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    settings = folder / "kinto.ini"
    if not number:
        _configure(settings, conninfo)
    port = _free_port()
    command: list[str | Path] = [COMMAND, "start", "--ini", settings, "--port", str(port)]
    with (
        (folder / f"kinto-{number}.log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=log) as process,
    ):
        try:
            _await(f"http://127.0.0.1:{port}/v1/", process)
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.terminate()
            process.wait(15)


def _configure(settings: Path, conninfo: str) -> None:
    """What `kinto init` writes, with the address of the database and without a line of log for each request."""
    made: list[str | Path] = [
        COMMAND,
        "init",
        "--ini",
        settings,
        "--backend",
        "postgresql",
        "--cache-backend",
        "memory",
    ]
    subprocess.run([*made, "--host", "127.0.0.1"], check=True, capture_output=True)
    told = configparser.ConfigParser(interpolation=None)
    told.read(settings)
    parts = psycopg.conninfo.conninfo_to_dict(conninfo)
    where = f"postgresql://{parts['user']}@/{parts['dbname']}?host={quote(str(parts['host']), safe='')}"
    where = where.replace("%", "%%")
    for name in ("storage", "permission"):
        told["app:main"][f"kinto.{name}_url"] = where
    for name in ("logger_root", "logger_kinto"):
        told[name]["level"] = "WARNING"
    with settings.open("w") as file:
        told.write(file)
    subprocess.run([COMMAND, "migrate", "--ini", settings], check=True, capture_output=True)


def _begin(server: Server) -> None:
    name, password = server.auth
    with httpx2.Client(base_url=server.urls[0], trust_env=False, timeout=_PATIENCE) as client:
        client.put(f"/v1/accounts/{name}", json={"data": {"password": password}}).raise_for_status()
        client.put("/v1/buckets/naungan", auth=server.auth).raise_for_status()
        for collection in ("cases", "first", "written"):
            client.put(f"/v1/buckets/naungan/collections/{collection}", auth=server.auth).raise_for_status()


def _await(url: str, process: subprocess.Popen[bytes]) -> None:
    for _try in range(300):
        try:
            httpx2.get(url, trust_env=False).raise_for_status()
            return
        except httpx2.HTTPError:
            if process.poll() is not None:
                _failed("Kinto ended while it started")
            time.sleep(0.1)
    _failed("Kinto does not answer")


def _failed(why: str) -> NoReturn:
    raise RuntimeError(why)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
