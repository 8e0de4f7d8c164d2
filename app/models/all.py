"""Imports every record, so that `Base.metadata` and `KINDS` are whole."""

from app.models import case_index, local, person_index
from app.models.assessment import Assessment, Goal, SafetyPlan
from app.models.attachment import Attachment
from app.models.base import KINDS, Base
from app.models.case import Case
from app.models.code_entry import CodeEntry
from app.models.conflict import Conflict
from app.models.consent import Consent
from app.models.empowerment import Empowerment
from app.models.erasure import Erased, Erasure
from app.models.keyring import DeviceEntry, KeyGrant, OfficeKey
from app.models.legal import Hearing, LegalStep, VictimRight
from app.models.office import Agency, Office, User
from app.models.oversight import Approval, Conference, Flag
from app.models.person import Party, Person
from app.models.person_match import PersonMatch
from app.models.referral import Referral, ReferralEvent
from app.models.restitution import Restitution
from app.models.screening import Screening
from app.models.service import Note, Service
from app.models.task import DeadlineLimit, Holiday, Task
from app.models.transfer import Transfer, TransferEvent

__all__ = [
    "KINDS", "Agency", "Approval", "Assessment", "Attachment", "Base", "Case", "CodeEntry", "Conference", "Conflict",
    "Consent", "DeadlineLimit", "DeviceEntry", "Empowerment", "Erased", "Erasure", "Flag", "Goal", "Hearing", "Holiday",
    "KeyGrant", "LegalStep", "Note", "Office", "OfficeKey", "Party", "Person", "PersonMatch", "Referral",
    "ReferralEvent", "Restitution", "SafetyPlan", "Screening", "Service", "Task", "Transfer", "TransferEvent", "User",
    "VictimRight", "case_index", "local", "person_index",
]  # fmt: skip
