"""From a request to its answer out of a captured tree, byte for byte as it was captured."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl

import orjson

from fleetd_emulators.mockups.status import status_of
from fleetd_emulators.mockups.tree import ROOT, Tree
from fleetd_emulators.protocol.exchange import Request, Response
from fleetd_emulators.protocol.features import Features
from fleetd_emulators.protocol.gate import Gate
from fleetd_emulators.protocol.problems import (
    JSON_TYPE,
    Json,
    json_response,
    not_allowed,
    not_found,
    parse_object,
)
from fleetd_emulators.protocol.query import Unanswerable, shape
from fleetd_emulators.protocol.services import METADATA, SESSIONS, FrontServices

_OPEN: Final = frozenset({"/redfish", ROOT, f"{ROOT}/odata", f"{ROOT}/$metadata"})
_SHAPING: Final = frozenset({"$expand", "$select", "$top", "$skip"})
_TEXT: Final = "text/plain; charset=utf-8"


class MockupDesk:
    """Answers for one tree: reads from its files, logins by the gate, refuses every change.

    Without a gate everything may be read by anybody, and any login is let in: clients that log
    in before they read can do so.
    """

    def __init__(
        self, tree: Tree, gate: Gate | None, features: Features, *, sessions: bool = True
    ) -> None:
        self._tree = tree
        self._sessions = sessions
        self._gate = gate
        root = tree.root()
        self._features = _promised(features, root)
        self._open_gate = gate or _AnyLogin(features)
        self._services = FrontServices(self._open_gate, features)
        self._logins = {SESSIONS.lower(), f"{SESSIONS}/Members".lower(), *_login_places(root)}

    async def answer(self, request: Request) -> Response:
        """Answer one request; its path and query are as they came over the wire."""
        path = request.path.rstrip("/") or "/"
        asked = Request(
            method="GET" if request.method == "HEAD" else request.method,
            path=path,
            query=request.query,
            headers=request.headers,
            body=request.body,
        )
        if self._sessions and asked.method == "POST" and path.lower() in self._logins:
            return self._login(asked)
        if self._gate is not None and (asked.method != "GET" or path.lower() not in _OPEN):
            refusal = self._gate.check(asked.headers)
            if refusal is not None:
                return refusal
        if asked.method == "GET":
            return await self._get(asked)
        if asked.method == "DELETE" and path.startswith(f"{SESSIONS}/"):
            return self._services.handle(asked) or not_found(path)
        known = self._tree.find(path) is not None
        return not_allowed(asked.method, path, "GET, HEAD") if known else not_found(path)

    def _login(self, request: Request) -> Response:
        if isinstance(self._open_gate, _AnyLogin):
            self._open_gate.admit(parse_object(request.body))
        return self._services.login(request)

    async def _get(self, request: Request) -> Response:
        file = self._tree.find(request.path, request.query) if request.query else None
        shaping = not file and _SHAPING.intersection(_names(request.query))
        file = file or self._tree.find(request.path)
        if file is None:
            return self._own(request)
        body = file.read_bytes()
        if file.suffix == ".xml":
            return Response(status=200, headers={"content-type": "application/xml"}, body=body)
        status = status_of(body)
        if shaping and status == HTTPStatus.OK:
            return await self._shaped(request, body)
        kind = JSON_TYPE if body[:1] in b"{[" else _TEXT
        return Response(status=status, headers={"content-type": kind}, body=body)

    def _own(self, request: Request) -> Response:
        """What the protocol asks of every service, where the capture hasn't it."""
        if request.path == "/redfish":
            return json_response({"v1": f"{ROOT}/"})
        if request.path == f"{ROOT}/$metadata":
            return Response(status=200, headers={"content-type": "application/xml"}, body=METADATA)
        return self._services.handle(request) or not_found(request.path)

    async def _shaped(self, request: Request, body: bytes) -> Response:
        """The answer that the service would have made of a query that wasn't captured.

        A page that wasn't captured can't be made: what is on it is unknown.
        """
        document = _object(body)
        if document is None:
            return Response(status=200, headers={"content-type": JSON_TYPE}, body=body)
        if "Members@odata.nextLink" in document and "$skip" in _names(request.query):
            return not_found(f"{request.path}?{request.query}")
        try:
            shaped = await shape(document, request.query, self._features, self._document)
        except Unanswerable as unanswerable:
            return unanswerable.response
        return json_response(shaped)

    async def _document(self, path: Any) -> Json | None:
        """A linked document, for ``$expand``; links in captures may be anything."""
        file = self._tree.find(path.partition("#")[0]) if isinstance(path, str) else None
        body = file.read_bytes() if file is not None else b""
        return _object(body) if status_of(body) == HTTPStatus.OK else None


class _AnyLogin(Gate):
    """Lets everybody in who sends a name and a password."""

    def __init__(self, features: Features) -> None:
        super().__init__({}, features)

    def admit(self, body: Json | None) -> None:
        """Take the name and password of a login as an account's."""
        username, password = (body or {}).get("UserName"), (body or {}).get("Password")
        if isinstance(username, str) and isinstance(password, str):
            self.accounts.admit(username, password)


def _promised(features: Features, root: Json) -> Features:
    """What the captured root says that its service can do with queries."""
    promised = root.get("ProtocolFeaturesSupported")
    promised = promised if isinstance(promised, dict) else {}
    expand = promised.get("ExpandQuery")
    expand = dict(expand) if isinstance(expand, dict) else {}
    if not isinstance(expand.get("MaxLevels"), int):
        expand.pop("MaxLevels", None)
    return features.agreeing_with(
        {"ProtocolFeaturesSupported": {**promised, "ExpandQuery": expand}}
    )


def _login_places(root: Json) -> list[str]:
    links = root.get("Links")
    sessions = links.get("Sessions") if isinstance(links, dict) else None
    path = sessions.get("@odata.id") if isinstance(sessions, dict) else None
    return [path.rstrip("/").lower()] if isinstance(path, str) else []


def _names(query: str) -> set[str]:
    return {name for name, _ in parse_qsl(query, keep_blank_values=True)}


def _object(body: bytes) -> Json | None:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return document if isinstance(document, dict) else None
