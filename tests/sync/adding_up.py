"""Does it add up? What a real centre did is replayed by the second one of tests/sync/reference.py, and compared.

The centre's own database keeps a log of what it did in which order: a trigger notes every batch at the moment its
result is saved, in its own transaction, and every referral that was noted as delivered. A centre that is put back to a
backup has the log of that backup: it is always the history of what stands there now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from app.wire import REFERENCE
from app.wire.batch import Named, unseal
from app.wire.messages import BatchResult, Change, decode
from tests.centre import CentreUnderTest
from tests.sync.reference import Reference
from tests.sync.reference_books import Books, Content, Known, Lines

BY_THE_CENTRE = ("office", "device")  # kinds that no operation makes
LOG = """
CREATE TABLE happened (
    id bigserial PRIMARY KEY, tx bigint NOT NULL DEFAULT txid_current(), epoch text, scope uuid, device uuid, n bigint,
    digest bytea, data bytea, referral uuid, owner uuid);
CREATE FUNCTION note_batch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$ BEGIN
    IF NEW.result IS NOT NULL AND (TG_OP = 'INSERT' OR OLD.result IS NULL) THEN
        INSERT INTO happened (epoch, scope, device, n, digest, data)
        SELECT epoch, NEW.scope, NEW.device, NEW.n, NEW.digest, NEW.data FROM centre;
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION note_delivery() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$ BEGIN
    INSERT INTO happened (scope, referral, owner) VALUES (OLD.scope, OLD.referral, OLD.owner);
    RETURN NULL;
END $$;
CREATE TRIGGER note_batch AFTER INSERT OR UPDATE ON batch FOR EACH ROW EXECUTE FUNCTION note_batch();
CREATE TRIGGER note_delivery AFTER DELETE ON delivery FOR EACH ROW EXECUTE FUNCTION note_delivery();
"""
_HAPPENED = "SELECT tx, epoch, scope, device, n, data, referral, owner FROM happened ORDER BY id"
_LINES = """
SELECT f.scope, f.seq, f.kind, f.record, f.content FROM feed f JOIN placement p USING (scope, record)
WHERE p.owner = f.scope AND f.row = 'F' ORDER BY f.seq
"""
_PLACED = """
SELECT p.kind, p.record, p.rev, f.content FROM placement p JOIN feed f USING (scope, seq)
WHERE p.scope = %s AND p.row = 'F'
"""


class Happened(NamedTuple):
    """One entry of the log: a batch was applied, or a referral taken from the list of those on their way."""

    tx: int
    epoch: str | None
    scope: str
    device: str | None
    n: int | None
    data: bytes | None
    referral: str | None
    owner: str | None


def keep_log(centre: CentreUnderTest) -> None:
    """From now on the centre's database notes what it does."""
    centre.sql(LOG)


def log_of(centre: CentreUnderTest) -> list[Happened]:
    """What the centre did, in the order in which it came to stand there."""
    found = [Happened(*(_plain(value) for value in row)) for row in centre.sql(_HAPPENED)]
    batches = {entry.tx for entry in found if entry.device}
    # what an erasure takes from the list in the transaction of its batch was not delivered
    return [entry for entry in found if entry.device or entry.tx not in batches]


def replay(centre: CentreUnderTest, *, offices: Sequence[str], today: str) -> Reference:
    """The second centre, after everything the first one did."""
    log = log_of(centre)
    lines = [tuple(_plain(value) for value in row) for row in centre.sql(_LINES)]
    told = [(scope, seq, kind, record, decode(content, dict)) for scope, seq, kind, record, content in lines]
    made = [line for line in told if line[2] not in BY_THE_CENTRE]
    books = Books(Lines(made, by_offices=_made_by_offices(log, told)), offices, today)
    for scope, _seq, kind, record, content in made:
        if kind == "agency" and content.get("made_by") == "centre":  # the line of an office that was set up
            books.write(scope, Known(kind, record, content), keys=tuple(content), device="", change=None)
    shared = {(_plain(s), e): h for e, s, h in centre.sql("SELECT epoch, scope, head FROM epoch_end")}
    reference = Reference(books)
    for entry in log:
        if entry.device is None:
            reference.delivered(str(entry.referral), owner=str(entry.owner))
            continue
        assert entry.data and entry.n
        reference.seen_up_to = _seen_up_to(str(entry.epoch), shared)
        opened = unseal(entry.data, verify=lambda _m, _s: True, resolve=_resolve(reference, entry.scope))
        reference.batch(entry.device, entry.n, office=entry.scope, epoch=opened.header.epoch, changes=opened.changes)
    return reference


