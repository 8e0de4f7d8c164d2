"""What may be older than known is accepted by somebody who may, with a reason, and the audit says so."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.errors import Conflicted, Invalid
from app.i18n import _
from app.models import settings
from app.models.journal import audit
from app.models.permission import Permission
from app.services.desk import Desk
from app.sync.countersigned import countersigned
from app.vault.chain import Head
from app.vault.workspace import Workspace

RECEIPT = "accepted_receipt"  # the countersigned link that somebody accepted to be without
ACCEPTED = "accepted_older"  # the setting that keeps who accepted what, when and why


def accept_older(desk: Desk, workspace: Workspace, reason: str) -> None:
    """Let the data here count as the latest from now on: saving works again.

    Whatever was newer stays lost to this laptop; what the centre holds comes back with the next sync. Conflicted when
    there is nothing to accept.
    """
    desk.require(Permission.ACCEPT_OLDER)
    if not workspace.stale:
        raise Conflicted(_("The data here is the latest that this workspace is known to have held."))
    if not reason.strip():
        message = _("Say why the older data is accepted.")
        raise Invalid(message, [("reason", message)])
    with desk.note(Permission.ACCEPT_OLDER) as session:
        seq = audit(session, "accept_older", "workspace", workspace.vault_id, ("reason",))
        told = [seq, desk.now().isoformat(), desk.actor.user, workspace.stale, reason.strip()]
        if signed := countersigned(session):
            settings.put(session, RECEIPT, [signed.seq, signed.h])
        settings.put(session, ACCEPTED, [*settings.get(session, ACCEPTED, []), told])
    workspace.accept_older()


def hold_against_receipt(desk: Desk, workspace: Workspace) -> None:
    """Have the chain hold the link that the centre countersigned last; without it the data is older than known.

    To be called when the workspace is opened and after each sync. What somebody accepted is not asked for again.
    """
    with Session(desk.engine.execution_options(naungan_read=True)) as session:
        found = countersigned(session)
        accepted = settings.get(session, RECEIPT)
    if found is not None and accepted != [found.seq, found.h]:
        workspace.freshness.countersigned(Head(found.seq, found.h))
