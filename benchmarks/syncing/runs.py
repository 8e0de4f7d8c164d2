"""What each peer does: the same works, first alone on a good link, then several at once on far and breaking ones."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks.syncing import kinto, ours, pouchdb
from benchmarks.syncing.corpus import Corpus, Document, corpus
from benchmarks.syncing.intakes import enter_intakes
from benchmarks.syncing.legs import SHAPES, Results, Way, good, measured
from benchmarks.syncing.link import Link, link_to

PUSH, PULL, PUSH_EDITS, PULL_EDITS, IDLE, FIRST = "push", "pull", "push edits", "pull edits", "idle", "first push"
INTAKES = "intakes"
GOOD, BREAKING = "good", "cut 64 KB"
Job = Callable[[], None]
_PATIENCE = 900.0  # seconds, where no limit is measured


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured; `limit` seconds are given to each way on a far link, `writing` to the eight writers."""

    cases: int = 10_000
    edits: int = 500
    limit: float = 300.0
    writing: float = 20.0
    intakes: int = 1_000
    shapes: tuple[str, ...] = tuple(SHAPES)
    storms: tuple[int, ...] = (514, 5_140)

    @property
    def is_whole(self) -> bool:
        """Whether it is the size that the targets are for."""
        return (self.cases, self.edits) == (10_000, 500)

    @property
    def corpus(self) -> Corpus:
        """What everybody gets."""
        return corpus(self.cases)

    def documents(self) -> list[Document]:
        """All of it, as a peer keeps it."""
        return [report.document() for report in self.corpus.reports]

    def edited(self, turn: int) -> list[Document]:
        """The documents after the edits of a turn."""
        by_id = {report.id: report for report in self.corpus.reports}
        return [edit.applied(by_id[edit.case].document()) for edit in self.corpus.edits(turn, count=self.edits)[0]]


class Run(ABC):
    """One peer through all works; `close` stops what it started."""

    name: str

    def __init__(self, folder: Path, size: Size) -> None:
        self.results = Results(self.name)
        self.stack = ExitStack()
        self._folder, self._size = folder / self.name, size
        self._folder.mkdir()

    @abstractmethod
    def alone(self) -> None:
        """The works on a good link; nobody else is measured meanwhile."""

    @abstractmethod
    def jobs(self) -> list[Job]:
        """The works on far links, to be done at the same time: they wait for the link nearly always."""

    def close(self) -> None:
        """Stop everything."""
        self.stack.close()

    def _check(self, got: int) -> None:
        if got != self._size.cases:
            raise RuntimeError(f"{self.name}: {got} of {self._size.cases} cases arrived")


class PouchDB(Run):
    """One database pulls from another through a server."""

    name = "PouchDB"

    def alone(self) -> None:
        """Two folders stay for the far links: one with everything done, one with edits that wait to be pulled."""
        legs, size = self.results.legs, self._size
        with self._pair() as (pair, link):
            pair.write("a", size.documents())
            legs[PUSH, GOOD] = good(link, lambda: pair.push("a", link.url), cpu=pair.cpu)
            legs[PULL, GOOD] = good(link, lambda: pair.pull("b", link.url))
            self._check(pair.count("b"))
            pair.write("a", size.edited(0))
            legs[PUSH_EDITS, GOOD] = good(link, lambda: pair.push("a", link.url))
        pouchdb.copied(self._folder / "good", self._folder / "waiting")
        with self._pair() as (pair, link):
            legs[PULL_EDITS, GOOD] = good(link, lambda: pair.pull("b", link.url))
            legs[IDLE, GOOD] = good(link, lambda: _last(pair.push("a", link.url), pair.pull("b", link.url)))

    def jobs(self) -> list[Job]:
        """Each on a copy of a folder."""
        shapes = self._size.shapes
        return [partial(work, name) for name in shapes for work in (self._push, self._pull)] + [self._first]

    def _push(self, name: str) -> None:
        with self._pair("good", f"push {name}") as (pair, link):
            pair.write("a", self._size.edited(1))
            push = partial(pair.push, "a", link.url, total=self._size.edits)
            self.results.legs[PUSH_EDITS, name] = measured(link, SHAPES[name], push)

    def _pull(self, name: str) -> None:
        with self._pair("waiting", f"pull {name}") as (pair, link):
            pull = partial(pair.pull, "b", link.url, total=self._size.edits)
            self.results.legs[PULL_EDITS, name] = measured(link, SHAPES[name], pull)

    def _first(self) -> None:
        with self._pair("good", "first") as (pair, link):
            pair.push("empty", link.url, to="first")  # makes the other database
            push = partial(pair.push, "a", link.url, to="first", total=self._size.cases)
            self.results.legs[FIRST, BREAKING] = measured(link, SHAPES[BREAKING], push)

    @contextmanager
    def _pair(self, state: str = "good", name: str = "") -> Iterator[tuple[pouchdb.Pair, Link]]:
        """A server and a client on this state, or on a copy of it with another name."""
        folder = pouchdb.copied(self._folder / state, self._folder / name) if name else self._folder / state
        limit = self._size.limit if name else _PATIENCE
        with pouchdb.pair(folder, limit=limit) as pair, link_to(pair.url) as link:
            yield pair, link


