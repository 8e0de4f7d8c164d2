"""Offices, their users, and the directory of agencies that help."""

from typing import ClassVar

from sqlalchemy.orm import Mapped

from app.i18n import N_
from app.models.base import Record
from app.models.field import Kind, Merge, Tier, field


class Office(Record):
    """An office that works in Naungan and owns a scope; everybody may read its entry."""

    __tablename__ = "office"
    kind: ClassVar[str] = "office"

    code: Mapped[str | None] = field(N_("Office code"), tier=Tier.OPEN, group="office", merge=Merge.ONCE)
    name: Mapped[str | None] = field(N_("Office name"), tier=Tier.OPEN, group="office", required=True)
    agency_type: Mapped[str | None] = field(N_("Kind of agency"), codelist="agency_type", group="office", required=True)
    region: Mapped[str | None] = field(N_("District"), kind=Kind.REGION, tier=Tier.OPEN, group="office", required=True)
    address: Mapped[str | None] = field(N_("Address"), tier=Tier.OPEN, group="office")
    phone: Mapped[str | None] = field(N_("Telephone"), kind=Kind.PHONE, tier=Tier.OPEN, group="office")


class User(Record):
    """A worker of an office."""

    __tablename__ = "user_account"
    kind: ClassVar[str] = "user"

    login: Mapped[str | None] = field(N_("Sign-in name"), tier=Tier.OPEN, group="user", required=True)
    name: Mapped[str | None] = field(N_("Name"), tier=Tier.CASE, group="user", required=True)
    role: Mapped[str | None] = field(N_("Role"), codelist="role", group="user", required=True)
    active: Mapped[bool | None] = field(N_("Active"), kind=Kind.BOOL, tier=Tier.OPEN, group="user")


class Agency(Record):
    """An entry of the service directory: who helps with what, with or without Naungan."""

    __tablename__ = "agency"
    kind: ClassVar[str] = "agency"

    name: Mapped[str | None] = field(N_("Agency"), tier=Tier.OPEN, group="agency", required=True, searchable=True)
    agency_type: Mapped[str | None] = field(N_("Kind of agency"), codelist="agency_type", group="agency", required=True)
    region: Mapped[str | None] = field(N_("District"), kind=Kind.REGION, tier=Tier.OPEN, group="agency")
    services: Mapped[tuple[str, ...]] = field(
        N_("Services offered"), codelist="service_type", many=True, group="agency"
    )
    phone: Mapped[str | None] = field(N_("Telephone"), kind=Kind.PHONE, tier=Tier.OPEN, group="agency")
    address: Mapped[str | None] = field(N_("Address"), tier=Tier.OPEN, group="agency")
    contact: Mapped[str | None] = field(N_("Contact person"), tier=Tier.OPEN, group="agency")
    hours: Mapped[str | None] = field(N_("Hours"), tier=Tier.OPEN, group="agency")
    cost: Mapped[str | None] = field(N_("Cost"), tier=Tier.OPEN, group="agency")
    criteria: Mapped[str | None] = field(N_("Criteria"), tier=Tier.OPEN, group="agency")
    capacity: Mapped[int | None] = field(N_("Places"), kind=Kind.INT, tier=Tier.OPEN, group="agency")
    checked_on: Mapped[str | None] = field(N_("Last checked"), kind=Kind.DATE, tier=Tier.OPEN, group="agency")
    closed: Mapped[bool | None] = field(N_("No longer helps"), kind=Kind.BOOL, tier=Tier.OPEN, group="agency")
    office_id: Mapped[str | None] = field(N_("Office in Naungan"), kind=Kind.REF, tier=Tier.OPEN, group="agency")
    note: Mapped[str | None] = field(N_("Note"), tier=Tier.OPEN, group="agency")
