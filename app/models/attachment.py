"""A file that belongs to a case: a photograph, a scan. The record travels; its bytes lie sealed beside the database."""

from typing import ClassVar

from sqlalchemy.orm import Mapped

from app.i18n import N_
from app.models.base import CaseRecord
from app.models.field import Kind, Merge, Tier, field


class Attachment(CaseRecord):
    """`blob` is the SHA-256 (hex) of the sealed bytes: the name under which they are kept and sent.

    `thumbnail` is a small JPEG in base64: it comes with the record, so that a slow link need not carry the photograph.
    Only who may open the case's sealed values can open it, and only to them it travels.
    """

    __tablename__ = "attachment"
    kind: ClassVar[str] = "attachment"

    person_id: Mapped[str | None] = field(N_("Person"), kind=Kind.REF, tier=Tier.OPEN, group="link")
    title: Mapped[str | None] = field(N_("Title"), tier=Tier.SENSITIVE, group="attachment", required=True)
    thumbnail: Mapped[str | None] = field(
        N_("Preview"), kind=Kind.LONG, tier=Tier.SENSITIVE, group="preview", merge=Merge.ONCE
    )
    media_type: Mapped[str | None] = field(
        N_("Kind of file"), tier=Tier.OPEN, group="attachment", required=True, merge=Merge.ONCE
    )
    size: Mapped[int | None] = field(
        N_("Size"), kind=Kind.INT, tier=Tier.OPEN, group="attachment", unit=N_("bytes"), merge=Merge.ONCE
    )
    blob: Mapped[str | None] = field(N_("Sealed file"), tier=Tier.OPEN, group="attachment", merge=Merge.ONCE)
    kid: Mapped[str | None] = field(N_("Key"), tier=Tier.OPEN, group="attachment", merge=Merge.ONCE)
