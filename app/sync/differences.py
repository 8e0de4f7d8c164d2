"""Where this laptop and the centre differ, record by record, and the repair of nothing but that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from app.errors import CentreRefused
from app.models.ids import chunks
from app.models.local import Feed
from app.sync.apply import PushFirst, take_rows
from app.sync.course import Course, persist
from app.sync.erasing import Returned
from app.sync.http import not_the_centre
from app.sync.link import codec_for, is_slow
from app.sync.pull import remove
from app.sync.tables import served
from app.sync.touched import refresh_touched
from app.sync.transport import Wish
from app.wire import REFERENCE
from app.wire.digest import item_digest
from app.wire.messages import FeedRow, Node, RangeRequest, RowsRequest, WireError
from app.wire.ranges import DEPTH, MAX_NODES, Tree, differing, named
from app.wire.segment import unseal_segment

_AT_ONCE = 16  # records in one answer: it has to come over in one piece
_MANY = 500  # records: from here on everything is read anew, which can be cut and goes on


@dataclass(slots=True)
class Differences:
    """Ids of the records of one scope that are not the same on both sides."""

    only_here: set[str] = field(default_factory=set)
    only_there: set[str] = field(default_factory=set)
    different: set[str] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.only_here) + len(self.only_there) + len(self.different)


def compare(course: Course, scope: str) -> Differences | None:
    """Every record of the scope that differs; None if there are too many to name. CentreRefused 'behind'."""
    with course.setup.read() as session:
        feed = session.get(Feed, scope)
        seq = feed.seq if feed is not None else 0
        epoch = feed.epoch if feed is not None else course.member.epoch
        tree = Tree(
            (bytes.fromhex(one.record), item_digest(one.kind, bytes.fromhex(one.record), one.rev, one.content))
            for one in served(session, scope)
        )
    found, nodes = Differences(), [tree.node(0, 0)]
    while nodes:
        if len(nodes) > MAX_NODES or len(found) > _MANY:
            return None
        request = RangeRequest(_flag(scope), epoch, seq, nodes)
        parts = persist(partial(course.transport.ranges, request)).nodes
        nodes = [node for part in parts for node in _finer(part, tree, found=found)]
    return found


def mend(course: Course, scope: str) -> bool:
    """Take from the centre what differs, and nothing else; False if that is not possible: read everything anew."""
    try:
        found = compare(course, scope)
        if found is None:
            return False
        for ids in chunks(sorted(found.only_there | found.different)):
            for rows in fetch(course, scope, ids):
                with course.setup.write() as session:
                    page = take_rows(session, rows, scope=scope, now=course.setup.now())
                    course.report.changes |= refresh_touched(session)
                course.report.pulled[scope] = course.report.pulled.get(scope, 0) + len(rows)
                course.report.unreadable += page.unreadable
                course.report.files_gone |= page.files_gone
        with course.setup.write() as session:
            remove(course, session, scope, gone=found.only_here)
    except (PushFirst, Returned):
        return False
    except CentreRefused as refused:
        if refused.code not in ("behind", "not_found"):
            raise
        return False
    return True


def fetch(course: Course, scope: str, ids: Sequence[str]) -> Iterator[list[FeedRow]]:
    """These records as the centre has them now, some at a time; what it has not is left out."""
    with course.setup.read() as session:
        wish = Wish(False, codec_for(session), is_slow(session))
    left = [bytes.fromhex(record) for record in ids]
    while left:
        request = RowsRequest(_flag(scope), left[:_AT_ONCE])
        data = persist(partial(course.transport.rows, request, wish=wish))
        try:
            segment = unseal_segment(data)
        except WireError:
            raise not_the_centre() from None
        done = segment.header.last
        if segment.header.scope.hex() != scope or not 0 < done <= len(request.ids):
            raise not_the_centre()
        yield segment.rows
        left = left[done:]


def _finer(part: Node, tree: Tree, *, found: Differences) -> Iterator[Node]:
    """What to ask next about a part that differs: nothing, once its records are named."""
    if not 0 < part.depth < DEPTH:
        raise not_the_centre()
    if part.sums:
        for prefix in differing(part.sums, tree.sums(part.depth, part.prefix), node=part):
            yield tree.node(part.depth + 1, prefix)
        return
    theirs, ours = named(part), tree.items(part.depth, part.prefix)
    found.only_there |= {record.hex() for record in theirs.keys() - ours.keys()}
    found.only_here |= {record.hex() for record in ours.keys() - theirs.keys()}
    found.different |= {r.hex() for r in theirs.keys() & ours.keys() if theirs[r] != ours[r]}


def _flag(scope: str) -> int:
    return int(scope == REFERENCE)
