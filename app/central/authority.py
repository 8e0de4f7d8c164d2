"""The centre's own certificate authority: laptops trust it alone, by the fingerprint that came with their code.

ca.key, ca.crt      the authority, made once           tls.key, tls.crt      what the server shows, renewed every year
"""

from __future__ import annotations

import ipaddress
import os
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app.central.config import Clock, TlsFiles
from app.errors import Invalid, KnownError
from app.i18n import _
from app.wire.pin import pin_of

CA_KEY, CA_CERTIFICATE = "ca.key", "ca.crt"
TLS_KEY, TLS_CERTIFICATE = "tls.key", "tls.crt"
CA_LIFE, TLS_LIFE = timedelta(days=3650), timedelta(days=397)
_EARLIER = timedelta(hours=1)  # laptops whose clock is a little slow accept it at once

Host = x509.DNSName | x509.IPAddress


@dataclass(frozen=True, slots=True)
class Authority:
    """What may be told of the authority: its certificate (DER), and the pin that laptops are given."""

    certificate: bytes
    expires: datetime

    @property
    def pin(self) -> str:
        """SHA-256 of its public key, in groups to be read aloud."""
        return pin_of(_public_bytes(x509.load_der_x509_certificate(self.certificate)))


@dataclass(frozen=True, slots=True)
class ServerCertificate:
    """What the server shows: for which names and addresses, until when."""

    hosts: tuple[str, ...]
    expires: datetime


def create(data_dir: Path, *, now: Clock) -> Authority:
    """The authority of this centre; made at the first call, never overwritten."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (data_dir / CA_CERTIFICATE).exists():
        return _need(data_dir)
    key = _key(data_dir / CA_KEY)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Naungan")])
    made = _begun(name, issuer=name, key=key.public_key(), now=now(), life=CA_LIFE)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    made = made.add_extension(_usage(signs_certificates=True), critical=True)
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    _write(data_dir / CA_CERTIFICATE, made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    return _need(data_dir)


def issue(data_dir: Path, *, hosts: Sequence[str], now: Clock) -> ServerCertificate:
    """A certificate for these names and addresses, for a year. Again: a new one for the same private key."""
    names = [_host(host) for host in hosts if host.strip()]
    if not names:
        raise Invalid(_("Name at least one host for which the certificate is."))
    authority, signer = _certificate(_need(data_dir).certificate), _key(data_dir / CA_KEY, make=False)
    key = _key(data_dir / TLS_KEY)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, str(names[0].value)[:64])])
    made = _begun(subject, issuer=authority.subject, key=key.public_key(), now=now(), life=TLS_LIFE)
    made = made.add_extension(x509.SubjectAlternativeName(names), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    made = made.add_extension(_usage(signs_certificates=False), critical=True)
    made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    made = made.add_extension(issuer, critical=False)
    _write(data_dir / TLS_CERTIFICATE, made.sign(signer, hashes.SHA256()).public_bytes(Encoding.PEM))
    return _shown(data_dir / TLS_CERTIFICATE)


def show(data_dir: Path) -> Authority | None:
    """The authority, if this centre has one. KnownError if its file is damaged."""
    path = data_dir / CA_CERTIFICATE
    if not path.exists():
        return None
    certificate = _read(path)
    return Authority(certificate.public_bytes(Encoding.DER), certificate.not_valid_after_utc)


def issued(data_dir: Path) -> ServerCertificate | None:
    """The server's certificate, if one was issued."""
    path = data_dir / TLS_CERTIFICATE
    return _shown(path) if path.exists() else None


def issued_files(data_dir: Path) -> TlsFiles | None:
    """Where the issued certificate and its key lie, if there are any."""
    files = TlsFiles(data_dir / TLS_CERTIFICATE, data_dir / TLS_KEY)
    return files if files.certificate.exists() and files.key.exists() else None


def server_context(files: TlsFiles) -> ssl.SSLContext:
    """TLS 1.3 and nothing older. KnownError if a file is missing, or the two do not belong together."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        context.load_cert_chain(files.certificate, files.key)
    except (OSError, ssl.SSLError):
        raise KnownError(
            _("The certificate {file} and its key cannot be used. Issue them anew: naungan central ca issue.").format(
                file=files.certificate
            )
        ) from None
    return context


def _need(data_dir: Path) -> Authority:
    authority = show(data_dir)
    if authority is None:
        raise KnownError(_("This centre has no certificate authority yet. Run `naungan central ca init` first."))
    return authority


def _begun(
    subject: x509.Name, *, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key)
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(now - _EARLIER).not_valid_after(now + life)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    others = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    never = dict.fromkeys((*others, "encipher_only", "decipher_only"), False)
    return x509.KeyUsage(
        digital_signature=not signs_certificates, key_cert_sign=signs_certificates, crl_sign=signs_certificates, **never
    )


def _host(text: str) -> Host:
    text = text.strip()
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        pass
    try:
        return x509.DNSName(text)
    except ValueError:
        raise Invalid(_("This is no name or address of a host: {host}.").format(host=text)) from None


def _key(path: Path, *, make: bool = True) -> ec.EllipticCurvePrivateKey:
    """The P-256 key in this file; made, mode 0600, if there is none. OpenSSL everywhere takes it."""
    if make and not path.exists():
        made = ec.generate_private_key(ec.SECP256R1())
        pem = made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(pem)
            out.flush()
            os.fsync(out.fileno())
        return made
    try:
        open_to_others = os.name == "posix" and path.stat().st_mode & 0o077
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError):
        raise KnownError(
            _("The key {file} is missing or damaged. Put it back from its copy.").format(file=path)
        ) from None
    if open_to_others:
        raise KnownError(_("Others may read the key {file}. Restrict it to its owner (mode 600).").format(file=path))
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key


def _shown(path: Path) -> ServerCertificate:
    certificate = _read(path)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return ServerCertificate(tuple(_texts(names)), certificate.not_valid_after_utc)


def _texts(names: Iterable[x509.GeneralName]) -> Iterable[str]:
    return (str(name.value) for name in names)


def _read(path: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(path.read_bytes())
    except (OSError, ValueError):
        raise KnownError(_("The certificate {file} is damaged. Put it back from its copy.").format(file=path)) from None


def _certificate(der: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(der)


def _public_bytes(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    waiting = path.with_name(path.name + ".new")
    handle = os.open(waiting, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    os.replace(waiting, path)
