"""A pepper in the system's keystore: 32 random bytes that a slot takes besides its password, if its user wants that.

A copy of the laptop's files is worth nothing then, even to who knows the password. The keystore is never the only way:
it is switched on only where two people could let somebody in. Entries: service "naungan", name vault-id/slot-id.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from contextlib import suppress
from typing import TYPE_CHECKING

from app.errors import KeystoreFailed
from app.i18n import N_, _
from app.lazy import lazy
from app.vault.kdf import Peppered, Secret
from app.vault.slot import Slot

if TYPE_CHECKING:
    import keyring
else:
    keyring = lazy("keyring")

SERVICE = "naungan"
COLLEAGUE = N_(
    "The password alone does not suffice and was not tried. Way out: a colleague who can sign in removes you under "
    "People and adds you again, or two people with their recovery keys let somebody in."
)
BACKUP = N_(
    "The password of that day alone does not suffice for this backup and was not tried. Way out: the password of that "
    "day of somebody else, the laptop it was made on, or two people with recovery keys: `naungan recover --backup`."
)


def name_of(slot: Slot, *, vault_id: str) -> str:
    """What the entry of this slot is called."""
    return f"{vault_id}/{slot.id}"


def with_pepper(slot: Slot, password: str, *, vault_id: str, way_out: str = COLLEAGUE) -> Secret:
    """The password with whatever else this slot takes. KeystoreFailed says why it is not to be had, and the way out."""
    if not slot.pepper:
        return password
    told = _told(name_of(slot, vault_id=vault_id), way_out=way_out)
    if told is None:
        raise _failed(_("This sign-in also takes an entry in the keystore of this system, which is not there: it was "
                        "made on another laptop or under another account, or it was deleted."), way_out)  # fmt: skip
    secret = Peppered(password, _bytes(told))
    if not hmac.compare_digest(secret.digest, slot.pepper):
        raise _failed(_("This sign-in also takes an entry in the keystore of this system, and what is there is "
                        "another one."), way_out)  # fmt: skip
    return secret


def keep(name: str, pepper: bytes) -> None:
    """Make an entry and read it back; KeystoreFailed if this keystore keeps nothing."""
    told = b64encode(pepper).decode()
    try:
        keyring.set_password(SERVICE, name, told)
        kept = keyring.get_password(SERVICE, name) == told
    except Exception as error:  # a keystore raises whatever its system raises
        raise _keeps_nothing() from error
    if not kept:
        raise _keeps_nothing()


def forget(name: str) -> bool:
    """Delete an entry if the keystore lets us; whether it is gone. An entry too many opens nothing."""
    with suppress(Exception):  # a keystore raises whatever its system raises, also for what is not there
        keyring.delete_password(SERVICE, name)
    try:
        return keyring.get_password(SERVICE, name) is None
    except Exception:  # it does not even say
        return False


def system() -> str:
    """What the keystore of this system calls itself."""
    return str(keyring.get_keyring().name)


def _told(name: str, *, way_out: str) -> str | None:
    try:
        return keyring.get_password(SERVICE, name)
    except keyring.errors.KeyringLocked as error:
        raise _failed(_("This sign-in also takes an entry in the keystore of this system, and the keystore is locked. "
                        "Unlock it and try again."), way_out) from error  # fmt: skip
    except Exception as error:  # a keystore raises whatever its system raises
        raise _failed(_("This sign-in also takes an entry in the keystore of this system, and the keystore does not "
                        "answer."), way_out) from error  # fmt: skip


def _bytes(told: str) -> bytes:
    try:
        return b64decode(told, validate=True)
    except ValueError:
        return b""


def _failed(words: str, way_out: str) -> KeystoreFailed:
    return KeystoreFailed(f"{words} {_(way_out)}")


def _keeps_nothing() -> KeystoreFailed:
    return KeystoreFailed(_("The keystore of this system keeps nothing or is locked. Nothing was changed."))
