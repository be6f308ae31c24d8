"""From a request to its answer: authentication, routing, conditions, queries; no sockets."""

from __future__ import annotations

import asyncio
import hashlib
import re
from dataclasses import replace
from http import HTTPStatus
from typing import Final

import orjson

from fleetd_emulators.protocol import privileges
from fleetd_emulators.protocol.account_service import AccountService
from fleetd_emulators.protocol.event_service import EVENT_SERVICE, EventService
from fleetd_emulators.protocol.exchange import Backend, Request, Response
from fleetd_emulators.protocol.features import Features
from fleetd_emulators.protocol.gate import Gate
from fleetd_emulators.protocol.manners import Manners
from fleetd_emulators.protocol.problems import (
    Json,
    json_response,
    not_allowed,
    parse_object,
    problem,
)
from fleetd_emulators.protocol.query import Unanswerable, shape
from fleetd_emulators.protocol.services import (
    METADATA,
    ROOT,
    SESSIONS,
    FrontServices,
    decorate_root,
    service_document,
)

CHANGING: Final = frozenset({"PATCH", "PUT", "DELETE"})
SCHEMAS: Final = "http://redfish.dmtf.org/schemas/v1"
_TYPE: Final = re.compile(rb'"@odata\.type":"#([^"]+)"')
_NO_OPERATION: Final = problem(
    400,
    "NoOperation",
    "The request body submitted contain no data to act upon and no changes to the resource took "
    "place.",
    resolution="Add properties in the JSON object and resubmit the request.",
)
_EVENTS: Final = "ResourceEvent.1.3"
# By method and whether something was created: the message, and what it says.
_TOLD: Final = {
    ("POST", True): ("ResourceCreated", "was created successfully"),
    ("POST", False): ("ResourceChanged", "has changed"),
    ("PATCH", False): ("ResourceChanged", "has changed"),
    ("DELETE", False): ("ResourceRemoved", "was removed successfully"),
}
OPEN_PATHS: Final = frozenset({"/redfish", ROOT, f"{ROOT}/$metadata", f"{ROOT}/odata"})


