"""From a request to a handler's call and back: authorise, check, call once, present."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final, TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from fleetd.api import requestlog
from fleetd.api.caller import Gate
from fleetd.api.errors import (
    Fault,
    InvalidBody,
    InvalidQuery,
    MalformedBody,
    TooSlow,
    WrongMediaType,
)
from fleetd.api.idempotency import Replays
from fleetd.api.ports import ApiServices
from fleetd.api.representation import to_json, write
from fleetd.api.route import Answer, Call, Outcome, Route
from fleetd.api.schemas.shape import IDENTIFIER, Nothing, Shape
from fleetd.domain.errors import InvalidInput, NotFound
from fleetd.telemetry.redact import Redactor

M = TypeVar("M", bound=Shape)
_WITH_BODY: Final = frozenset({"POST", "PUT"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What every route of one application shares."""

    services: ApiServices
    gate: Gate
    replays: Replays
    page_limit: int
    request_timeout: timedelta
    redactor: Redactor


def serve(route: Route, context: Context) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The aiohttp handler of a route."""

    async def handle(request: web.Request) -> web.StreamResponse:
        caller = context.gate.identify(request)
        requestlog.note_caller(request, caller)
        context.gate.admit(caller, route.role)
        if route.streams:
            return await _answer(route, context, request)
        try:
            async with asyncio.timeout(context.request_timeout.total_seconds()):
                return await _answer(route, context, request)
        except TimeoutError as error:
            raise TooSlow("the request took too long; it may still have had its effect") from error

    return handle


async def _answer(route: Route, context: Context, request: web.Request) -> web.StreamResponse:
    caller = requestlog.caller_of(request)
    raw = await request.read() if request.method in _WITH_BODY else b""
    call: Call[Any, Any] = Call(
        services=context.services,
        caller=caller,
        path=_path(request),
        query=_query(route.query, request),
        body=_body(route.body or Nothing, request, raw),
        page_limit=context.page_limit,
        if_match=request.headers.get("If-Match") if route.heeds_if_match else None,
        request=request,
        redactor=context.redactor,
    )

    async def perform() -> web.StreamResponse:
        return _present(route, request, await _call(route, call))

    if not route.starts_work:
        return await perform()
    return await context.replays.once(request, raw, caller=caller, perform=perform)


async def _call(route: Route, call: Call[Any, Any]) -> Outcome:
    try:
        return await route.handler(call)
    except InvalidInput as error:
        if route.method != "GET":
            raise
        # A read has no body: what is wrong is the marker, whose form only the store knows.
        fault = Fault(detail=str(error), parameter="marker")
        raise InvalidQuery((fault,)) from error


def _present(route: Route, request: web.Request, outcome: Outcome) -> web.StreamResponse:
    if isinstance(outcome, web.StreamResponse):
        return outcome
    answer = outcome if isinstance(outcome, Answer) else Answer(model=outcome)
    content = answer.content
    if answer.model is not None:
        content = to_json(answer.model)
    if content is None:
        return web.Response(status=HTTPStatus.NO_CONTENT, headers=answer.headers)
    return write(
        request,
        content,
        status=route.status,
        media_type=route.media_type,
        headers=answer.headers,
        conditional=route.conditional,
    )


def _path(request: web.Request) -> Mapping[str, str]:
    for name, value in request.match_info.items():
        if not IDENTIFIER.fullmatch(value):
            raise NotFound(f"no {name.removesuffix('_id')} has this id")
    return dict(request.match_info)


def _query(model: type[M], request: web.Request) -> M:
    repeated = [name for name in set(request.query) if len(request.query.getall(name)) > 1]
    if repeated:
        raise InvalidQuery(
            tuple(Fault(detail="given more than once", parameter=name) for name in repeated)
        )
    try:
        return model.model_validate(dict(request.query))
    except ValidationError as error:
        faults = tuple(
            Fault(detail=_words(fault["msg"]), parameter=_dotted(fault["loc"]))
            for fault in error.errors(include_url=False, include_input=False)
        )
        raise InvalidQuery(faults) from None


def _body(model: type[M], request: web.Request, raw: bytes) -> M:
    if raw and request.content_type != "application/json":
        raise WrongMediaType(f"{request.content_type} isn't taken here, only application/json")
    if not raw and _all_optional(model):
        return model()
    try:
        return model.model_validate_json(raw, strict=True)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        if any(fault["type"] == "json_invalid" for fault in found):
            raise MalformedBody(found[0]["msg"]) from None
        faults = tuple(
            Fault(detail=_words(fault["msg"]), pointer=_pointer(fault["loc"])) for fault in found
        )
        raise InvalidBody(faults) from None


def _all_optional(model: type[BaseModel]) -> bool:
    return not any(item.is_required() for item in model.model_fields.values())


def _words(message: str) -> str:
    return message.removeprefix("Value error, ")


def _dotted(location: tuple[int | str, ...]) -> str:
    return str(location[0]) if location else ""


def _pointer(location: tuple[int | str, ...]) -> str:
    """RFC 6901."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in location)
