"""Files that belong to a case: photographs, scans. Sealed with the case's key; only cleared people open them."""

from __future__ import annotations

import io
import re
import unicodedata
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.orm import Session

from app.errors import Invalid, KnownError, NotFound
from app.i18n import _
from app.lazy import lazy
from app.models.attachment import Attachment
from app.models.case import Case
from app.models.ids import new_id
from app.models.journal import audit
from app.models.keyring import OF_CASE
from app.models.permission import Permission
from app.services.desk import Desk, Saved
from app.services.entries import Entry, entry_of, get, of_case
from app.services.sealing import Keyring, Nobody, Sealing
from app.services.thumbnail import thumbnail_of
from app.services.validate import cleaned
from app.vault import attachments as files
from app.vault.casekeys import CaseKey

if TYPE_CHECKING:
    from PIL import Image
else:
    Image = lazy("PIL.Image")

LIMIT: Final = files.LIMIT
ENDINGS: Final = {"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf"}
_STARTS = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"%PDF-", "application/pdf"))
_PIXELS = 100_000_000  # a picture that grows beyond this when it is opened is none
_PURPOSE = b"naungan/1/attachment\x00"
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


def add(desk: Desk, case_id: str, title: str, source: bytes | Path, *, person_id: str | None = None) -> Saved:
    """Attach a JPEG, PNG or PDF of at most 20 MiB. The bytes are on the disk, sealed, before the record is.

    The original stays where it was: whoever asked for this has to remove it.
    """
    data = _bytes_of(source)
    media_type = kind_of(data)
    held = {"title": tidy(title), "media_type": media_type, "size": len(data), "thumbnail": thumbnail_of(data)}
    words = cleaned(Attachment, held)
    _keyring(desk)
    directory = _directory(desk)
    unit, attachment_id, blob = desk.write(Permission.WRITE_CASE), new_id(), None
    try:
        with unit as session:
            get(session, Case, case_id)
            sealing: Sealing = session.info["sealer"]
            key = sealing.key_for((OF_CASE, case_id))
            blob = files.keep(directory, data, key=_file_key(key, attachment_id))
            session.add(
                Attachment(
                    id=attachment_id, case_id=case_id, person_id=person_id, blob=blob, kid=key.kid.hex(), **words
                )
            )  # fmt: skip
    except BaseException:
        if blob is not None:
            files.forget(directory, [blob])
        raise
    return Saved(attachment_id, unit.changes)


def open_file(desk: Desk, attachment_id: str) -> bytes:
    """The file, in memory only, and a line in the audit. FileMissing, FileAltered; Forbidden for who is not cleared."""
    keyring, directory = _keyring(desk), _directory(desk)
    with desk.read() as session:
        attachment = get(session, Attachment, attachment_id)
        blob, key = attachment.blob or "", _key_of(session, keyring, attachment)
        media_type = attachment.media_type
    data = files.read(directory, blob, key=_file_key(key, attachment_id))
    if not _is_what_it_says(data, media_type):
        raise files.altered()
    with desk.note(Permission.READ) as session:
        audit(session, "open", Attachment.kind, attachment_id)
    return data


def of_case_entries(desk: Desk, case_id: str) -> tuple[Entry, ...]:
    """The attachments of a case, oldest first; a title is HIDDEN for who is not cleared."""
    with desk.read() as session:
        get(session, Case, case_id)
        opens = desk.opener(session)
        return tuple(entry_of(one, opens=opens) for one in of_case(session, Attachment, case_id))


def is_here(desk: Desk, entry: Entry) -> bool:
    """Whether the bytes are on this laptop."""
    return files.is_here(_directory(desk), entry["blob"])


def forget(desk: Desk, blobs: Any) -> None:
    """Remove the sealed bytes of these names, after their records are gone."""
    files.forget(_directory(desk), blobs)


def kind_of(data: bytes) -> str:
    """The media type, by the content alone. Invalid for anything but a JPEG, PNG or PDF that is what it says."""
    found = next((media_type for start, media_type in _STARTS if data.startswith(start)), "")
    if not found or (found.startswith("image/") and not _is_picture(data)):
        said = _("Only photographs and scans can be attached: JPEG, PNG or PDF.")
        raise Invalid(said, [("media_type", said)])
    return found


def tidy(title: str) -> str:
    """A title from what somebody typed or what a file was called: no folders, no signs that change what is read."""
    last = re.split(r"[/\\]", title)[-1]
    shown = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C")
    words = " ".join(shown.split()).strip(". ")[:200]
    return f"({words})" if _RESERVED.fullmatch(words) else words


def file_name(title: Any, media_type: str | None) -> str:
    """How a file is called outside, from its title: safe on every system."""
    words = re.sub(r'[<>:"|?*]', "_", tidy(str(title or ""))) or "file"
    ending = ENDINGS.get(media_type or "", ".bin")
    return words if words.lower().endswith(ending) else words + ending


def _is_what_it_says(data: bytes, media_type: str | None) -> bool:
    """Looked at again before anybody's eyes: another office's program may have attached what ours refuses."""
    try:
        return kind_of(data) == media_type
    except Invalid:
        return False


def _bytes_of(source: bytes | Path) -> bytes:
    if isinstance(source, bytes):
        data = source
    else:
        try:
            with source.open("rb") as reading:
                data = reading.read(LIMIT + 1)
        except FileNotFoundError:
            raise NotFound(_("There is no such file.")) from None
        except OSError:
            raise KnownError(_("The file cannot be read. Check whether its disk is still connected.")) from None
    if len(data) > LIMIT:
        said = _("The file is larger than 20 MiB. Make it smaller: fewer pages, or a photograph of less detail.")
        raise Invalid(said, [("size", said)])
    return data


def _is_picture(data: bytes) -> bool:
    """By its head alone: nothing is unpacked."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
                return int(picture.width) * int(picture.height) <= _PIXELS
        except (OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError):
            return False


def _keyring(desk: Desk) -> Keyring:
    if desk.keyring is None:
        Nobody().refuse()
    return desk.keyring


def _directory(desk: Desk) -> Path:
    if desk.directory is None:
        raise AssertionError("this desk has no folder for files")
    return desk.directory


def _key_of(session: Session, keyring: Keyring, attachment: Attachment) -> CaseKey:
    try:
        kid = bytes.fromhex(attachment.kid or "")
    except ValueError:
        raise files.altered() from None
    key = keyring.key_of(session, (OF_CASE, attachment.case_id or ""), kid)
    if key is None:
        raise NotFound(_("This laptop has no key to the file yet. Synchronise, or ask the office that attached it."))
    return key


def _file_key(key: CaseKey, attachment_id: str) -> bytes:
    return key.derived(_PURPOSE + attachment_id.encode())
