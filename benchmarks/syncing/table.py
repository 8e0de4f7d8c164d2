"""The results as rows: one for each work and link, with the target of the design and the peers' bytes as ratios."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.syncing.legs import Leg, Results
from benchmarks.syncing.runs import (
    BREAKING,
    FIRST,
    GOOD,
    IDLE,
    INTAKES,
    PULL,
    PULL_EDITS,
    PUSH,
    PUSH_EDITS,
    Size,
)

Row = tuple[str, str, str, str, str, str]
HEAD: Row = ("what", "PouchDB", "Kinto", "ours", "target", "peers / ours")
PEERS = ("PouchDB", "Kinto", "ours")
BDP = 16_000 * 300 // 1000  # bytes that are on the way while an answer takes a round trip
Found = Mapping[str, Results]


@dataclass(frozen=True, slots=True)
class Target:
    """At most (or at least) `first`; `aim` is what it shall come to."""

    first: float
    aim: float
    unit: str
    scale: float = 1.0
    least: bool = False

    def told(self, measured: float | None) -> str:
        """The target, and whether it is met."""
        sign = ">=" if self.least else "<="
        aim = f", aim {self.aim:g}" if self.aim != self.first else ""
        return f"{sign} {self.first:g}{aim} {self.unit}" + (
            f": {self._verdict(measured / self.scale)}" if measured is not None else ""
        )

    def _verdict(self, measured: float) -> str:
        for name, bound in (("aim met", self.aim), ("met", self.first)):
            if measured >= bound if self.least else measured <= bound:
                return name
        return "MISSED"


_BYTES = {
    (PUSH, GOOD): Target(2.5, 2.0, "MB", 1e6), (PUSH_EDITS, GOOD): Target(14, 10.5, "KB", 1e3),
    (PULL_EDITS, GOOD): Target(14, 14, "KB", 1e3),
}  # fmt: skip
_SECONDS = {PUSH: Target(3.0, 2.0, "s"), PULL: Target(2.5, 1.5, "s")}


def rows(found: Found, size: Size) -> list[Row]:
    """The whole table; only the whole size can meet a target."""
    return [*_good(found, size), *_facts(found, size), *_far(found, size), *_peers(found)]


def _good(found: Found, size: Size) -> Iterator[Row]:
    works = {PUSH: size.cases, PULL: size.cases, PUSH_EDITS: size.edits, PULL_EDITS: size.edits}
    for work, count in works.items():
        yield _row(found, f"{work.split()[0]} {count:,} {'edits' if 'edits' in work else 'cases'}", (work, GOOD), size)
        if work in _SECONDS:
            yield _seconds(found, work, size)
    yield _idle(found)


def _row(found: Found, what: str, key: tuple[str, str], size: Size) -> Row:
    legs = {name: found[name].legs.get(key) for name in PEERS}
    mine = legs["ours"]
    target = _BYTES[key].told(mine.tally.total if mine and size.is_whole else None) if key in _BYTES else ""
    cells = [_cell(found, name, key) for name in PEERS]
    return (what, cells[0], cells[1], cells[2], target, _ratio(legs, lambda leg: leg.tally.total))


def _seconds(found: Found, work: str, size: Size) -> Row:
    legs = {name: found[name].legs.get((work, GOOD)) for name in PEERS}
    cells = [f"{leg.seconds:.2f} s" if leg else "-" for leg in legs.values()]
    mine = legs["ours"]
    target = _SECONDS[work].told(mine.seconds if mine and size.is_whole else None)
    return (f"the same, seconds ({work})", cells[0], cells[1], cells[2], target, _ratio(legs, lambda leg: leg.seconds))


def _idle(found: Found) -> Row:
    legs = {name: found[name].legs.get((IDLE, GOOD)) for name in PEERS}
    cells = [_cell(found, name, (IDLE, GOOD)) for name in PEERS]
    mine = legs["ours"]
    if mine:
        cells[2] = f"{mine.way.bodies} B bodies, {mine.tally.total} B with headers, {mine.tally.requests} req, proved"
    target = Target(200, 200, "B, 1 exchange").told(mine.way.bodies if mine else None)
    none = [f"{cell}, no proof" if leg else cell for cell, leg in zip(cells[:2], list(legs.values())[:2], strict=True)]
    return ("nothing to do", none[0], none[1], cells[2], target, _ratio(legs, lambda leg: leg.tally.total))


def _facts(found: Found, size: Size) -> Iterator[Row]:
    legs = {name: found[name].legs.get((PUSH, GOOD)) for name in PEERS}
    rates = {name: size.cases / leg.cpu for name, leg in legs.items() if leg and leg.cpu}
    cells = [f"{rates[name]:,.0f}" if name in rates else "-" for name in PEERS]
    target = Target(5_000, 5_000, "", least=True).told(rates.get("ours") if size.is_whole else None)
    ratio = ", ".join(f"1/{rates['ours'] / rates[n]:.1f}" for n in PEERS[:2] if n in rates and "ours" in rates)
    yield ("ingest, records/s of one core, database included", cells[0], cells[1], cells[2], target, ratio)
    missed = [found[name].facts.get("missed", "-") for name in PEERS]
    yield (f"rows missed, 8 writers, {size.writing:.0f} s", missed[0], missed[1], missed[2], "0", "")
    if leg := found["ours"].legs.get((INTAKES, GOOD)):
        each = f"{leg.tally.total / size.intakes:,.0f} B each ({found['ours'].facts[INTAKES]} as JSON)"
        yield (f"push {size.intakes:,} whole intakes, 5 records each", "-", "-", each, "for information", "")


def _far(found: Found, size: Size) -> Iterator[Row]:
    for work in (PUSH_EDITS, PULL_EDITS):
        for name in size.shapes:
            what = f"{work.split()[0]} {size.edits} edits, {_link(name)}"
            row = _row(found, what, (work, name), size)
            yield (*row[:4], _per_cut(found, (work, name)), row[5])
    row = _row(found, f"push {size.cases:,} cases, {_link(BREAKING)}", (FIRST, BREAKING), size)
    yield (*row[:4], _per_cut(found, (FIRST, BREAKING)), row[5])


def _link(name: str) -> str:
    return "128 kbit/s, 300 ms" + (f", {name.replace('cut', 'cut every')}" if name != "far" else "")


def _per_cut(found: Found, key: tuple[str, str]) -> str:
    leg = found["ours"].legs.get(key)
    if key[1] == "far" or leg is None:
        return "finishes" + (": met" if leg and leg.way.finished else "")
    again = _resent(found["ours"], key)
    if not leg.way.finished:
        return "finishes: MISSED"
    if again is None or not leg.tally.cuts:
        return "finishes: met"
    return Target((BDP + 1_000) / 1e3, (BDP + 1_000) / 1e3, "KB again a cut", 1e3).told(again / leg.tally.cuts)


def _resent(results: Results, key: tuple[str, str]) -> float | None:
    """Bytes beyond those of the way without a cut; None if one of them is missing or did not finish."""
    whole = results.legs.get((PUSH, GOOD) if key[0] == FIRST else (key[0], "far"))
    leg = results.legs.get(key)
    if leg is None or whole is None or not (leg.way.finished and whole.way.finished):
        return None
    return max(0.0, leg.tally.total - whole.tally.total)


def _cell(found: Found, name: str, key: tuple[str, str]) -> str:
    leg = found[name].legs.get(key)
    if leg is None:
        return found[name].missing or "-"
    bodies = f" ({_bytes(leg.way.bodies)} without headers)" if leg.way.bodies and not leg.tally.cuts else ""
    text = f"{_bytes(leg.tally.total)}{bodies}, {leg.tally.requests:,} req, {leg.seconds:.1f} s"
    if not leg.way.finished:
        return f"NOT FINISHED: {leg.way.share:.0%} ({text}, {leg.tally.cuts} cuts)"
    if leg.tally.cuts:
        again = _resent(found[name], key)
        told = f", {_bytes(again / leg.tally.cuts)} again each" if again is not None else ""
        text += f", {leg.tally.cuts} cuts{told}"
    return text + (f", {leg.way.note}" if "412" in leg.way.note else "")


def _ratio(legs: Mapping[str, Leg | None], value: Callable[[Leg], float]) -> str:
    mine = legs["ours"]
    if mine is None or not mine.way.finished:
        return ""
    peers = [leg for name in PEERS[:2] if (leg := legs[name]) is not None]
    return ", ".join(f"{value(leg) / value(mine):.1f}" if leg.way.finished else "never" for leg in peers)


def _peers(found: Found) -> Iterator[Row]:
    versions = [found[name].versions or "-" for name in PEERS]
    yield ("what it is", versions[0], versions[1], versions[2], "", "")


def _bytes(count: float) -> str:
    return f"{count / 1e6:.2f} MB" if count >= 1e6 else f"{count / 1e3:.1f} KB" if count >= 1e3 else f"{count:.0f} B"


def printed(table: Sequence[Row]) -> str:
    """For a terminal."""
    lines = [HEAD, *table]
    widths = [max(len(row[column]) for row in lines) for column in range(len(HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in lines
    )


def markdown(table: Sequence[Row]) -> str:
    """For a page."""
    lines = [HEAD, ("---",) * len(HEAD), *table]
    return "\n".join("| " + " | ".join(cell or " " for cell in row) + " |" for row in lines) + "\n"
