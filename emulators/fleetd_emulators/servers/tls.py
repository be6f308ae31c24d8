"""The certificate that a BMC serves: signing requests, and taking in what was signed.

Source: DSP0268 "CertificateService", "Certificate"; X.509 as of RFC 5280.
"""

from __future__ import annotations

import re
from typing import Any, Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from fleetd_emulators.servers.refusal import Refused

Body = dict[str, Any]
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
NAMES: Final = {
    "CommonName": NameOID.COMMON_NAME,
    "Organization": NameOID.ORGANIZATION_NAME,
    "OrganizationalUnit": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "City": NameOID.LOCALITY_NAME,
    "State": NameOID.STATE_OR_PROVINCE_NAME,
    "Country": NameOID.COUNTRY_NAME,
}
_PRIVATE: Final = re.compile(
    rb"-----BEGIN ([A-Z ]*PRIVATE KEY)-----.*?-----END \\1-----", re.DOTALL
)


class Tls:
    """The certificate of one BMC.

    Attributes:
        chain: What the front is to serve in place of its first certificate: certificates and the
            key, in PEM; None until something was installed.
    """

    def __init__(self, pem: bytes) -> None:
        self.pem = pem
        self.chain: bytes | None = None
        self.csr: str | None = None
        self._key: Key | None = None
        self._installed: tuple[bytes, bytes] | None = None

    def request(self, subject: Body, alternatives: list[str]) -> str:
        """Make a key and a signing request for it; the key stays here.

        Raises:
            Refused: 400; the subject is no X.509 name.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        try:
            name = x509.Name(
                x509.NameAttribute(oid, subject[part])
                for part, oid in NAMES.items()
                if subject.get(part)
            )
            builder = x509.CertificateSigningRequestBuilder().subject_name(name)
            if alternatives:
                names = [x509.DNSName(one) for one in alternatives]
                builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        except (ValueError, TypeError) as broken:
            raise _bad(str(broken)) from broken
        self._key = key
        made = builder.sign(key, hashes.SHA256())
        self.csr = made.public_bytes(serialization.Encoding.PEM).decode()
        return self.csr

    def stage(self, text: str) -> None:
        """Check a certificate and keep it for ``serve``; its key is here, or in the text.

        Raises:
            Refused: 400; it is no certificate, or not one for a key that is here.
        """
        pem = text.encode()
        try:
            certificates = x509.load_pem_x509_certificates(pem)
        except ValueError as broken:
            raise _bad("the certificate cannot be read") from broken
        key = _key_in(pem) or self._key
        mine = key is not None and certificates[0].public_key() == key.public_key()
        if key is None or not mine:
            raise _bad("the certificate is not for the key of the latest signing request")
        public = b"".join(one.public_bytes(serialization.Encoding.PEM) for one in certificates)
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        self._installed = public, private

    def serve(self) -> None:
        """Serve what was staged, if anything was."""
        if self._installed is not None:
            self.pem = self._installed[0]
            self.chain = self._installed[0] + self._installed[1]
            self._installed = None

    def described(self) -> Body:
        """The certificate's properties as DSP0268 'Certificate' has them."""
        certificate = x509.load_pem_x509_certificates(self.pem)[0]
        return {
            "CertificateString": self.pem.decode(),
            "CertificateType": "PEM",
            "Issuer": _parts(certificate.issuer),
            "Subject": _parts(certificate.subject),
            "ValidNotBefore": certificate.not_valid_before_utc.isoformat(),
            "ValidNotAfter": certificate.not_valid_after_utc.isoformat(),
            "SerialNumber": _octets(certificate.serial_number),
            "KeyUsage": [],
        }


def _key_in(pem: bytes) -> Key | None:
    """A private key sent beside the certificate, as bmcweb takes them."""
    found = _PRIVATE.search(pem)
    if found is None:
        return None
    try:
        key = serialization.load_pem_private_key(found.group(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) else None


def _parts(name: x509.Name) -> dict[str, str]:
    found = {part: name.get_attributes_for_oid(oid) for part, oid in NAMES.items()}
    return {part: str(values[0].value) for part, values in found.items() if values}


def _octets(number: int) -> str:
    """Pairs of hexadecimal digits with colons between, as DSP0268 writes serial numbers."""
    return number.to_bytes((number.bit_length() + 7) // 8).hex(":")


def _bad(why: str) -> Refused:
    return Refused(400, "PropertyValueFormatError", f"The certificate cannot be used: {why}.")
