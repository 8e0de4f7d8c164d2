"""Who may open what is sealed, as records that travel: the laptops of an office, its public key, and the keys given."""

from datetime import datetime
from typing import ClassVar

from sqlalchemy.orm import Mapped

from app.i18n import N_
from app.models.base import CaseRecord, Record
from app.models.field import Kind, Merge, Tier, field

OF_CASE, OF_PERSON, OF_OFFICE = "case", "person", "office"  # whose key a grant hands over


class DeviceEntry(Record):
    """A laptop of this office, written by the centre when it enrols; only its own office sees it.

    `certificate` is the centre's signed word on its keys (base64 of a Signed Certificate).
    """

    __tablename__ = "device"
    kind: ClassVar[str] = "device"

    tag: Mapped[str | None] = field(N_("Laptop"), tier=Tier.OPEN, group="device", merge=Merge.ONCE)
    certificate: Mapped[str | None] = field(N_("Certificate"), tier=Tier.OPEN, group="device", merge=Merge.ONCE)
    revoked: Mapped[datetime | None] = field(N_("Revoked"), kind=Kind.DATETIME, tier=Tier.OPEN, group="device")


class OfficeKey(Record):
    """An office's public X25519 key, for everybody who seals something to it. Signed by one of its laptops.

    The one that stands is the first the centre took that no later one replaces.
    """

    __tablename__ = "office_key"
    kind: ClassVar[str] = "office_key"

    office: Mapped[str | None] = field(
        N_("Office"), kind=Kind.REF, tier=Tier.OPEN, group="key", merge=Merge.ONCE, index=True
    )
    public: Mapped[str | None] = field(N_("Public key"), tier=Tier.OPEN, group="key", merge=Merge.ONCE)
    replaces: Mapped[str | None] = field(N_("Replaces"), kind=Kind.REF, tier=Tier.OPEN, group="key", merge=Merge.ONCE)
    device: Mapped[str | None] = field(N_("Laptop"), tier=Tier.OPEN, group="key", merge=Merge.ONCE)
    signature: Mapped[str | None] = field(N_("Signature"), tier=Tier.OPEN, group="key", merge=Merge.ONCE)
    certificate: Mapped[str | None] = field(N_("Certificate"), tier=Tier.OPEN, group="key", merge=Merge.ONCE)


class KeyGrant(CaseRecord):
    """The key of a case or a person, sealed to one office's key; or an office's own key, sealed to one of its laptops.

    `kid` names the key, `to_key` the public key (hex) that opens `box` (base64). `certificate` comes along where the
    recipient does not know the laptop that signed.
    """

    __tablename__ = "key_grant"
    kind: ClassVar[str] = "key_grant"

    subject_kind: Mapped[str | None] = field(N_("Kind of record"), tier=Tier.OPEN, group="grant", merge=Merge.ONCE)
    subject: Mapped[str | None] = field(
        N_("Record"), kind=Kind.REF, tier=Tier.OPEN, group="grant", merge=Merge.ONCE, index=True
    )
    kid: Mapped[str | None] = field(N_("Key"), tier=Tier.OPEN, group="grant", merge=Merge.ONCE)
    to_office: Mapped[str | None] = field(
        N_("To office"), kind=Kind.REF, tier=Tier.OPEN, group="grant", merge=Merge.ONCE
    )
    to_key: Mapped[str | None] = field(N_("Public key"), tier=Tier.OPEN, group="grant", merge=Merge.ONCE)
    box: Mapped[str | None] = field(N_("Sealed key"), tier=Tier.OPEN, group="grant", merge=Merge.ONCE)
    device: Mapped[str | None] = field(N_("Laptop"), tier=Tier.OPEN, group="grant", merge=Merge.ONCE)
    signature: Mapped[str | None] = field(N_("Signature"), tier=Tier.OPEN, group="grant", merge=Merge.ONCE)
    certificate: Mapped[str | None] = field(N_("Certificate"), tier=Tier.OPEN, group="grant", merge=Merge.ONCE)
