"""The corpus that every peer gets: invented case reports of about 1.9 KB as JSON, and edits of them.

Deterministic; nothing in it is anybody's. `floor` is what its choices weigh, random identities included: no encoding
can carry the corpus in less. The words have the frequencies of a language, not its sense.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any

from app.models.codelist import codelist
from app.models.regions import regions
from app.paths import resource
from benchmarks.syncing.chance import Chance
from benchmarks.syncing.phrases import FAMILY, GIVEN, SENTENCES, SHORT

BEGINS = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
EDITS = 500
OFFICE = "0199a0c4d1e27c3f8a5b6c7d8e9fa0b1"  # stands for the office in what the peers get
_CODES = {
    "channel": "report_channel", "reporter_type": "reporter_type", "risk": "risk_level",
    "recruitment_mode": "recruitment_mode", "recruitment_place": "recruitment_place", "platform": "digital_platform",
    "destination_country": "nationality", "transport": "transport_mode",
}  # fmt: skip
_SETS = {"exploitation": "exploitation_type", "control": "control_method"}
_EDITED_CODES = ("risk", "channel", "transport", "platform", "recruitment_place", "recruitment_mode")
_EDITED_TEXTS = ("transit", "destination")
_SENTENCES = 8

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Report:
    """One case as it is entered: who, when, and its fields by the names of the program."""

    id: str
    at: datetime
    by: str
    number: str
    values: Document

    def document(self) -> Document:
        """The whole as a peer keeps it: one JSON document."""
        entry = {"id": self.id, "number": self.number, "made_at": _text(self.at), "made_by": self.by}
        return {**entry, "made_office": OFFICE, **{key: _plain(value) for key, value in self.values.items()}}


@dataclass(frozen=True, slots=True)
class Edit:
    """One save: a field of a case gets a value."""

    case: str
    at: datetime
    by: str
    field: str
    value: str

    def applied(self, document: Document) -> Document:
        """The document afterwards; a peer keeps who changed it and when inside."""
        return {**document, self.field: self.value, "changed_at": _text(self.at), "changed_by": self.by}


@dataclass(frozen=True, slots=True)
class Corpus:
    """Reports in the order they were entered, and what they weigh at least."""

    reports: list[Report]
    floor: int  # bytes
    workers: list[str]

    def json_bytes(self) -> int:
        """What the documents weigh as JSON without spaces."""
        return sum(len(compact(report.document())) for report in self.reports)

    def edits(self, turn: int, *, count: int = EDITS) -> tuple[list[Edit], int]:
        """(`count` edits of as many cases, their floor in bytes). Another turn edits other cases."""
        order = list(range(len(self.reports)))
        Random("order").shuffle(order)
        start = turn * count % len(order)
        chosen = [order[(start + n) % len(order)] for n in range(count)]
        chance, at, made = Chance(f"edits {turn}"), BEGINS + timedelta(days=60 + turn), []
        for place in chosen:
            report = self.reports[place]
            at += timedelta(milliseconds=chance.number(20_000, 600_000))
            chance.weigh(len(order))  # which case
            made.append(_edit(chance, report, at=at, by=chance.common(self.workers)))
        return made, int(chance.bits / 8) + 1


@lru_cache(maxsize=4)
def corpus(count: int, seed: str = "corpus") -> Corpus:
    """The first so many reports; another seed gives others of the same kind."""
    chance = Chance(seed)
    workers = [_name(chance) for _ in range(12)]
    reports = list(_reports(chance, count, workers=workers))
    return Corpus(reports, int(chance.bits / 8) + 1, workers)


def compact(document: Document) -> bytes:
    """JSON as programs send it."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _reports(chance: Chance, count: int, *, workers: list[str]) -> Iterator[Report]:
    at = BEGINS
    for serial in range(1, count + 1):
        at += timedelta(milliseconds=chance.number(1_000, 400_000))
        stamp = int(at.timestamp() * 1000)
        number = stamp << 80 | 0x7 << 76 | chance.raw(12) << 64 | 0b10 << 62 | chance.raw(62)
        by = chance.common(workers)
        yield Report(f"{number:032x}", at, by, f"3273-26-A01-{serial:04}", _values(chance, at=at, by=by))


