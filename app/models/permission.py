"""What each role may do. Data, not code: services ask, the screen hides, and both ask here."""

from enum import StrEnum

from app.i18n import N_


class Permission(StrEnum):
    """One thing a worker may or may not do."""

    WRITE_CASE = "write_case"
    CLOSE_CASE = "close_case"
    APPROVE = "approve"
    REFER = "refer"
    ANSWER = "answer_referral"
    SYNC = "sync"
    EXPORT = "export"
    IMPORT = "import"
    READ = "read"
    READ_AUDIT = "read_audit"
    BACK_UP = "back_up"
    MANAGE_USERS = "manage_users"
    DIRECTORY = "directory"
    MANAGE_LISTS = "manage_lists"
    ACCEPT_OLDER = "accept_older"
    REQUEST_ERASURE = "request_erasure"
    DECIDE_ERASURE = "decide_erasure"
    OVERRIDE_CONSENT = "override_consent"
    HAND_OVER = "hand_over"


_WORK = {Permission.READ, Permission.SYNC, Permission.EXPORT, Permission.BACK_UP}
_OVERSEE = {Permission.MANAGE_USERS, Permission.DIRECTORY, Permission.ACCEPT_OLDER, Permission.MANAGE_LISTS}
_DECIDE = {Permission.DECIDE_ERASURE, Permission.OVERRIDE_CONSENT, Permission.HAND_OVER}
_ERASE = {Permission.REQUEST_ERASURE}
_CASE = {Permission.WRITE_CASE, Permission.REFER, Permission.ANSWER, Permission.CLOSE_CASE, Permission.IMPORT} | _ERASE

ROLES: dict[str, frozenset[Permission]] = {
    "SOCIAL_WORKER": frozenset(_WORK | _CASE),
    "SUPERVISOR": frozenset(_WORK | _CASE | _OVERSEE | _DECIDE | {Permission.APPROVE, Permission.READ_AUDIT}),
    "PARTNER": frozenset(_WORK | _ERASE | {Permission.ANSWER, Permission.WRITE_CASE, Permission.REFER}),
    "SECRETARY": frozenset({Permission.READ, Permission.SYNC, Permission.BACK_UP, Permission.DIRECTORY}),
    "ADMIN": frozenset(_OVERSEE | {Permission.SYNC, Permission.BACK_UP}),
}

CLEARED_BY_DEFAULT = frozenset({"SOCIAL_WORKER", "SUPERVISOR", "PARTNER"})  # new users who may read sealed entries

REFUSALS = {
    Permission.WRITE_CASE: N_("Your role may not write in case files."),
    Permission.CLOSE_CASE: N_("Your role may not close a case; ask the case supervisor."),
    Permission.APPROVE: N_("Only the case supervisor approves a plan or a closure."),
    Permission.REFER: N_("Your role may not refer victims."),
    Permission.ANSWER: N_("Your role may not answer referrals."),
    Permission.SYNC: N_("Your role may not synchronise."),
    Permission.EXPORT: N_("Your role may not export."),
    Permission.IMPORT: N_("Your role may not import case files."),
    Permission.READ: N_("Your role may not read case files."),
    Permission.READ_AUDIT: N_("Your role may not read the audit."),
    Permission.BACK_UP: N_("Your role may not make backups."),
    Permission.MANAGE_USERS: N_("Your role may not manage users."),
    Permission.DIRECTORY: N_("Your role may not change the service directory."),
    Permission.MANAGE_LISTS: N_(
        "Your role may not change lists, holidays or limits; ask the case supervisor or the administrator."
    ),
    Permission.ACCEPT_OLDER: N_("Your role may not accept older data; ask the case supervisor or the administrator."),
    Permission.REQUEST_ERASURE: N_("Your role may not ask for an erasure."),
    Permission.OVERRIDE_CONSENT: N_("Your role may not share without consent; ask the case supervisor."),
    Permission.HAND_OVER: N_("Your role may not hand over or take over a case; ask the case supervisor."),
    Permission.DECIDE_ERASURE: N_("Your role may not decide on an erasure; ask the case supervisor."),
}


def allowed(role: str, permission: Permission) -> bool:
    """Whether this role may do this; an unknown role may do nothing."""
    return permission in ROLES.get(role, frozenset())