class Desk:
    """Answers the requests to one BMC: the front's own resources first, then the backend's."""

    def __init__(self, backend: Backend, gate: Gate, features: Features) -> None:
        self._backend = backend
        self._gate = gate
        self._features = features
        self._services = FrontServices(gate, features)
        self._accounts = AccountService(gate)
        self._manners = Manners(gate, features)
        self._events = EventService()
        self._writing = asyncio.Lock()
        self._methods: dict[str, str] = {ROOT: "GET, HEAD"}

    async def close(self) -> None:
        """Send no more events."""
        await self._events.close()

    async def answer(self, request: Request) -> Response:
        """Answer one request; its path has no trailing slash."""
        version = request.headers.get("odata-version", "4.0")
        if version != "4.0":
            return problem(412, "HeaderInvalid", f"The OData-Version {version} is not supported.")
        if request.method == "HEAD":
            asked = _as_get(request)
            return await self._admit(asked)
        return await self._admit(request)

    async def _admit(self, request: Request) -> Response:
        if request.path in OPEN_PATHS:
            if request.method != "GET":
                return not_allowed(request.method, request.path, "GET, HEAD")
            return await self._open(request)
        if request.method == "POST" and request.path.endswith("/Members"):
            # DSP0266 "POST (create)": the same as a POST to the collection.
            request = replace(request, path=request.path.removesuffix("/Members"))
        if request.method == "POST" and request.path == SESSIONS:
            return self._services.login(request)
        refusal = (
            self._gate.check(request.headers)
            or self._manners.refuse(request)
            or self._lacks_privilege(request)
        )
        if refusal is not None:
            return refusal
        return await self._serve(request)

    def _lacks_privilege(self, request: Request) -> Response | None:
        session = self._gate.find(request.path.rpartition("/")[2])
        owner = session.username if session is not None else None
        return privileges.refuse(request, self._gate.account(request.headers), owner)

    async def _open(self, request: Request) -> Response:
        if request.path == "/redfish":
            return json_response({"v1": f"{ROOT}/"})
        if request.path.endswith("/$metadata"):
            return Response(status=200, headers={"content-type": "application/xml"}, body=METADATA)
        root = await self._document(ROOT)
        if root is None:
            return problem(503, "ServiceInUnknownState", "The service has no root yet.")
        if request.path.endswith("/odata"):
            return service_document(root)
        refusal = self._gate.check(request.headers) if "$expand" in request.query else None
        if refusal is not None:
            return refusal
        return await self._finish(request, json_response(root))

    async def _serve(self, request: Request) -> Response:
        if request.method == "PATCH" and await self._changes_nothing(request):
            return _NO_OPERATION
        own = self._services.handle(request)
        if own is None and request.method in CHANGING and "if-match" in request.headers:
            response = await self._changed_if_matching(request)
        else:
            response = own or await self._from_backend(request)
        if request.method == "GET" and response.status == HTTPStatus.OK:
            return await self._finish(request, response)
        if (request.method, response.status == HTTPStatus.CREATED) in _TOLD:
            self._tell(request, response)
        return response

    async def _from_backend(self, request: Request) -> Response:
        if request.path.startswith(f"{EVENT_SERVICE}/") and await self._has_events():
            answer = self._events.handle(request)
            if answer is not None:
                return answer
        response = await self._backend.handle(request)
        if response.status == HTTPStatus.NOT_FOUND:
            return self._accounts.handle(request) or response
        return response

    async def _changes_nothing(self, request: Request) -> bool:
        """Whether it gives only OData annotations to what takes changes."""
        body = parse_object(request.body)
        if not body or not all("@odata." in name for name in body):
            return False
        return "PATCH" in await self._allowed(request.path)

    async def _allowed(self, path: str) -> str:
        """The methods that the resource takes, as its refusal of another one says them."""
        known = self._methods.get(path)
        if known is not None:
            return known
        asked = Request(method="OPTIONS", path=path)
        refusal = self._services.handle(asked) or await self._from_backend(asked)
        if refusal.status != HTTPStatus.METHOD_NOT_ALLOWED:
            return "GET, HEAD"
        self._methods[path] = refusal.headers.get("allow", "GET, HEAD")
        return self._methods[path]

    async def _has_events(self) -> bool:
        """Whether the backend's tree has an event service."""
        found = await self._backend.handle(Request(method="GET", path=EVENT_SERVICE))
        return found.status == HTTPStatus.OK

    def _tell(self, request: Request, response: Response) -> None:
        """Let subscribers know of a change that was made (DSP8011 "ResourceEvent")."""
        if response.status >= HTTPStatus.BAD_REQUEST or request.path.startswith(EVENT_SERVICE):
            return
        key, words = _TOLD[request.method, response.status == HTTPStatus.CREATED]
        origin = request.path.partition("/Actions/")[0]
        self._events.emit(f"{_EVENTS}.{key}", f"The resource {words}.", (), origin)

    async def _changed_if_matching(self, request: Request) -> Response:
        """Look at the ETag and change in one go, so that of two writers one is refused."""
        async with self._writing:
            return await self._conflict(request) or await self._from_backend(request)

    async def _conflict(self, request: Request) -> Response | None:
        wanted = request.headers.get("if-match")
        if wanted is None or wanted == "*":
            return None
        current = await self._from_backend(Request(method="GET", path=request.path))
        if current.status != HTTPStatus.OK or _weak(wanted) == _weak(etag_of(current)):
            return None
        return problem(
            412,
            "PreconditionFailed",
            "The ETag supplied did not match the ETag required to change this resource.",
        )

    async def _finish(self, request: Request, response: Response) -> Response:
        if request.query:
            try:
                response = await self._shaped(request, response)
            except Unanswerable as unanswerable:
                return unanswerable.response
        elif self._features.page and b'"Members"' in response.body:
            response = await self._shaped(request, response)
        response = await self._described(request, response)
        tag = etag_of(response)
        known = {_weak(part) for part in request.headers.get("if-none-match", "").split(",")}
        if _weak(tag) in known:
            return Response(status=304, headers={"etag": tag})
        return Response(
            status=response.status, headers={**response.headers, "etag": tag}, body=response.body
        )

    async def _described(self, request: Request, response: Response) -> Response:
        """The answer with its methods and its schema in the headers (DSP0266)."""
        headers = {**response.headers, "allow": await self._allowed(request.path)}
        kind = _TYPE.search(response.body)
        if kind is not None:
            schema = kind[1].decode().rpartition(".")[0]
            headers["link"] = f"<{SCHEMAS}/{schema}.json>; rel=describedby"
        return replace(response, headers=headers)

    async def _shaped(self, request: Request, response: Response) -> Response:
        try:
            document = orjson.loads(response.body)
        except orjson.JSONDecodeError:
            return response
        shaped = await shape(document, request.query, self._features, self._document)
        return json_response(shaped) if shaped is not document else response

    async def _document(self, path: str) -> Json | None:
        """A document of this BMC, the front's or the backend's."""
        request = Request(method="GET", path=path.partition("#")[0].rstrip("/"))
        response = self._services.handle(request) or await self._from_backend(request)
        if response.status != HTTPStatus.OK:
            return None
        try:
            document: Json = orjson.loads(response.body)
        except orjson.JSONDecodeError:
            return None
        return decorate_root(document, self._features) if request.path == ROOT else document


def etag_of(response: Response) -> str:
    """The backend's ETag, or a weak one made from the body."""
    given = response.headers.get("etag")
    if given is not None:
        return given
    digest = hashlib.blake2b(response.body, digest_size=8).hexdigest()
    return f'W/"{digest}"'


def _weak(tag: str) -> str:
    return tag.strip().removeprefix("W/").strip('"')


def _as_get(request: Request) -> Request:
    return Request(
        method="GET",
        path=request.path,
        query=request.query,
        headers=request.headers,
        body=request.body,
    )
