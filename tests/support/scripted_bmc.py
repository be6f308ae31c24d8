"""A BMC for tests of the client: a few resources, sessions, and scripted misbehaviour.

It speaks over real sockets, with TLS or without, and counts what it saw.
"""

from __future__ import annotations

import asyncio
import base64
import datetime
import ssl
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Act = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]

USERNAME = "operator"
PASSWORD = "correct-horse-battery"

ROOT: dict[str, Any] = {
    "@odata.id": "/redfish/v1/",
    "@odata.type": "#ServiceRoot.v1_15_0.ServiceRoot",
    "Id": "RootService",
    "RedfishVersion": "1.15.0",
    "UUID": "92384634-2938-2342-8820-489239905423",
    "Vendor": "Contoso",
    "Product": "Contoso BMC",
    "Oem": {"Contoso": {}},
    "Systems": {"@odata.id": "/redfish/v1/Systems"},
    "Chassis": {"@odata.id": "/redfish/v1/Chassis"},
    "SessionService": {"@odata.id": "/redfish/v1/SessionService"},
    "Links": {"Sessions": {"@odata.id": "/redfish/v1/SessionService/Sessions"}},
}
SYSTEM = "/redfish/v1/Systems/1"


@dataclass(kw_only=True)
class ScriptedBmc:
    """What it serves and does can be changed at any time.

    ``script`` holds, for ``"GET /path"``, acts to be done in place of the next answers;
    ``always`` the act for every answer.
    """

    resources: dict[str, Any] = field(default_factory=dict)
    script: dict[str, list[Act]] = field(default_factory=dict)
    always: dict[str, Act] = field(default_factory=dict)
    session_limit: int = 8
    sessions_at: str = "/redfish/v1/SessionService/Sessions"
    basic: bool = False
    sessions: dict[str, str] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    logins: Counter[str] = field(default_factory=Counter)
    connections: int = 0
    in_flight: int = 0
    most_in_flight: int = 0
    address: str = ""
    fingerprint: str = ""
    _made: int = 0

    def count(self, request: str) -> int:
        """How often it was asked, as ``"GET /path"``."""
        return self.requests.count(request)

    def forget_sessions(self) -> None:
        self.sessions.clear()

    def then(self, request: str, *acts: Act) -> None:
        """Do these acts for the next such requests."""
        self.script.setdefault(request, []).extend(acts)

    async def serve(self, request: web.BaseRequest) -> web.StreamResponse:
        name = f"{request.method} {request.path}"
        self.requests.append(name)
        self.headers.append(dict(request.headers))
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            acts = self.script.get(name)
            if acts:
                return await acts.pop(0)(request)
            if name in self.always:
                return await self.always[name](request)
            return await self.answer(request)
        finally:
            self.in_flight -= 1

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer as a sound BMC does."""
        path = request.path
        if path.rstrip("/") == "/redfish/v1":
            return web.json_response(self.resources["/redfish/v1/"])
        if path == self.sessions_at and request.method == "POST":
            return await self._login(request)
        if not self._may_pass(request):
            return problem(401, "Base.1.0.NoValidSession", "There is no valid session.")
        if request.method == "DELETE" and path.startswith(self.sessions_at):
            return self._logout(path)
        document = self.resources.get(path)
        if document is None:
            return problem(404, "Base.1.0.ResourceMissingAtURI", f"No {path}.")
        return web.json_response(document)

    async def _login(self, request: web.BaseRequest) -> web.StreamResponse:
        body = await request.json()
        if (body["UserName"], body["Password"]) != (USERNAME, PASSWORD):
            self.logins["wrong"] += 1
            text = f"The password {body['Password']} is wrong."
            return problem(401, "Base.1.0.ResourceAtUriUnauthorized", text)
        if len(self.sessions) >= self.session_limit:
            return problem(503, "IDRAC.2.8.RAC0218", "The maximum number of sessions is reached.")
        self.logins["right"] += 1
        self._made += 1
        uri, token = f"{self.sessions_at}/{self._made}", f"token-{self._made}-of-{id(self)}"
        self.sessions[token] = uri
        return web.json_response(
            {"@odata.id": uri}, status=201, headers={"X-Auth-Token": token, "Location": uri}
        )

    def _logout(self, path: str) -> web.StreamResponse:
        self.sessions = {token: uri for token, uri in self.sessions.items() if uri != path}
        return web.Response(status=204)

    def _may_pass(self, request: web.BaseRequest) -> bool:
        if request.headers.get("X-Auth-Token") in self.sessions:
            return True
        if not request.headers.get("Authorization"):
            return False
        pair = request.headers["Authorization"].partition(" ")[2]
        right = base64.b64decode(pair).decode() == f"{USERNAME}:{PASSWORD}"
        self.logins["right" if right else "wrong"] += 1
        return self.basic and right


def problem(
    status: int, message_id: str, text: str, headers: dict[str, str] | None = None
) -> web.Response:
    """An error body as DSP0266 'Error responses' has it."""
    info = [{"MessageId": message_id, "Message": text, "Severity": "Warning"}]
    body = {"error": {"code": "Base.1.0.GeneralError", "@Message.ExtendedInfo": info}}
    return web.json_response(body, status=status, headers=headers)


def says(status: int, message_id: str = "Base.1.0.GeneralError", **headers: str) -> Act:
    """Answer with an error; header names have underscores for dashes."""

    async def act(_: web.BaseRequest) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return problem(status, message_id, "It does not work now.", named)

    return act


def sends(body: bytes, content_type: str = "application/json", status: int = 200) -> Act:
    """Answer with these bytes."""

    async def act(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(body=body, content_type=content_type, status=status)

    return act


def waits_for(event: asyncio.Event, then: Act | None = None) -> Act:
    """Hold the answer back until the event."""

    async def act(request: web.BaseRequest) -> web.StreamResponse:
        await event.wait()
        return await then(request) if then else web.json_response({"Id": "late"})

    return act


async def drops(request: web.BaseRequest) -> web.StreamResponse:
    """Close the connection without an answer."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def breaks_within_the_body(request: web.BaseRequest) -> web.StreamResponse:
    """Promise more bytes than are sent, and close."""
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"Id": "half')
    assert request.transport is not None
    request.transport.abort()
    return response


