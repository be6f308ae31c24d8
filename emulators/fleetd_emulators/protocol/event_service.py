"""Subscriptions to events, and the events' way to whoever subscribed.

Source: DSP0268 "EventService" and "EventDestination"; DSP0266 "Eventing". Events leave for loopback
only, as the emulated BMCs are on loopback; other destinations are taken and nothing is sent there.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Coroutine
from contextlib import suppress
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

import aiohttp

from fleetd_emulators.protocol.exchange import Request, Response
from fleetd_emulators.protocol.problems import (
    Json,
    bad_json,
    collection,
    extended,
    json_response,
    not_allowed,
    not_found,
    parse_object,
    problem,
)
from fleetd_emulators.protocol.subscription import (
    SUBSCRIPTIONS,
    Subscription,
    headers_of,
    refusal_of_change,
    refusal_of_new,
)

EVENT_SERVICE: Final = "/redfish/v1/EventService"
TEST_EVENT: Final = f"{EVENT_SERVICE}/Actions/EventService.SubmitTestEvent"
DELIVERY_TIMEOUT_S: Final = 5
MOST_SUBSCRIPTIONS: Final = 20

_TEST_PARAMETERS: Final = frozenset(
    {
        *("EventId", "EventType", "EventTimestamp", "Message", "MessageArgs", "MessageId"),
        *("OriginOfCondition", "Severity", "MessageSeverity", "EventGroupId"),
    }
)


class EventService:
    """Answers for subscriptions and sends events; ``close`` ends what is under way."""

    def __init__(self) -> None:
        self._subscriptions: dict[str, Subscription] = {}
        self._numbers = itertools.count(1)
        self._events = itertools.count(1)
        self._sending: set[asyncio.Task[None]] = set()
        self._client: aiohttp.ClientSession | None = None

    def handle(self, request: Request) -> Response | None:
        """Answer for a resource or an action of the service; None says it is none of ours."""
        path = request.path
        if path == SUBSCRIPTIONS:
            return self._collection(request)
        if path.startswith(f"{SUBSCRIPTIONS}/"):
            return self._one(request, path.removeprefix(f"{SUBSCRIPTIONS}/"))
        if path == TEST_EVENT:
            return self._test(request)
        return None

    def emit(self, message_id: str, message: str, arguments: tuple[str, ...], origin: str) -> None:
        """Tell every subscriber that something happened to the resource at ``origin``."""
        told = extended(message_id, message, resolution="None.", arguments=arguments, severity="OK")
        self._send({**told, "OriginOfCondition": {"@odata.id": origin}})

    async def close(self) -> None:
        """End deliveries that are under way."""
        tasks = tuple(self._sending)
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task
        if self._client is not None:
            await self._client.close()

    def _collection(self, request: Request) -> Response:
        if request.method == "POST":
            return self._subscribe(request)
        if request.method != "GET":
            return not_allowed(request.method, request.path, "GET, HEAD, POST")
        members = [f"{SUBSCRIPTIONS}/{one}" for one in self._subscriptions]
        return json_response(
            collection(SUBSCRIPTIONS, "EventDestinationCollection", "Subscriptions", members)
        )

    def _subscribe(self, request: Request) -> Response:
        body = parse_object(request.body)
        if body is None:
            return bad_json()
        refusal = refusal_of_new(body)
        if refusal is not None:
            return refusal
        if len(self._subscriptions) >= MOST_SUBSCRIPTIONS:
            return problem(
                400,
                "CreateLimitReachedForResource",
                "The create operation failed because the resource has reached the limit of "
                "possible resources.",
            )
        identity = str(next(self._numbers))
        headers = headers_of(body)
        made = Subscription(id=identity, given=body, headers=headers)
        self._subscriptions[identity] = made
        return json_response(
            made.document(), status=201, headers={"location": f"{SUBSCRIPTIONS}/{identity}"}
        )

    def _one(self, request: Request, identity: str) -> Response:
        found = self._subscriptions.get(identity)
        if found is None:
            return not_found(request.path)
        if request.method == "DELETE":
            del self._subscriptions[identity]
            return Response(status=HTTPStatus.NO_CONTENT)
        if request.method == "PATCH":
            return self._change(request, found)
        if request.method != "GET":
            return not_allowed(request.method, request.path, "GET, HEAD, PATCH, DELETE")
        return json_response(found.document())

    def _change(self, request: Request, found: Subscription) -> Response:
        body = parse_object(request.body)
        if body is None:
            return bad_json()
        refusal = refusal_of_change(body)
        if refusal is not None:
            return refusal
        headers = headers_of(body)
        changed = Subscription(
            id=found.id, given={**found.given, **body}, headers={**found.headers, **headers}
        )
        self._subscriptions[found.id] = changed
        return json_response(changed.document())

    def _test(self, request: Request) -> Response:
        if request.method != "POST":
            return not_allowed(request.method, request.path, "POST")
        body = parse_object(request.body or b"{}")
        if body is None:
            return bad_json()
        for name in body:
            if name not in _TEST_PARAMETERS:
                return problem(
                    400,
                    "ActionParameterUnknown",
                    f"The action EventService.SubmitTestEvent does not have a parameter {name}.",
                )
        body.setdefault("MessageId", "Base.1.18.Success")
        origin = body.pop("OriginOfCondition", None)
        if isinstance(origin, str):
            body["OriginOfCondition"] = {"@odata.id": origin}
        self._send(body)
        return Response(status=HTTPStatus.NO_CONTENT)

    def _send(self, record: Json) -> None:
        number = str(next(self._events))
        record = {
            "EventType": "Other",
            "EventTimestamp": datetime.now(UTC).isoformat(timespec="seconds"),
            **record,
            "EventId": record.get("EventId", number),
            "MemberId": "0",
        }
        for one in self._subscriptions.values():
            if one.is_near:
                event = {
                    "@odata.type": "#Event.v1_7_0.Event",
                    "Id": number,
                    "Name": "Event",
                    "Context": one.given.get("Context", ""),
                    "Events": [record],
                }
                self._start(self._deliver(one, event))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="delivery of an event")
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _deliver(self, subscription: Subscription, event: Json) -> None:
        """Send once; a subscriber that is not there misses it, as from most BMCs."""
        if self._client is None:
            self._client = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=DELIVERY_TIMEOUT_S),
                connector=aiohttp.TCPConnector(ssl=False),
            )
        with suppress(aiohttp.ClientError, TimeoutError):
            async with self._client.post(
                subscription.destination, json=event, headers=subscription.headers
            ) as answer:
                await answer.read()