def compare(centre: CentreUnderTest, reference: Reference) -> None:
    """The centre told what it had to tell, holds what it has to hold, and wrote nothing else."""
    told = centre.sql("SELECT device, n, result FROM batch WHERE result IS NOT NULL")
    assert {(_plain(device), n) for device, n, _result in told} == reference.told.keys()
    for device, n, data in told:
        result = decode(bytes(data), BatchResult)
        got = [(outcome.status.value, outcome.code, outcome.field) for outcome in result.outcomes]
        due = [(one.status, one.code, one.field) for one in reference.told[_plain(device), n]]
        assert got == due, f"batch {n} of {_plain(device)}: {got}, and had to be {due}"
    too_many = reference.books.lines.too_many()
    assert not too_many, f"written, and nothing says why: {too_many}"
    for scope in (*reference.books.offices, REFERENCE):
        assert at_centre(centre, scope) == reference.books.contents(scope), f"something else stands in {scope}"


def at_centre(centre: CentreUnderTest, scope: str) -> dict[tuple[str, str], Content]:
    """What stands in a scope of the centre: (kind, id) -> content."""
    placed = [tuple(_plain(value) for value in row) for row in centre.sql(_PLACED, scope)]
    return {(k, record): decode(data, dict) for k, record, _rev, data in placed if k not in BY_THE_CENTRE}


def dense(centre: CentreUnderTest) -> None:
    """Every number of every scope was given once: to a line, or to what became of held work."""
    for scope, head in centre.sql("SELECT scope, head FROM scope"):
        given = [n for (n,) in centre.sql("SELECT seq FROM feed WHERE scope = %s", scope)]
        given += [n for (n,) in centre.sql("SELECT seq FROM verdict WHERE scope = %s", scope)]
        assert sorted(given) == list(range(1, head + 1))


def _seen_up_to(now: str, shared: Mapping[tuple[str, str], int]) -> Callable[[str, str], int]:
    """What a restore took back nobody has seen: of an older epoch only what both histories share."""
    return lambda scope, epoch: 2**62 if epoch == now else shared.get((scope, epoch), 0)


def _made_by_offices(log: Sequence[Happened], lines: Sequence[tuple[str, int, str, str, Content]]) -> set[str]:
    """Every record that an operation wanted to make."""
    at = {(scope, seq): Named(bytes.fromhex(record), kind, None) for scope, seq, kind, record, _content in lines}

    def opened(entry: Happened) -> list[Change]:
        def resolve(numbers: Sequence[int]) -> Mapping[int, Named]:
            return {number: at[entry.scope, number] for number in numbers}

        return unseal(entry.data or b"", verify=lambda _m, _s: True, resolve=resolve).changes

    return {change.record.hex() for entry in log if entry.device for change in opened(entry) if change.new}


def _resolve(reference: Reference, scope: str) -> Any:
    def named(numbers: Sequence[int]) -> Mapping[int, Named]:
        found = {}
        for number in numbers:
            kind, record = reference.books.lines.at[scope, number]
            known = reference.books.scopes[scope].own.get(record)  # none: it is erased, and its case with it
            case = known.case if known else None
            found[number] = Named(bytes.fromhex(record), kind, bytes.fromhex(case) if case else None)
        return found

    return named


def _plain(value: Any) -> Any:
    """Ids as the program writes them, bytes as bytes."""
    if isinstance(value, memoryview):
        return bytes(value)
    return value.hex if hasattr(value, "int") and hasattr(value, "hex") and not isinstance(value, bytes) else value