def standard_resources() -> dict[str, Any]:
    """A small server."""
    return {
        "/redfish/v1/": dict(ROOT),
        "/redfish/v1/Systems": {
            "@odata.id": "/redfish/v1/Systems",
            "Members": [{"@odata.id": SYSTEM}],
            "Members@odata.count": 1,
        },
        SYSTEM: {"@odata.id": SYSTEM, "Id": "1", "Name": "System", "PowerState": "On"},
    }


@asynccontextmanager
async def running_bmc(*, tls: bool = False, **settings: Any) -> AsyncIterator[ScriptedBmc]:
    """A BMC on a free port of the loopback address."""
    bmc = ScriptedBmc(resources=standard_resources(), **settings)
    runner = web.ServerRunner(
        web.Server(bmc.serve, handler_cancellation=True), handle_signals=False, shutdown_timeout=0
    )
    await runner.setup()
    context = None
    if tls:
        context, bmc.fingerprint = _self_signed()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    host, port = runner.addresses[0][:2]
    bmc.address = f"{'https' if tls else 'http'}://{host}:{port}"
    try:
        yield bmc
    finally:
        await runner.cleanup()


@asynccontextmanager
async def listening(
    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
) -> AsyncIterator[str]:
    """Something else than HTTP on a free port; gives its http:// address."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"


def _self_signed() -> tuple[ssl.SSLContext, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bmc")])
    now = datetime.datetime.now(datetime.UTC)
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(alternative, critical=False)
        .sign(key, hashes.SHA256())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        pem = Path(folder, "bmc.pem")
        pem.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context.load_cert_chain(pem)
    return context, certificate.fingerprint(hashes.SHA256()).hex()
