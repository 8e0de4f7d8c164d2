"""The codecs: how operations and feed rows become the body of a batch or a segment. One name, one meaning, for ever."""

from __future__ import annotations

from collections.abc import Sequence

ROW = "row"  # whole rows in msgpack: what everybody ever read
CODECS = (ROW,)  # what this program reads and writes, best first


def best(theirs: Sequence[str]) -> str:
    """The best codec that both sides know; "row" at the worst."""
    return next((codec for codec in CODECS if codec in theirs), ROW)