class Kinto(Run):
    """Two clients of one collection."""

    name = "Kinto"

    def alone(self) -> None:
        """The second laptop is remembered as it was before the first edits, for the far links."""
        legs, size = self.results.legs, self._size
        self._server = server = self.stack.enter_context(kinto.serving(self._folder))
        with link_to(server.urls[0]) as link:
            self._a, b = kinto.Laptop(link.url, server.auth), kinto.Laptop(link.url, server.auth)
            legs[PUSH, GOOD] = good(link, partial(self._a.push, size.documents()), cpu=server.cpu)
            legs[PULL, GOOD] = good(link, b.pull)
            self._check(len(b.held))
            self._before_edits = b.etag
            legs[PUSH_EDITS, GOOD] = good(link, partial(self._a.push, size.edited(0)))
            self._after_edits = max(self._a.stamps.values()) + 1
            legs[PULL_EDITS, GOOD] = good(link, b.pull)
            legs[IDLE, GOOD] = good(link, b.pull)

    def jobs(self) -> list[Job]:
        """All on one server: everybody pulls the first edits, and pushes others of its own."""
        numbered = list(enumerate(self._size.shapes, start=1))
        pushes = [partial(self._push, turn, name) for turn, name in numbered]
        return [*pushes, *(partial(self._pull, name) for name in self._size.shapes), self._first]

    def _push(self, turn: int, name: str) -> None:
        with link_to(self._server.urls[0]) as link:
            a = self._laptop(link)
            a.stamps = dict(self._a.stamps)
            push = partial(a.push, self._size.edited(turn))
            self.results.legs[PUSH_EDITS, name] = measured(link, SHAPES[name], push)

    def _pull(self, name: str) -> None:
        with link_to(self._server.urls[0]) as link:
            b = self._laptop(link)
            b.etag = self._before_edits
            pull = partial(b.pull, self._size.edits, before=self._after_edits)
            self.results.legs[PULL_EDITS, name] = measured(link, SHAPES[name], pull)

    def _first(self) -> None:
        with link_to(self._server.urls[0]) as link:
            a = self._laptop(link)
            a.collection = "first"
            push = partial(a.push, self._size.documents())
            self.results.legs[FIRST, BREAKING] = measured(link, SHAPES[BREAKING], push)

    def _laptop(self, link: Link) -> kinto.Laptop:
        return kinto.Laptop(link.url, self._server.auth, limit=self._size.limit)


class Ours(Run):
    """Two laptops of one office, and one of another office with a first push over the breaking link."""

    name = "ours"

    def alone(self) -> None:
        """Every way is a whole sync: signing in, sending, receiving what the centre says of it, and the proof."""
        legs, size = self.results.legs, self._size
        self._centre = centre = self.stack.enter_context(ours.serving(self._folder))
        self._a, self._b = centre.laptop(), centre.laptop()
        self._a.enter(size.corpus.reports)
        with link_to(centre.url) as link:
            legs[PUSH, GOOD] = good(link, partial(self._a.sync, link.url), cpu=centre.cpu)
            legs[PULL, GOOD] = good(link, partial(self._b.sync, link.url))
            self._check(self._b.count())
            self._a.edit(size.corpus.edits(0, count=size.edits)[0])
            legs[PUSH_EDITS, GOOD] = good(link, partial(self._a.sync, link.url))
            legs[PULL_EDITS, GOOD] = good(link, partial(self._b.sync, link.url))
            with self._b.session(link.url) as again:
                legs[IDLE, GOOD] = good(link, again)
            if size.intakes:
                whole = centre.laptop(office="I")
                plain = enter_intakes(whole, corpus(size.intakes).reports)
                legs[INTAKES, GOOD] = good(link, partial(whole.sync, link.url))
                self.results.facts[INTAKES] = f"{plain / size.intakes:,.0f}"
        if size.shapes:
            self._new = centre.laptop(office="F")
            self._new.enter(corpus(size.cases, "first").reports)

    def jobs(self) -> list[Job]:
        """The edits one link after the other, the first push beside them."""
        return [self._edits, self._first]

    def _edits(self) -> None:
        legs, size = self.results.legs, self._size
        self._a.limit = self._b.limit = size.limit
        for turn, name in enumerate(size.shapes, start=1):
            self._a.edit(size.corpus.edits(turn, count=size.edits)[0])
            with link_to(self._centre.url) as link:
                shape, edits = SHAPES[name], size.edits
                legs[PUSH_EDITS, name] = measured(link, shape, partial(self._a.sync, link.url, expected=edits))
                self._a.sync()  # if it did not finish
                pull = partial(self._b.sync, link.url, expected=edits, pulling=True)
                legs[PULL_EDITS, name] = measured(link, shape, pull)
                self._b.sync()

    def _first(self) -> None:
        self._new.limit = self._size.limit
        with link_to(self._centre.url) as link:
            push = partial(self._new.sync, link.url, expected=self._size.cases)
            self.results.legs[FIRST, BREAKING] = measured(link, SHAPES[BREAKING], push)


def _last(*ways: Way) -> Way:
    return ways[-1]
