"""Imports every record, so that `Base.metadata` and `KINDS` are whole."""

from app.models import case_index, local
from app.models.attachment import Attachment
from app.models.base import KINDS, Base
from app.models.case import Case
from app.models.conflict import Conflict
from app.models.consent import Consent
from app.models.erasure import Erased, Erasure
from app.models.keyring import DeviceEntry, KeyGrant, OfficeKey
from app.models.office import Agency, Office, User
from app.models.person import Party, Person
from app.models.referral import Referral, ReferralEvent
from app.models.screening import Screening
from app.models.service import Note, Service

__all__ = [
    "KINDS", "Agency", "Attachment", "Base", "Case", "Conflict", "Consent", "DeviceEntry", "Erased", "Erasure",
    "KeyGrant", "Note", "Office", "OfficeKey", "Party", "Person", "Referral", "ReferralEvent", "Screening", "Service",
    "User", "case_index", "local",
]  # fmt: skip
