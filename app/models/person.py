"""A person, and the part a person has in a case."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import String, event
from sqlalchemy.orm import Mapped, mapped_column

from app.i18n import N_
from app.models.base import CaseRecord, Record
from app.models.field import Kind, Tier, field
from app.models.names import name_key


class Person(Record):
    """Somebody of their own across cases: victim in one, witness in another."""

    __tablename__ = "person"
    kind: ClassVar[str] = "person"

    name: Mapped[str | None] = field(
        N_("Name"),
        tier=Tier.IDENTIFYING,
        group="identity",
        required=True,
        searchable=True,
        help=N_("One word is enough"),
    )
    alias: Mapped[str | None] = field(N_("Alias"), tier=Tier.IDENTIFYING, group="identity", searchable=True)
    patronymic: Mapped[str | None] = field(
        N_("Bin or binti"), tier=Tier.IDENTIFYING, group="identity", help=N_("The father's name")
    )
    sex: Mapped[str | None] = field(N_("Sex"), codelist="sex", group="identity", required=True)
    birth_date: Mapped[str | None] = field(
        N_("Date of birth"),
        kind=Kind.DATE,
        tier=Tier.IDENTIFYING,
        group="identity",
        help=N_("17/8/2009, ?/8/2009 or 2009"),
    )
    age: Mapped[int | None] = field(
        N_("Estimated age"),
        kind=Kind.INT,
        tier=Tier.CASE,
        group="identity",
        unit=N_("years"),
        help=N_("Only if the date of birth is not known"),
    )
    age_on: Mapped[str | None] = field(
        N_("Age estimated on"), kind=Kind.DATE, tier=Tier.OPEN, group="identity",
        help=N_("Empty: on the day it was entered"),
    )  # fmt: skip
    birth_place: Mapped[str | None] = field(N_("Place of birth"), tier=Tier.IDENTIFYING, group="identity")
    nik: Mapped[str | None] = field(
        N_("NIK"), kind=Kind.NIK, tier=Tier.IDENTIFYING, group="identity", searchable=True, unique=True
    )
    family_card: Mapped[str | None] = field(
        N_("Family card (KK)"), kind=Kind.NIK, tier=Tier.IDENTIFYING, group="identity"
    )
    documents: Mapped[tuple[str, ...]] = field(
        N_("Papers they have"), codelist="id_document_type", many=True, tier=Tier.CASE, group="identity"
    )
    passport: Mapped[str | None] = field(
        N_("Passport number"), tier=Tier.IDENTIFYING, group="identity", searchable=True
    )
    nationality: Mapped[str | None] = field(N_("Nationality"), codelist="nationality", group="identity")
    region: Mapped[str | None] = field(N_("District of residence"), kind=Kind.REGION, tier=Tier.CASE, group="contact")
    village: Mapped[str | None] = field(
        N_("Village"), tier=Tier.IDENTIFYING, group="contact", searchable=True, index=True
    )
    address: Mapped[str | None] = field(N_("Address"), tier=Tier.IDENTIFYING, group="contact")
    phone: Mapped[str | None] = field(
        N_("Telephone"), kind=Kind.PHONE, tier=Tier.IDENTIFYING, group="contact", searchable=True, index=True
    )
    other_phone: Mapped[str | None] = field(
        N_("Other telephone"), kind=Kind.PHONE, tier=Tier.IDENTIFYING, group="contact", searchable=True, index=True
    )
    account: Mapped[str | None] = field(
        N_("Account on the internet"), tier=Tier.IDENTIFYING, group="contact", searchable=True, index=True,
        help=N_("Name in WhatsApp, Facebook, TikTok and the like"),
    )  # fmt: skip
    bank_account: Mapped[str | None] = field(
        N_("Bank account or e-wallet"), tier=Tier.IDENTIFYING, group="contact", searchable=True, index=True
    )
    contact_safety: Mapped[str | None] = field(N_("Safe to contact"), codelist="contact_safety", group="contact")
    contact_note: Mapped[str | None] = field(
        N_("How to contact safely"),
        tier=Tier.IDENTIFYING,
        group="contact",
        relevant_when=("contact_safety", ("MESSAGE_ONLY", "TIMES_ONLY")),
    )
    language: Mapped[str | None] = field(
        N_("Language"), tier=Tier.CASE, group="background", help=N_("If an interpreter is needed")
    )
    education: Mapped[str | None] = field(
        N_("Education"), codelist="education_level", tier=Tier.CASE, group="background"
    )
    occupation: Mapped[str | None] = field(N_("Occupation"), codelist="occupation", tier=Tier.CASE, group="background")
    marital_status: Mapped[str | None] = field(
        N_("Marital status"), codelist="marital_status", tier=Tier.CASE, group="background"
    )
    religion: Mapped[str | None] = field(N_("Religion"), codelist="religion", tier=Tier.IDENTIFYING, group="background")
    disability: Mapped[tuple[str, ...]] = field(
        N_("Disability"), codelist="disability_type", many=True, tier=Tier.SENSITIVE, group="health"
    )
    health: Mapped[str | None] = field(N_("Health"), kind=Kind.LONG, tier=Tier.SENSITIVE, group="health")

    name_key: Mapped[str | None] = mapped_column(String(80), index=True)  # derived: how the name sounds

    def __init__(self, *, entered_for: str | None = None, **values: Any) -> None:
        """`entered_for`: the case a new person comes with. It says whose the entry is, and is not stored."""
        super().__init__(**values)
        self.entered_for = entered_for

    @classmethod
    def derived(cls, content: Mapping[str, Any]) -> dict[str, Any]:
        """How the name sounds."""
        return {"name_key": name_key(content.get("name") or "")[:80] or None}


class Party(CaseRecord):
    """Person x case x role."""

    __tablename__ = "party"
    kind: ClassVar[str] = "party"

    person_id: Mapped[str | None] = field(N_("Person"), kind=Kind.REF, tier=Tier.OPEN, group="link", index=True)
    role: Mapped[str | None] = field(N_("Role"), codelist="party_role", group="role", required=True)
    relation: Mapped[str | None] = field(
        N_("Relation to the victim"), codelist="recruiter_relationship", tier=Tier.CASE, group="role"
    )
    network_role: Mapped[str | None] = field(
        N_("Role in the network"),
        codelist="perpetrator_role",
        tier=Tier.CASE,
        group="role",
        relevant_when=("role", ("SUSPECT",)),
    )
    trafficking_status: Mapped[str | None] = field(
        N_("Status as a victim"), codelist="trafficking_status", group="role", relevant_when=("role", ("VICTIM",))
    )
    vulnerability: Mapped[tuple[str, ...]] = field(
        N_("Vulnerabilities"), codelist="vulnerability_factor", many=True, tier=Tier.SENSITIVE, group="role",
        relevant_when=("role", ("VICTIM",)),
    )  # fmt: skip
    forced_offence: Mapped[str | None] = field(
        N_("Forced to an offence (art. 18)"), codelist="non_punishment", tier=Tier.CASE, group="role",
        relevant_when=("role", ("VICTIM", "SUSPECT")),
    )  # fmt: skip


def estimated_on(values: Mapping[str, Any]) -> str | None:
    """The day an estimated age is of: as it was said, else the day of the entry; None where neither is known."""
    made = values.get("made_at")
    return values.get("age_on") or (made.date().isoformat() if isinstance(made, datetime) else None)


@event.listens_for(Person, "before_insert")
@event.listens_for(Person, "before_update")
def _derive_name_key(_mapper: object, _connection: object, person: Person) -> None:  # signature: SQLAlchemy event
    person.name_key = Person.derived({"name": person.name})["name_key"]
