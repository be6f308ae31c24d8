"""fleetctl fails with one line and an exit code that means something, never with a traceback."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fleetd.domain.errors import StoreBusy
from tests.cli.conftest import FLEETCTL, Ctl, Outcome, run_fleetctl
from tests.support.api_server import TOKENS, serve_api
from tests.support.fakes import FakeFleet


def assert_one_line(result: Outcome) -> None:
    assert result.out == ""
    assert result.err.startswith("fleetctl: ")
    assert result.err.count("\n") == 1
    assert "Traceback" not in result.err


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["bogus"], 2, "bogus"),
        (["devices", "--bogus"], 2, "--bogus"),
        (["devices", "--kind", "toaster"], 2, "kind"),
        (["devices", "-o", "xml"], 2, "xml"),
        (["device", "show"], 2, "DEVICE"),
        (["device", "show", "nobody"], 3, "'nobody'"),
        (["device", "show", "../../healthz"], 3, "'../../healthz'"),
        (["endpoints", "remove", "10.1.1.1"], 3, "'10.1.1.1'"),
        (["endpoints", "add", "ftp://x"], 2, "ftp://x"),
        (["endpoints", "add", "10.1.1.1", "--label", "x"], 2, "KEY=VALUE"),
        (["discover", "10.0.0.0/33"], 2, "10.0.0.0/33"),
        (["enrollments", "--standing", "happy"], 2, "standing"),
        (["--url", "ftp://x", "devices"], 2, "ftp://x"),
        (["--url", "http://[::1", "devices"], 2, "http://[::1"),
        (["--token-file", "/nonexistent", "devices"], 2, "/nonexistent"),
        (["--ca-file", "/nonexistent", "devices"], 2, "/nonexistent"),
    ],
)
async def test_wrong_usage_and_unknown_things_are_one_line(
    ctl: Ctl, arguments: list[str], code: int, words: str
) -> None:
    result = await ctl(*arguments)

    assert_one_line(result)
    assert result.code == code
    assert words in result.err


@pytest.mark.asyncio
async def test_without_a_command_the_help_is_shown(ctl: Ctl) -> None:
    result = await ctl()

    assert result.code == 2
    assert "Commands:" in result.out + result.err


@pytest.mark.asyncio
async def test_a_service_that_is_not_there_is_a_failure(unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"

    result = await run_fleetctl("--url", url, "devices")

    assert_one_line(result)
    assert result.code == 1
    assert result.err == f"fleetctl: {url} can't be reached: Connection refused\n"


@pytest.mark.asyncio
async def test_trouble_at_the_service_is_a_failure(ctl: Ctl, fleet: FakeFleet) -> None:
    fleet.devices.failure = StoreBusy("the database is locked")

    result = await ctl("devices")

    assert_one_line(result)
    assert result.code == 1
    assert "the database is locked" in result.err


@pytest_asyncio.fixture
async def stranger() -> AsyncIterator[str]:
    """Something that is no fleetd: a page for whatever is asked, 502 below /bad."""

    async def answer(request: web.Request) -> web.Response:
        status = 502 if request.path.startswith("/bad") else 200
        return web.Response(text="<html>welcome</html>", content_type="text/html", status=status)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.mark.asyncio
@pytest.mark.parametrize("path", ["", "/bad"])
@pytest.mark.parametrize(
    "command", [["devices"], ["version"], ["discover"], ["device", "show", "x"]]
)
async def test_something_else_than_fleetd_is_told_as_that(
    stranger: str, path: str, command: list[str]
) -> None:
    result = await run_fleetctl("--url", stranger + path, *command)

    assert_one_line(result)
    assert result.code == 1
    assert "is no fleetd" in result.err


@pytest.mark.asyncio
async def test_the_token_comes_from_the_environment_or_a_file(
    fleet: FakeFleet, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text("reader-token\n")
    async with serve_api(fleet, tokens=TOKENS) as url:
        nobody = await run_fleetctl("--url", url, "devices")
        wrong = await run_fleetctl("--url", url, "devices", FLEETD_TOKEN="guessed")
        by_variable = await run_fleetctl("--url", url, "devices", FLEETD_TOKEN="reader-token")
        by_file = await run_fleetctl("--url", url, "--token-file", str(file), "devices")
        too_low = await run_fleetctl("--url", url, "--token-file", str(file), "discover")

    assert (nobody.code, wrong.code, too_low.code) == (4, 4, 4)
    assert (by_variable.code, by_file.code) == (0, 0)
    for refused in (nobody, wrong, too_low):
        assert_one_line(refused)
        assert "reader-token" not in refused.err
        assert "guessed" not in refused.err


@pytest.mark.asyncio
async def test_a_certificate_is_trusted_by_the_authority_that_is_named(
    fleet: FakeFleet, tmp_path: Path
) -> None:
    certificate, key = a_certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    async with serve_api(fleet, tls=tls) as url:
        unknown = await run_fleetctl("--url", url, "devices")
        named = await run_fleetctl("--url", url, "--ca-file", str(certificate), "devices")

    assert_one_line(unknown)
    assert unknown.code == 1
    assert "certificate is not trusted" in unknown.err
    assert (named.code, named.err) == (0, "")


def a_certificate(folder: Path) -> tuple[Path, Path]:
    """A self-signed certificate of 127.0.0.1 and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "fleetd test")])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    pem = serialization.Encoding.PEM
    files[0].write_bytes(certificate.public_bytes(pem))
    plain = serialization.NoEncryption()
    files[1].write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    return files


@pytest.mark.asyncio
async def test_a_token_is_not_sent_in_clear_to_another_host() -> None:
    result = await run_fleetctl("--url", "http://192.0.2.1", "devices", FLEETD_TOKEN="t0ken")

    assert_one_line(result)
    assert result.code == 2
    assert "t0ken" not in result.err


@pytest.mark.asyncio
@pytest.mark.parametrize("text", ["", "\n", "a b\nc", "töken"])
async def test_a_token_file_without_a_usable_token_is_refused(
    ctl: Ctl, tmp_path: Path, text: str
) -> None:
    file = tmp_path / "token"
    file.write_text(text, encoding="utf-8")

    result = await ctl("--token-file", str(file), "devices")

    assert_one_line(result)
    assert result.code == 2


@pytest.mark.asyncio
@pytest.mark.parametrize("form", ["table", "json", "yaml"])
async def test_a_reader_that_goes_ends_it_quietly(url: str, fleet: FakeFleet, form: str) -> None:
    assert fleet.devices.by_id
    command = f"{FLEETCTL} --url {url} device show dev-0001 --history -o {form}"
    process = await asyncio.create_subprocess_exec(
        *("bash", "-c", f"{command} | true; exit ${{PIPESTATUS[0]}}"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"PATH": "/usr/bin:/bin"},
    )

    async with asyncio.timeout(60):
        out, err = await process.communicate()

    assert (process.returncode, out, err) == (141, b"", b"")
