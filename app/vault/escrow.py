"""The escrow: both keys of the workspace, sealed to two recovery keys one inside the other (docs/adr/0010).

    escrow.age = age to the centre's recovery key( age to the district's recovery key( vault, generation, keys ) )

It is a plain age file, so it opens with any age program, without this one. The key file says which escrow is the
current one and to whom it is sealed; who is not cleared cannot write that without being noticed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import Invalid, UserError
from app.i18n import _
from app.lazy import lazy
from app.vault.canonical import from_text, to_json, to_text
from app.vault.faults import damaged, translated
from app.vault.identity import SealedIdentity
from app.vault.kdf import KEY_BYTES
from app.vault.keys import Keys, KeySet, Sealed

if TYPE_CHECKING:
    import pyrage
else:
    pyrage = lazy("pyrage")

FORMAT, VERSION = "naungan-escrow", 1
PURPOSE = "escrow recipients"
LARGEST = 1 << 16


@dataclass(frozen=True)
class Trustees:
    """Whose two recovery keys (age1...) open the escrow, one after the other."""

    district: str
    centre: str

    def check(self) -> None:
        """Invalid, with the reason, unless both are age recipients and not the same."""
        problems = [
            (name, _("This is not the public half of a recovery key: age1...")) for name, key in vars(self).items()
            if _recipient(key) is None
        ]  # fmt: skip
        if not problems and self.district == self.centre:
            problems = [("centre", _("The two recovery keys must be kept by two people: they are the same."))]
        if problems:
            raise Invalid(_("The recovery keys were not set."), problems)


@dataclass(frozen=True)
class Escrow:
    """What the key file says of its escrow. `seal` is made with the restricted key: nobody else redirects it."""

    district: str
    centre: str
    generation: int
    digest: bytes
    seal: bytes

    @property
    def trustees(self) -> Trustees:
        """To whom it is sealed."""
        return Trustees(self.district, self.centre)

    def is_sealed_by(self, restricted: Keys) -> bool:
        """Whether a holder of the restricted key chose these recipients."""
        return hmac.compare_digest(self.seal, _seal(self.trustees, self.generation, restricted=restricted))

    def is_in(self, path: Path) -> bool:
        """Whether the file there is this very escrow."""
        with translated():
            return path.is_file() and hashlib.sha256(path.read_bytes()).digest() == self.digest

    def to_json(self) -> dict[str, Any]:
        """As it stands in the key file."""
        return {**vars(self), "digest": to_text(self.digest), "seal": to_text(self.seal)}

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Escrow:
        """The inverse."""
        return cls(**{**told, "digest": from_text(told["digest"]), "seal": from_text(told["seal"])})

    @property
    def is_plausible(self) -> bool:
        """Types and lengths of what is used before the HMAC can be checked."""
        kinds = [type(each) for each in (self.district, self.centre, self.generation)]
        return kinds == [str, str, int] and (len(self.digest), len(self.seal)) == (32, 32)


@dataclass(frozen=True)
class Opened:
    """What both recovery keys gave. `device` is this laptop's identity, still wrapped under the data key."""

    generation: int
    held: KeySet
    restricted: Keys
    device: SealedIdentity
    trustees: Trustees


def seal_escrow(held: KeySet, *, trustees: Trustees, generation: int, device: SealedIdentity) -> tuple[Escrow, bytes]:
    """What the key file is to say, and the file. ValueError without the restricted key."""
    if held.restricted is None:
        raise ValueError("only who is cleared makes an escrow")
    told = {"format": FORMAT, "version": VERSION, "vault": held.keys.vault_id, "generation": generation}
    told |= {"keys": to_text(held.keys.bare()), "restricted": to_text(held.restricted.bare()), **vars(trustees)}
    told["device"] = {
        "sign_public": to_text(device.sign_public), "box_public": to_text(device.box_public),
        "nonce": to_text(device.sealed.nonce), "sealed": to_text(device.sealed.box),
    }  # fmt: skip
    inner = _encrypted(to_json(told), trustees.district)
    outer = _encrypted(inner, trustees.centre)
    seal = _seal(trustees, generation, restricted=held.restricted)
    return Escrow(**vars(trustees), generation=generation, digest=hashlib.sha256(outer).digest(), seal=seal), outer


def open_outer(raw: bytes, *, identity: str) -> bytes:
    """What the centre's recovery key gives: still sealed to the district's. UserError says why it does not open."""
    return _decrypted(raw, identity)


def open_inner(raw: bytes, *, identity: str) -> Opened:
    """What the district's recovery key gives then. UserError says why it does not open, or what it is not."""
    plain = _decrypted(raw, identity)
    try:
        told = json.loads(plain)
        if to_json(told) != plain or (told["format"], told["version"]) != (FORMAT, VERSION):
            raise ValueError("another format")
        return _opened(told)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        if plain.startswith(b"age-encryption.org/"):
            raise UserError(_("This still has two locks: the keys were used in the wrong order.")) from error
        raise UserError(_("What is inside is not the keys of a Naungan workspace.")) from error


def _opened(told: dict[str, Any]) -> Opened:
    vault_id, device = told["vault"], told["device"]
    keys, restricted = (bytearray(from_text(told[name])) for name in ("keys", "restricted"))
    if len(keys) != KEY_BYTES or len(restricted) != KEY_BYTES or type(told["generation"]) is not int:
        raise ValueError("not two keys")
    bytes.fromhex(vault_id)
    sealed = Sealed(from_text(device["nonce"]), from_text(device["sealed"]))
    identity = SealedIdentity(from_text(device["sign_public"]), from_text(device["box_public"]), sealed)
    second = Keys(restricted, vault_id=vault_id)
    held = KeySet(Keys(keys, vault_id=vault_id), second)
    return Opened(told["generation"], held, second, identity, Trustees(told["district"], told["centre"]))


def _seal(trustees: Trustees, generation: int, *, restricted: Keys) -> bytes:
    return restricted.mac(PURPOSE, to_json({**vars(trustees), "generation": generation}))


def _recipient(text: str) -> Any:
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        return None


def _encrypted(plain: bytes, recipient: str) -> bytes:
    found = _recipient(recipient)
    if found is None:
        raise damaged()
    return bytes(pyrage.encrypt(plain, [found]))


def _decrypted(raw: bytes, identity: str) -> bytes:
    if len(raw) > LARGEST or not raw.startswith(b"age-encryption.org/"):
        raise UserError(_("This is not an escrow file, or it is cut. Take escrow.age from the workspace or a backup."))
    try:
        return bytes(pyrage.decrypt(raw, [pyrage.x25519.Identity.from_str(identity)]))
    except pyrage.IdentityError as error:
        raise UserError(_("This is not a recovery key. Type it as it stands on the sheet.")) from error
    except pyrage.DecryptError as error:
        if "matching" in str(error):
            raise UserError(_("This recovery key does not open it: it is sealed to another key.")) from error
        raise UserError(_("The escrow is cut or altered. Take it from the workspace or from a backup.")) from error
