"""Choices as bytes: a range coder in whole numbers, the same on every machine; and what learns how likely a choice is.

One program writes and reads: `told` is the choice where it is written, and nothing where it is read.
"""

from __future__ import annotations

from typing import Protocol

_WHOLE = 1 << 32
_LEAST = 1 << 24  # a narrower range moves on by a byte
_ONE = 1 << 16  # a certainty
_SURE = 64  # nothing is ever nearer to certain, or to impossible, than this
_RATES = [655_360 // (10 * times + 16) for times in range(40)]  # how much one more time teaches


class Chance:
    """How likely it is that a question of one kind is answered yes."""

    __slots__ = ("times", "yes")

    def __init__(self) -> None:
        self.yes, self.times = _ONE // 2, 0

    def learn(self, answer: bool) -> None:
        """Once more."""
        yes = self.yes + ((((_ONE - 1) * answer - self.yes) * _RATES[self.times]) >> 16)
        self.yes = min(max(yes, _SURE), _ONE - _SURE)
        self.times += self.times < len(_RATES) - 1


class Counts:
    """How often each of `size` things came, with sums of all before one in a few steps (a tree of Fenwick's)."""

    __slots__ = ("_half", "_size", "_tree", "total")

    def __init__(self, size: int, *, each: int = 0) -> None:
        self._size, self._tree, self.total = size, [0] * (size + 1), 0
        self._half = 1 << (size.bit_length() - 1)
        if each:
            for place in range(size):
                self.add(place, each)

    def add(self, place: int, times: int) -> None:
        """It came so many times more."""
        self.total += times
        place += 1
        while place <= self._size:
            self._tree[place] += times
            place += place & -place

    def before(self, place: int) -> int:
        """How often all those before it came."""
        found = 0
        while place:
            found += self._tree[place]
            place &= place - 1
        return found

    def at(self, sum_: int) -> int:
        """The place in whose share this number falls."""
        place, step = 0, self._half
        while step:
            if place + step <= self._size and self._tree[place + step] <= sum_:
                place += step
                sum_ -= self._tree[place]
            step >>= 1
        return place


class Coder(Protocol):
    """Writes what it is told and says it, or reads it and says it."""

    def bit(self, chance: Chance, told: bool) -> bool:
        """An answer, as likely as the chance says; it learns."""

    def of(self, counts: Counts, told: int) -> int:
        """A thing, as likely as it came before."""

    def even(self, total: int, told: int) -> int:
        """A number below `total`, each as likely as the others."""


class Encoder:
    """Collects bytes."""

    def __init__(self) -> None:
        self._low, self._range, self._out = 0, _WHOLE, bytearray()

    def bit(self, chance: Chance, told: bool) -> bool:
        """See Coder."""
        split = (self._range >> 16) * chance.yes
        if told:
            self._range = split
        else:
            self._low += split
            self._range -= split
        chance.learn(told)
        self._move()
        return told

    def of(self, counts: Counts, told: int) -> int:
        """See Coder."""
        start = counts.before(told)
        self._narrow(start, counts.before(told + 1) - start, counts.total)
        return told

    def even(self, total: int, told: int) -> int:
        """See Coder."""
        self._narrow(told, 1, total)
        return told

    def end(self) -> bytes:
        """The shortest bytes that are read as what was written: behind their end there are zeros."""
        for shift in (32, 24, 16, 8, 0):
            value = -(-self._low >> shift) << shift
            if value < self._low + self._range:
                break
        self._low, self._range = value, 1
        for _ in range(4):
            self._move(once=True)
        return bytes(self._out).rstrip(b"\0")

    def _narrow(self, start: int, size: int, total: int) -> None:
        part = self._range // total
        self._low += part * start
        self._range = part * size
        self._move()

    def _move(self, *, once: bool = False) -> None:
        if self._low >= _WHOLE:
            self._low -= _WHOLE
            place = len(self._out) - 1
            while self._out[place] == 0xFF:
                self._out[place] = 0
                place -= 1
            self._out[place] += 1
        while self._range < _LEAST or once:
            self._out.append(self._low >> 24)
            self._low = self._low << 8 & _WHOLE - 1
            self._range <<= 8
            if once:
                return


class Decoder:
    """Takes bytes apart; whatever they are, they are choices of some kind."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at, self._range = data, 4, _WHOLE
        self._value = int.from_bytes(data[:4].ljust(4, b"\0"), "big")

    def bit(self, chance: Chance, told: bool) -> bool:
        """See Coder."""
        split = (self._range >> 16) * chance.yes
        found = self._value < split
        if found:
            self._range = split
        else:
            self._value -= split
            self._range -= split
        chance.learn(found)
        self._move()
        return found

    def of(self, counts: Counts, told: int) -> int:
        """See Coder."""
        found = counts.at(self._share(counts.total))
        start = counts.before(found)
        self._narrow(start, counts.before(found + 1) - start, counts.total)
        return found

    def even(self, total: int, told: int) -> int:
        """See Coder."""
        found = self._share(total)
        self._narrow(found, 1, total)
        return found

    def end(self) -> None:
        """ValueError if there are bytes that nothing was read from."""
        if len(self._data) > self._at:
            raise ValueError("more bytes than choices")

    def _share(self, total: int) -> int:
        if not total:
            raise ValueError("nothing came before")
        return min(self._value // (self._range // total), total - 1)

    def _narrow(self, start: int, size: int, total: int) -> None:
        part = self._range // total
        self._value -= part * start
        self._range = part * size
        self._move()

    def _move(self) -> None:
        while self._range < _LEAST:
            self._value = self._value << 8 | (self._data[self._at] if self._at < len(self._data) else 0)
            self._at += 1
            self._range <<= 8
