"""The key that opens bundles: an age identity in the centre's folder, the newest first, older ones for older files."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from app.central.keys import CentreKey
from app.errors import KnownError
from app.i18n import _
from app.models import agefile
from app.wire.messages import BUNDLE_DOMAIN, BundleKey, Signed

FILE = "bundle.key"


@dataclass(frozen=True, slots=True)
class BundleIdentity:
    """Opens what was closed for this centre."""

    identities: tuple[str, ...] = field(repr=False)

    @property
    def recipient(self) -> str:
        """For whom a laptop closes its bundle now."""
        return agefile.public_of(self.identities[0])

    def announced(self, key: CentreKey) -> Signed:
        """The recipient, as laptops believe it."""
        return key.signed(BundleKey(self.recipient), domain=BUNDLE_DOMAIN)


def bundle_identity(data_dir: Path) -> BundleIdentity:
    """The key in this folder; made at the first call, mode 0600. KnownError if it is damaged or readable by others."""
    path = data_dir / FILE
    if not path.exists():
        _put(path, (agefile.new_identity(),), anew=True)
    try:
        found = tuple(path.read_text(encoding="ascii").split())
        open_to_others = os.name == "posix" and path.stat().st_mode & 0o077
        agefile.public_of(found[0])
    except (OSError, ValueError, IndexError):
        raise KnownError(_("The centre's key for bundles is damaged. Put it back from its copy.")) from None
    if open_to_others:
        raise KnownError(_("Others may read the centre's key for bundles. Restrict the file to its owner (mode 600)."))
    return BundleIdentity(found)


def renew(data_dir: Path) -> BundleIdentity:
    """A new key from now on; laptops hear of it at their next contact, and what was closed before still opens."""
    _put(data_dir / FILE, (agefile.new_identity(), *bundle_identity(data_dir).identities), anew=False)
    return bundle_identity(data_dir)


def _put(path: Path, identities: tuple[str, ...], *, anew: bool) -> None:
    """Whole or not at all; of two that make it anew at once, the first one counts."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    waiting = path.with_name(f"{FILE}.{secrets.token_hex(4)}")
    handle = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write("\n".join(identities) + "\n")
        out.flush()
        os.fsync(out.fileno())
    if anew and path.exists():
        waiting.unlink()
    else:
        os.replace(waiting, path)
