"""Whose word a record carries: the signature of a laptop, and the centre's certificate of that laptop.

Keys are hexadecimal text here, everything else that is bytes is base64: the records are read by people, too.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.wire.messages import CERTIFICATE_DOMAIN, Certificate, Signed, WireError, decode, encode

OFFICE_KEY_DOMAIN = b"naungan office key 1\n"
_OFFICE_KEY = ("office", "public", "replaces", "device")

Content = Mapping[str, Any]


def office_key_proof(content: Content) -> bytes:
    """What a laptop signs to publish the key of its office."""
    return OFFICE_KEY_DOMAIN + encode([content.get(key) for key in _OFFICE_KEY])


def certificate_of(text: object, *, centre_key: bytes) -> Certificate | None:
    """The certificate in this text, if the centre signed it; None otherwise. Whether it ran out is the caller's."""
    try:
        signed = decode(unpacked(text), Signed)
        Ed25519PublicKey.from_public_bytes(centre_key).verify(signed.signature, CERTIFICATE_DOMAIN + signed.body)
        return decode(signed.body, Certificate)
    except (InvalidSignature, ValueError, WireError):
        return None


def certificate_body(text: object) -> bytes:
    """What the centre signed of a certificate: its part of the six words. ValueError for what is none."""
    try:
        return decode(unpacked(text), Signed).body
    except WireError:
        raise ValueError("not a certificate") from None


def signer_of(content: Content, proof: bytes, *, centre_key: bytes) -> Certificate | None:
    """The certificate of the laptop that signed this record; None if anything about it does not hold."""
    certificate = certificate_of(content.get("certificate"), centre_key=centre_key)
    if certificate is None or certificate.device.hex() != content.get("device"):
        return None
    try:
        Ed25519PublicKey.from_public_bytes(certificate.sign_public).verify(unpacked(content.get("signature")), proof)
    except (InvalidSignature, ValueError):
        return None
    return certificate


def packed(data: bytes) -> str:
    """Bytes as the text that stands in a record."""
    return base64.b64encode(data).decode()


def unpacked(text: object) -> bytes:
    """The inverse. ValueError for what is none."""
    if not isinstance(text, str):
        raise ValueError("not base64")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
