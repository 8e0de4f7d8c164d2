"""Files over HTTP: sealed bytes in pieces, each an exchange of its own."""

from __future__ import annotations

from app.sync.http import LENGTH, OFFSET, HttpTransport, not_the_centre, number, once
from app.sync.transport import WrongOffset


class HttpFiles:
    """The files' part of the way to the centre."""

    def __init__(self, way: HttpTransport) -> None:
        self._way = way

    def blob_offset(self, name: str, record: str) -> tuple[int, int]:
        """(how many bytes of this file the centre holds, of how many)."""
        with self._way.exchange("HEAD", f"/v1/blobs/{name}", params={"record": record}) as reply:
            return number(reply, OFFSET), number(reply, LENGTH)

    def put_piece(self, name: str, record: str, *, piece: bytes, start: int, total: int) -> None:
        """Send one piece of a file. WrongOffset if the centre holds another number of bytes of it."""
        headers = {"Content-Range": f"bytes {start}-{start + len(piece) - 1}/{total}"}
        path = f"/v1/blobs/{name}"
        with self._way.exchange("PUT", path, body=once(piece), headers=headers, params={"record": record}) as reply:
            if number(reply, OFFSET) != start + len(piece):
                raise WrongOffset(number(reply, OFFSET))

    def get_piece(self, name: str, record: str, *, start: int) -> tuple[bytes, int]:
        """(the piece of a file from there on, the length of the whole)."""
        path, headers = f"/v1/blobs/{name}", {"Range": f"bytes={start}-"}
        with self._way.exchange("GET", path, headers=headers, params={"record": record}) as reply:
            told = reply.headers.get("content-range", "")
            data, total = self._way.read(reply), told.rpartition("/")[2]
            if told != f"bytes {start}-{start + len(data) - 1}/{total}" or not total.isdigit():
                raise not_the_centre()
            return data, int(total)
