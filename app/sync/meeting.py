"""The first meeting with a centre: its address and pin come from a person, its authority from the centre itself.

What the centre sends is worth nothing by itself: it is kept only if the pin is the SHA-256 of its public key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.errors import Invalid, NotTheCentre
from app.i18n import _
from app.lazy import lazy
from app.sync.device import Signer
from app.sync.http import HttpTransport, checked_url
from app.sync.trust import another, unproven
from app.wire.pin import pin_of, read_pin

if TYPE_CHECKING:
    from cryptography import x509
else:
    x509 = lazy("cryptography.x509")


@dataclass(frozen=True, slots=True)
class Address:
    """Where a centre is, and how it is known; no pin on this very machine over plain http."""

    url: str
    pin: str


def read_address(text: str) -> Address:
    """The second line of the enrolment text: an address, a space, a pin. Invalid says what is missing or wrong."""
    first, _space, rest = text.strip().partition(" ")
    url = checked_url(first)
    pin = read_pin(rest) if rest.strip() else ""
    if pin is None:
        wrong = _("The pin after the address is not complete: it has 52 letters and digits in groups of four.")
        raise Invalid(wrong, [("centre_url", wrong)])
    if url.startswith("https:") and not pin:
        missing = _("Enter the centre's pin after the address and a space, as in the second line of the centre's text.")
        raise Invalid(missing, [("centre_url", missing)])
    return Address(url, pin)


def meet(text: str, signer: Signer, *, timeout: float = 30.0) -> HttpTransport:
    """The way to a centre that proved to be the one of the pin. NotTheCentre if somebody else answered."""
    address = read_address(text)
    if not address.url.startswith("https:"):
        return HttpTransport(address.url, signer, timeout=timeout)
    with HttpTransport(address.url, signer, timeout=timeout, context=unproven()) as asking:
        authority = asking.authority()
    if _pin(authority) != address.pin:
        raise NotTheCentre(another())
    return HttpTransport(address.url, signer, timeout=timeout, trusted=authority)


def _pin(authority: bytes) -> str:
    try:
        key = x509.load_der_x509_certificate(authority).public_key()
        return pin_of(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    except ValueError:
        return ""
