"""The certificate of an erasure, made from its record and entered in the audit with the SHA-256 of its bytes."""

from __future__ import annotations

from app.errors import Conflicted
from app.i18n import _, language
from app.models import settings
from app.models.journal import audit
from app.models.permission import Permission
from app.models.regions import region_name
from app.reports.erasure_certificate import Certificate, ErasureFacts, certificate_pdf
from app.services import erasure
from app.services.desk import Desk
from app.services.erasure import ErasureItem

COUNTED = ("records", "operations", "drafts", "keys", "files")


def certify(desk: Desk, erasure_id: str, *, spoken: str = "") -> Certificate:
    """The certificate of an erasure that was carried out; again and again, if wanted."""
    desk.require(Permission.REQUEST_ERASURE)
    item = erasure.find(desk, erasure_id)
    made = certificate_pdf(_facts(desk, item), now=desk.now(), language=spoken or language())
    with desk.note(Permission.REQUEST_ERASURE) as session:
        audit(session, "certificate", "erasure", item.entry.id, (made.sha256,))
    return made


def _facts(desk: Desk, item: ErasureItem) -> ErasureFacts:
    entry = item.entry
    if item.state != "DONE":
        raise Conflicted(_("There is a certificate only for an erasure that was carried out."))
    with desk.read() as session:
        office = str(settings.get(session, "office_name", ""))
        district = region_name(settings.get(session, "district"))
    return ErasureFacts(
        erasure=entry.id, subject_kind=entry["subject_kind"], subject=entry["subject"], basis=entry["basis"],
        asked_by=entry["asked_by"], requested_by=item.requested_by, requested_at=entry["requested_at"],
        decided_by=item.decided_by, executed_at=entry["executed_at"], no_proceedings=bool(entry["no_proceedings"]),
        counts=tuple((key, entry[key] or 0) for key in COUNTED), exports=entry["exports"] or 0,
        last_backup=erasure.last_backup_day(entry["executed_at"]), office=office,
        place=district.removeprefix("Kota ").removeprefix("Kabupaten "),
    )  # fmt: skip
