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
    FIGURES = "figures"
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


_WORK = {Permission.READ, Permission.FIGURES, Permission.SYNC, Permission.EXPORT, Permission.BACK_UP}
_OVERSEE = {Permission.MANAGE_USERS, Permission.DIRECTORY, Permission.ACCEPT_OLDER, Permission.MANAGE_LISTS}
_DECIDE = {Permission.DECIDE_ERASURE, Permission.OVERRIDE_CONSENT, Permission.HAND_OVER}
_ERASE = {Permission.REQUEST_ERASURE}
_CASE = {Permission.WRITE_CASE, Permission.REFER, Permission.ANSWER, Permission.CLOSE_CASE, Permission.IMPORT} | _ERASE

ROLES: dict[str, frozenset[Permission]] = {
    "SOCIAL_WORKER": frozenset(_WORK | _CASE),
    "SUPERVISOR": frozenset(_WORK | _CASE | _OVERSEE | _DECIDE | {Permission.APPROVE, Permission.READ_AUDIT}),
    "PARTNER": frozenset(_WORK | _ERASE | {Permission.ANSWER, Permission.WRITE_CASE, Permission.REFER}),
    # figures, no names: a task force coordinates, it does not read case files
    "SECRETARY": frozenset({Permission.FIGURES, Permission.SYNC, Permission.BACK_UP, Permission.DIRECTORY}),
    "ADMIN": frozenset(_OVERSEE | {Permission.SYNC, Permission.BACK_UP}),
}

CLEARED_BY_DEFAULT = frozenset({"SOCIAL_WORKER", "SUPERVISOR", "PARTNER"})  # new users who may read sealed entries

# What each is called in the table of the help.
NAMES: dict[Permission, str] = {
    Permission.READ: N_("Read case files and persons"),
    Permission.WRITE_CASE: N_("Write in case files"),
    Permission.IMPORT: N_("Import a spreadsheet"),
    Permission.CLOSE_CASE: N_("Close and reopen a case"),
    Permission.APPROVE: N_("Approve a plan or a closure"),
    Permission.REFER: N_("Refer a victim"),
    Permission.ANSWER: N_("Answer a referral"),
    Permission.OVERRIDE_CONSENT: N_("Share without consent on a ground in law"),
    Permission.HAND_OVER: N_("Hand over or take over a whole case"),
    Permission.EXPORT: N_("Print and export"),
    Permission.FIGURES: N_("See figures without names"),
    Permission.SYNC: N_("Synchronise"),
    Permission.BACK_UP: N_("Make and restore backups"),
    Permission.DIRECTORY: N_("Change the directory of agencies"),
    Permission.MANAGE_LISTS: N_("Change lists, holidays and limits"),
    Permission.MANAGE_USERS: N_("Manage users, laptops and recovery"),
    Permission.READ_AUDIT: N_("Read the audit"),
    Permission.ACCEPT_OLDER: N_("Accept data that may be older than known"),
    Permission.REQUEST_ERASURE: N_("Ask for an erasure"),
    Permission.DECIDE_ERASURE: N_("Decide on an erasure"),
}

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
    Permission.FIGURES: N_("Your role may not see figures."),
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
