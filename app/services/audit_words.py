"""The audit in words: what was done as a sentence, and which fields by their labels. Never a code, never a value."""

from __future__ import annotations

from collections.abc import Sequence

from app.i18n import N_, _, format_number, ngettext
from app.models.base import KINDS
from app.models.field import APART, field_map
from app.models.kind_names import KIND_NAMES

# what was done -> the sentence; {thing} is the kind of record it was done to
SENTENCES = {
    "create": N_("{thing} entered"),
    "change": N_("{thing} changed"),
    "view": N_("{thing} looked at"),
    "preview": N_("Paper looked at before its export"),
    "export": N_("Exported as a file"),
    "apply": N_("Received from the centre"),
    "sign_in": N_("Signed in"),
    "remove_user": N_("Worker removed, everything encrypted anew"),
    "add_user": N_("Worker added"),
    "clear": N_("Worker may read sealed entries"),
    "withdraw": N_("Worker may read sealed entries no more, everything encrypted anew"),
    "escrow": N_("Keys sealed to the recovery keys of district and centre"),
    "change_password": N_("Own password changed"),
    "keystore_on": N_("Own sign-in bound to the keystore of the laptop"),
    "keystore_off": N_("Own sign-in no longer bound to the keystore of the laptop"),
    "open": N_("{thing} opened"),
    "hand_over": N_("Unfinished entry handed over"),
    "retention": N_("Time limit for keeping records changed"),
    "auto_sync": N_("Automatic synchronising turned on or off"),
    "accept_older": N_("Older data accepted as the latest"),
    "enrol_anew": N_("Laptop enrolled at the centre as a new device"),
    "backup": N_("Backup made and verified"),
    "backup_copy": N_("Backup copied to another place"),
    "backup_check": N_("Backup verified again"),
    "restore": N_("Backup restored"),
    "drill": N_("Restoring tried out with the newest backup"),
    "recover": N_("Workspace recovered with the recovery keys"),
    "approve_laptop": N_("Office's key given to another laptop"),
    "receive_key": N_("Office's key received from another laptop"),
    "rotate_key": N_("New key of the office in the place of the old one"),
    "erase": N_("{thing} erased for good"),
    "settle": N_("{thing}: what the centre had not taken was settled"),
}
THINGS = {**KIND_NAMES, "user": N_("Worker"), "export": N_("Export")}
_OF_WORKERS = (
    "add_user", "remove_user", "change_password", "clear", "withdraw", "hand_over", "escrow", "recover", "keystore_on",
    "keystore_off",
)  # fmt: skip
# what a person filters by -> (its words, the actions it means)
GROUPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "entries": (N_("Entries and changes"), ("create", "change")),
    "views": (N_("Looked at"), ("view", "open")),
    "exports": (N_("Exports and previews"), ("export", "preview")),
    "sign_ins": (N_("Sign-ins"), ("sign_in", "failed_sign_ins")),
    "workers": (N_("Workers and passwords"), _OF_WORKERS),
    "backups": (N_("Backups and restores"), ("backup", "backup_copy", "backup_check", "restore", "drill")),
    "sync": (N_("Exchange with the centre"), ("apply", "enrol_anew", "settle-", "auto_sync")),
    "laptops": (N_("Laptops and keys of the office"), ("approve_laptop", "receive_key", "rotate_key")),
    "erasures": (N_("Erasures"), ("erase", "retention")),
    "older": (N_("Older data accepted"), ("accept_older",)),
}
MORE = 6  # fields beyond this many are counted, not named


def thing(kind: str) -> str:
    """What a record is called."""
    return _(THINGS[kind]) if kind in THINGS else _("Record")


def sentence(action: str, *, kind: str, fields: Sequence[str] = ()) -> str:
    """What was done, as people say it."""
    if action == "failed_sign_ins":
        n = int(fields[0]) if fields and fields[0].isdigit() else 1
        told = ngettext("{n} wrong password before this sign-in", "{n} wrong passwords before this sign-in", n)
        return told.format(n=format_number(n))
    if action == "backup" and "daily" in fields:
        return _("Daily backup made and verified")
    if action == "create" and kind == "user":
        return _(SENTENCES["add_user"])
    words = SENTENCES.get(action.partition("-")[0] if action.startswith("settle-") else action)
    return _(words).format(thing=thing(kind)) if words else _("Something else was done")


def field_labels(action: str, *, kind: str, fields: Sequence[str]) -> tuple[str, ...]:
    """The fields by their labels, each once; what is no field of this kind of record is left out."""
    if action in ("export", "preview"):
        return tuple(dict.fromkeys(label for name in fields if (label := _anywhere(name))))
    declared = field_map(KINDS[kind]) if kind in KINDS else {}
    named = (_(declared[name].label) for name in fields if name in declared and declared[name].group not in APART)
    return tuple(dict.fromkeys(named))


def field_line(labels: Sequence[str], *, limit: int = MORE) -> str:
    """The first few labels, and how many more there are."""
    shown, more = ", ".join(labels[:limit]), len(labels) - limit
    if more <= 0:
        return shown
    return shown + ngettext(" and {n} more", " and {n} more", more).format(n=format_number(more))


def _anywhere(name: str) -> str:
    """The label of an exported field: `kind.key`, or a key that some kind has."""
    kind, dot, key = name.rpartition(".")
    kinds = (kind,) if dot else tuple(KINDS)
    for each in kinds:
        declared = field_map(KINDS[each]) if each in KINDS else {}
        if key in declared and declared[key].group not in APART:
            return _(declared[key].label)
    return ""
