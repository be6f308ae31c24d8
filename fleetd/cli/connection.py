"""Where the API is and with which token it's asked; the token never comes by the command line."""

from __future__ import annotations

import ipaddress
import os
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from fleetd.cli.failures import BadInput

DEFAULT_URL: Final = "http://127.0.0.1:8650"
URL_VARIABLE: Final = "FLEETD_URL"
TOKEN_VARIABLE: Final = "FLEETD_TOKEN"  # noqa: S105 - a variable's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """How to reach the API."""

    url: str
    token: str | None = field(default=None, repr=False)
    ca_file: Path | None = None

    def tls(self) -> ssl.SSLContext | bool:
        """Trust in the server's certificate: the system's authorities or a file's.

        Raises:
            BadInput: The file can't be read or holds no certificate.
        """
        if self.ca_file is None:
            return True
        try:
            return ssl.create_default_context(cafile=str(self.ca_file))
        except (OSError, ssl.SSLError) as error:
            raise BadInput(f"{self.ca_file}: no CA certificates can be read from it") from error


def connection(url: str, *, token_file: Path | None, ca_file: Path | None) -> Connection:
    """Check and gather where to and how.

    Raises:
        BadInput: The URL is none, a file can't be read, or the token would travel in clear.
    """
    token = _token(token_file)
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise BadInput(f"{url!r} is not a URL") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise BadInput(f"{url!r} is not an http or https URL")
    if parts.username is not None or parts.query or parts.fragment:
        raise BadInput("the URL must have no user, query or fragment")
    if token is not None and parts.scheme == "http" and not _is_loopback(host):
        raise BadInput(f"a token is not sent to {host} without TLS: use https")
    return Connection(url=url.rstrip("/"), token=token, ca_file=ca_file)


def _token(token_file: Path | None) -> str | None:
    if token_file is None:
        return os.environ.get(TOKEN_VARIABLE) or None
    try:
        token = token_file.read_text("utf-8").strip()
    except (OSError, UnicodeError) as error:
        raise BadInput(f"{token_file}: no token can be read from it") from error
    if not token or not token.isprintable() or not token.isascii():
        raise BadInput(f"{token_file}: it must hold one line with the token")
    return token


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
