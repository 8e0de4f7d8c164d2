"""Files over HTTP: sealed bytes in pieces, each an exchange of its own that goes on at the byte where it was cut."""

from __future__ import annotations

from collections.abc import Iterator

from app.sync.http import LENGTH, OFFSET, HttpTransport, not_the_centre, number
from app.sync.transport import CHUNK, Moved, WrongOffset
from app.wire import MAX_BLOB, PIECE
from app.wire.pieces import HASH_BYTES, PIECE_HASH, piece_hash


class HttpFiles:
    """The files' part of the way to the centre."""

    def __init__(self, way: HttpTransport) -> None:
        self._way = way

    def blob_offset(self, name: str, record: str) -> tuple[int, int]:
        """(how many bytes of this file the centre holds, of how many)."""
        with self._way.exchange("HEAD", f"/v1/blobs/{name}", params={"record": record}) as reply:
            return number(reply, OFFSET), number(reply, LENGTH)

    def put_piece(self, name: str, record: str, *, piece: bytes, place: tuple[int, int], moved: Moved) -> None:
        """Send the bytes at place[0] of a file that is place[1] long, up to where a piece ends.

        WrongOffset if the centre holds another number of bytes of it.
        """
        start, total = place
        headers = {
            "Content-Range": f"bytes {start}-{start + len(piece) - 1}/{total}", "Content-Length": str(len(piece)),
            PIECE_HASH: piece_hash(piece).hex(),
        }  # fmt: skip

        def chunks() -> Iterator[bytes]:
            for at in range(0, len(piece), CHUNK):
                chunk = piece[at : at + CHUNK]
                yield chunk
                self._way.traffic.up += len(chunk)
                moved(len(chunk))

        path = f"/v1/blobs/{name}"
        with self._way.exchange("PUT", path, body=chunks, headers=headers, params={"record": record}) as reply:
            if number(reply, OFFSET) != start + len(piece):
                raise WrongOffset(number(reply, OFFSET))

    def get_piece(self, name: str, record: str, *, start: int, into: bytearray, moved: Moved) -> tuple[int, bytes]:
        """Add to `into`, the bytes of a piece that are here, those that follow; what came before a break stays there.

        (The length of the whole file, the hash of the piece; b"" if the centre does not tell it.) `start` is where
        the piece begins.
        """
        path, at = f"/v1/blobs/{name}", start + len(into)
        headers = {"Range": f"bytes={at}-"}
        with self._way.exchange("GET", path, headers=headers, params={"record": record}) as reply:
            told = reply.headers.get("content-range", "")
            total = told.rpartition("/")[2]
            if not total.isdigit() or not at < int(total) <= MAX_BLOB:
                raise not_the_centre()
            end = min(start + PIECE, int(total))
            if told != f"bytes {at}-{end - 1}/{total}":
                raise not_the_centre()
            for chunk in reply.iter_raw():
                if len(into) + len(chunk) > end - start:
                    raise not_the_centre()
                into += chunk
                self._way.traffic.down += len(chunk)
                moved(len(chunk))
            if len(into) < end - start:
                raise not_the_centre()
            return int(total), _hash_in(reply.headers.get(PIECE_HASH, ""))


def _hash_in(told: str) -> bytes:
    try:
        found = bytes.fromhex(told)
    except ValueError:
        raise not_the_centre() from None
    if len(found) not in (0, HASH_BYTES):
        raise not_the_centre()
    return found