def _values(chance: Chance, *, at: datetime, by: str) -> Document:
    found: Document = {
        "reported_at": (at - timedelta(minutes=chance.number(0, 4_320))).replace(second=0, microsecond=0)
    }
    found |= {field: chance.common(_codes(name)) for field, name in _CODES.items()}
    found |= {field: chance.some(_codes(name)[:12], most=3) for field, name in _SETS.items()}
    found["origin"] = chance.common(_districts())
    found["transit"], found["destination"] = _filled(chance, SHORT), _filled(chance, SHORT)
    found["lead_worker"] = by
    found["summary"] = " ".join(_sentence(chance) for _ in range(_SENTENCES))
    return found


def _edit(chance: Chance, report: Report, *, at: datetime, by: str) -> Edit:
    what = chance.number(1, 10)
    if what <= 3:
        field = chance.even(_EDITED_CODES)
        others = [code for code in _codes(_CODES[field]) if code != report.values[field]]
        value = chance.common(others)
    elif what <= 5:
        field, value = chance.even(_EDITED_TEXTS), _filled(chance, SHORT)
    else:
        field, value = "close_note", _sentence(chance)
    return Edit(report.id, at, by, field, value)


def _sentence(chance: Chance) -> str:
    """A set phrase, and some words that follow no pattern."""
    free = " ".join(chance.common(_words()) for _ in range(chance.number(2, 11)))
    return f"{_filled(chance, SENTENCES)[:-1]}, {free}."


def _filled(chance: Chance, patterns: tuple[str, ...]) -> str:
    """One of the patterns with its gaps filled."""
    pattern, words = chance.even(patterns), []
    for piece in pattern.split(" "):
        word = piece.rstrip(".,;:")
        words.append(_gap(chance, word) + piece[len(word) :] if len(word) == 1 else piece)
    return " ".join(words)


def _gap(chance: Chance, kind: str) -> str:
    match kind:
        case "W":
            return chance.common(_words())
        case "N":
            return _name(chance)
        case "P":
            return chance.common(_places())
        case "D":
            return f"{chance.number(1, 28)} {chance.even(_MONTHS)} 2026"
        case "M":
            return f"Rp{chance.number(1, 99)}{chance.even(('00', '50'))}.000"
        case "H":
            return f"{chance.number(6, 21):02}.{chance.even(('00', '15', '30', '45'))}"
        case "T":
            return str(chance.number(2, 40))
    return kind


_MONTHS = ("Juni", "Juli", "Agustus", "September")


def _name(chance: Chance) -> str:
    given = chance.common(GIVEN)
    return f"{given} {chance.common(FAMILY)}" if chance.happens(0.75) else given


@lru_cache
def _words() -> tuple[str, ...]:
    return _shuffled(resource("wordlist.txt").read_text(encoding="ascii").split())


@lru_cache
def _places() -> tuple[str, ...]:
    return _shuffled({region.name.title() for region in regions().values() if len(region.code) == 6})


@lru_cache
def _districts() -> tuple[str, ...]:
    return _shuffled(code for code in regions() if len(code) == 4)


@lru_cache
def _codes(name: str) -> tuple[str, ...]:
    return tuple(code.code for code in codelist(name).choices())


def _shuffled(found: Any) -> tuple[str, ...]:
    """In an order that has nothing to do with the alphabet, the same on every machine."""
    ordered = sorted(set(found))
    Random("frequency").shuffle(ordered)
    return tuple(ordered)


def _plain(value: Any) -> Any:
    return _text(value) if isinstance(value, datetime) else value


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
