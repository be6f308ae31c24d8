"""The API beyond loopback: TLS and tokens, by the daemon and the command line together."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fleetd_emulators.protocol.tls import NOT_AFTER, NOT_BEFORE
from tests.support.daemon import Daemon, configuration, running_daemon
from tests.support.emulators import EmulatedFleet, emulated_fleet

pytestmark = pytest.mark.slow

TOKENS = {role: f"{role}-token-0123456789abcdef" for role in ("reader", "operator", "admin")}


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[EmulatedFleet]:
    with emulated_fleet({"pdus": 1}, tmp_path) as running:
        yield running


@pytest.fixture
def daemon(fleet: EmulatedFleet, tmp_path: Path) -> Iterator[Daemon]:
    certificate, key = certified(tmp_path)
    tokens = [
        {"name": role, "role": role, "token": f"file:{private(tmp_path / role, token)}"}
        for role, token in TOKENS.items()
    ]
    api = {"host": "0.0.0.0", "port": 0, "certificate": certificate, "key": key, "tokens": tokens}
    with running_daemon({**configuration(fleet, tmp_path), "api": api}, tmp_path) as running:
        yield running


def private(path: Path, content: str) -> str:
    path.touch(mode=0o600)
    path.write_text(content)
    return str(path)


def certified(directory: Path) -> tuple[str, str]:
    """A certificate of localhost, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOT_BEFORE)
        .not_valid_after(NOT_AFTER)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    return (
        private(directory / "certificate.pem", pem.decode()),
        private(directory / "key.pem", secret.decode()),
    )


def base(daemon: Daemon) -> str:
    return f"https://localhost:{daemon.url.rpartition(':')[2]}"


def asked(daemon: Daemon, directory: Path, method: str, path: str, token: str | None) -> int:
    """The status of a request with a token, or with none."""
    trusted = ssl.create_default_context(cafile=str(directory / "certificate.pem"))
    headers = {"Content-Type": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    body = json.dumps({"targets": ["127.0.0.1"]}).encode() if method == "POST" else None
    request = urllib.request.Request(base(daemon) + path, method=method, headers=headers, data=body)
    try:
        with urllib.request.urlopen(request, timeout=10, context=trusted) as reply:
            return int(reply.status)
    except HTTPError as error:
        return error.code


def fleetctl(daemon: Daemon, *arguments: str, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [Path(sys.executable).with_name("fleetctl"), "--url", base(daemon), *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )
    return done.returncode, done.stdout + done.stderr


def test_who_has_no_token_is_refused_and_a_role_does_what_it_may(
    daemon: Daemon, tmp_path: Path
) -> None:
    def status(method: str, path: str, token: str | None) -> int:
        return asked(daemon, tmp_path, method, path, token)

    assert status("GET", "/v1/devices", None) == 401
    assert status("GET", "/metrics", None) == 401
    assert status("GET", "/v1/devices", "not-the-token-0123456789") == 401
    assert status("GET", "/v1/devices", TOKENS["reader"]) == 200
    assert status("POST", "/v1/discoveries", TOKENS["reader"]) == 403
    assert status("POST", "/v1/discoveries", TOKENS["operator"]) == 202
    assert status("GET", "/healthz", None) == 200


def test_the_command_line_trusts_the_named_authority_and_tells_no_token(
    daemon: Daemon, tmp_path: Path
) -> None:
    authority: dict[str, Any] = {"FLEETD_TOKEN": TOKENS["reader"]}

    untrusted = fleetctl(daemon, "devices", **authority)
    nameless = fleetctl(daemon, "--ca-file", f"{tmp_path}/certificate.pem", "devices")
    read = fleetctl(daemon, "--ca-file", f"{tmp_path}/certificate.pem", "devices", **authority)
    forbidden = fleetctl(
        daemon,
        *("--ca-file", f"{tmp_path}/certificate.pem", "discover", "127.0.0.1"),
        **authority,
    )

    assert untrusted[0] == 1
    assert "certificate" in untrusted[1]
    assert nameless[0] == 4
    assert read[0] == 0
    assert forbidden[0] == 4
    said = "".join(text for _, text in (untrusted, nameless, read, forbidden))
    log = daemon.log.read_text()
    assert not any(token in said + log for token in TOKENS.values())
