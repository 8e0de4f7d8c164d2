"""The pin: what a person carries from the centre to a laptop, so that the laptop knows whom to believe."""

from __future__ import annotations

import base64
import hashlib
import re

GROUP = 4
LENGTH = 52  # letters of base32 for 32 bytes


def pin_of(public_key: bytes) -> str:
    """SHA-256 of a public key (DER, SubjectPublicKeyInfo) in base32, in groups of four."""
    text = base64.b32encode(hashlib.sha256(public_key).digest()).decode().rstrip("=")
    return "-".join(text[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def read_pin(text: str) -> str | None:
    """The pin as `pin_of` writes it, from what a person typed: any case, any groups. None if it is no pin."""
    bare = re.sub(r"[\s-]", "", text).upper().replace("0", "O").replace("1", "I").replace("8", "B")
    if not re.fullmatch(r"[A-Z2-7]{52}", bare):
        return None
    return "-".join(bare[start : start + GROUP] for start in range(0, LENGTH, GROUP))
