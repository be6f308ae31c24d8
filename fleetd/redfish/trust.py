"""Which certificate is accepted at an address: by authority, by fingerprint, or any."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from pathlib import Path

import aiohttp

from fleetd.config.redfish import TlsSection, Trust
from fleetd.domain.errors import ConfigError

Tls = ssl.SSLContext | aiohttp.Fingerprint | bool
"""What aiohttp takes as ``ssl``; False accepts any certificate."""


class PinnedCertificate(aiohttp.Fingerprint):
    """Accepts one certificate, by the SHA-256 of its DER form, before any request is sent.

    Without an expected fingerprint it learns the first one it meets, if it may; else it accepts
    none, and the error names the one that was presented.
    """

    def __init__(self, expected: str | None, *, learn: bool) -> None:
        super().__init__(bytes.fromhex(expected) if expected else bytes(32))
        self._known = expected is not None
        self._learn = learn

    @property
    def hex(self) -> str | None:
        """The fingerprint in lower-case hexadecimal, None while it is unknown."""
        return self.fingerprint.hex() if self._known else None

    def check(self, transport: asyncio.Transport) -> None:
        tls = transport.get_extra_info("ssl_object")
        if tls is not None and self._learn and not self._known:
            self._fingerprint = hashlib.sha256(tls.getpeercert(binary_form=True)).digest()
            self._known = True
        super().check(transport)


class TrustStore:
    """Makes each TLS context once: loading the authorities costs tens of milliseconds."""

    def __init__(self) -> None:
        self._contexts: dict[Path | None, ssl.SSLContext] = {}

    async def tls(self, section: TlsSection, fingerprint: str | None) -> Tls:
        """What to give to aiohttp for an address with this configuration and known fingerprint.

        Raises:
            ConfigError: The file of authorities can't be loaded.
        """
        if section.trust is Trust.NONE:
            return False
        if section.trust is Trust.PIN:
            return PinnedCertificate(fingerprint, learn=section.learn)
        context = self._contexts.get(section.ca_file)
        if context is None:
            context = await asyncio.to_thread(_load, section.ca_file)
            context = self._contexts.setdefault(section.ca_file, context)
        return context


def _load(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"redfish.tls.ca_file: {ca_file} can't be loaded: {error}") from error
