"""Every way in which Naungan says no.

NaunganError
├── UserError                 the person can put it right: shown as it is, says what to do
│   ├── Forbidden             the role may not do this
│   ├── Invalid               a value is wrong; `.problems` lists (field, message)
│   ├── NotFound              no such record here (or not for you: the two look the same)
│   ├── Conflicted            the step is not possible from the present state
│   └── WrongPassword         the password opens no slot; `.wait_seconds` until the next try
└── KnownError                the environment is at fault: says what happened and what to do
    ├── WorkspaceDamaged      file missing, empty, plain, foreign, cut or altered
    ├── WorkspaceNewer        written by a newer Naungan
    ├── WorkspaceBusy         another window has this workspace open
    ├── DiskFull              nothing was lost; free some room
    ├── ReadOnly              the medium or the workspace takes no writing now
    ├── LeaseOver             too long without the centre: no record is shown before a sync
    ├── KeystoreFailed        the system's keystore does not give what a slot needs besides its password
    ├── NetworkDown           no link, or it broke; what was sent so far is kept
    ├── NotTheCentre          something answered that is not the centre (captive portal, proxy)
    └── CentreRefused         the centre said no; `.status`, `.code`, `.retry_after`

Anything else that is raised is a bug and is shown as one.
"""

from __future__ import annotations

from collections.abc import Sequence


class NaunganError(Exception):
    """A sentence for a person, already translated."""


class UserError(NaunganError):
    """The person can put it right."""


class Forbidden(UserError):
    """The role of the signed-in user may not do this."""


class Invalid(UserError):
    """One or more values are wrong; nothing was saved."""

    def __init__(self, message: str, problems: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class NotFound(UserError):
    """No such record here, or not for this office: the two look the same on purpose."""


class Conflicted(UserError):
    """The step is not possible from the present state."""


class WrongPassword(UserError):
    """The password opens no slot; the next try is allowed after `wait_seconds`."""

    def __init__(self, message: str, wait_seconds: int = 0) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


class KnownError(NaunganError):
    """The environment is at fault, and the sentence says what to do."""


class WorkspaceDamaged(KnownError):
    """The workspace file is missing, empty, plain, foreign, cut or altered."""


class WorkspaceNewer(KnownError):
    """The workspace was written by a newer Naungan."""


class WorkspaceBusy(KnownError):
    """Another instance has this workspace open."""


class DiskFull(KnownError):
    """The disk is full; the last save did not happen and nothing else was lost."""


class ReadOnly(KnownError):
    """The medium or the workspace takes no writing now."""


class LeaseOver(KnownError):
    """This laptop was too long without its centre: no record is shown before it is synchronised."""


class KeystoreFailed(KnownError):
    """The system's keystore does not give what this slot needs besides its password, which was not tried."""


class NetworkDown(KnownError):
    """There is no link, or it broke; what was stored so far is kept."""


class NotTheCentre(KnownError):
    """Something answered that is not the centre: a captive portal, a proxy, another site."""


class CentreRefused(KnownError):
    """The centre said no. `status` is the HTTP status, `code` the centre's own word for it.

    `order` is what came with it, as bytes, and is worth nothing before its signature was checked. `codecs`: what the
    centre reads, when it could not read what was sent.
    """

    def __init__(  # signature: what a refusal says
        self,
        message: str,
        *,
        status: int,
        code: str = "",
        retry_after: int = 0,
        order: bytes = b"",
        codecs: tuple[str, ...] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.retry_after = retry_after
        self.order = order
        self.codecs = codecs
