"""Self-signed certificates, the same at every start of the same fleet, so that pins hold."""

from __future__ import annotations

import hashlib
import ipaddress
import ssl
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# Fixed, as a certificate made anew at each start must come out byte for byte the same.
NOT_BEFORE: Final = datetime(2024, 1, 1, tzinfo=UTC)
NOT_AFTER: Final = datetime(2049, 12, 31, tzinfo=UTC)
# One less than the order of NIST P-256: private keys are 1 to that.
KEY_SPAN: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632550


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A server's TLS side and what a client may pin."""

    context: ssl.SSLContext = field(repr=False)
    fingerprint_sha256: str
    pem: bytes


def self_signed(seed: str, name: str, addresses: tuple[str, ...]) -> Certificate:
    """Make the certificate that this seed and name always give.

    The key comes from the seed and is thus no secret: fit for emulators only. The IP addresses
    become the subject's alternative names.
    """
    digest = hashlib.sha512(f"{seed}/{name}".encode()).digest()
    key = ec.derive_private_key(int.from_bytes(digest) % KEY_SPAN + 1, ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(digest[:8]) | 1)
        .not_valid_before(NOT_BEFORE)
        .not_valid_after(NOT_AFTER)
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName(name)]
                + [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256(), ecdsa_deterministic=True)
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return Certificate(
        context=_context(pem + secret),
        fingerprint_sha256=certificate.fingerprint(hashes.SHA256()).hex(),
        pem=pem,
    )


def _context(chain: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    load_chain(context, chain)
    return context


def load_chain(context: ssl.SSLContext, chain: bytes) -> None:
    """Let the context serve this certificate chain with its key, both in PEM."""
    # OpenSSL reads a chain from a file only; this one is readable by us alone.
    with tempfile.NamedTemporaryFile(prefix="fleetd-emulators-", suffix=".pem") as file:
        Path(file.name).write_bytes(chain)
        context.load_cert_chain(file.name)
