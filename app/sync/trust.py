"""Whom this laptop believes to be the centre: one certificate authority, known by its pin, and nobody else's."""

from __future__ import annotations

import ssl

from app.i18n import N_, _

_EXPIRED, _NOT_YET, _OTHER_NAME, _OTHER_ADDRESS = 10, 9, 62, 64  # OpenSSL's X509_V_ERR_...
_WRONG = {
    _EXPIRED: N_(
        "The centre's certificate ran out, or the date of this laptop is wrong. Check the date; else ask the centre "
        "to issue a new one. Nothing was lost."
    ),
    _NOT_YET: N_(
        "The centre's certificate is not valid yet: the date of this laptop is probably wrong. Check it, then try "
        "again. Nothing was lost."
    ),
    _OTHER_NAME: N_(
        "Whoever answered has a certificate for another address. Check the address of the centre. Nothing was lost."
    ),
}
_WRONG[_OTHER_ADDRESS] = _WRONG[_OTHER_NAME]
_ANOTHER = N_(
    "Whoever answered cannot prove to be the centre of this office. Do not go on in this network; ask the centre. "
    "Nothing was sent and nothing was lost."
)
# Words in OpenSSL's complaints about somebody who speaks, but not TLS 1.3; a link that broke says none of them.
_OTHER_TONGUE = ("WRONG_VERSION", "PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "RECORD_LAYER", "HTTP_REQUEST")


def trusting(authority: bytes) -> ssl.SSLContext:
    """TLS 1.3 with whom this authority (DER) certified; no other authority counts, the environment's least of all."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    if authority:
        context.load_verify_locations(cadata=authority)
    return context


def unproven() -> ssl.SSLContext:
    """For one question, before enrolment: "what is your authority?", whose answer is held against the pin."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def doubt(error: BaseException | None) -> str:
    """Why whoever answered is not believed, translated; '' if it is no matter of belief (the link broke)."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return _(_WRONG.get(error.verify_code, _ANOTHER))
        if isinstance(error, ssl.SSLError) and any(word in str(error).upper() for word in _OTHER_TONGUE):
            return _(_ANOTHER)
        error = error.__cause__ or error.__context__
    return ""


def another() -> str:
    """The sentence for somebody who is not who the pin says."""
    return _(_ANOTHER)
