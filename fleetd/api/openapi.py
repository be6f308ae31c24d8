"""OpenAPI 3.1 from the declared routes and their schemas."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final, Literal

from openapi_pydantic import (
    Components,
    Header,
    Info,
    License,
    MediaType,
    OpenAPI,
    Operation,
    Parameter,
    PathItem,
    Reference,
    RequestBody,
    Response,
    Schema,
    SecurityScheme,
    Tag,
)
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

import fleetd
from fleetd.api import errors as http
from fleetd.api import problems
from fleetd.api.idempotency import HEADER as IDEMPOTENCY_HEADER
from fleetd.api.idempotency import KEY_PATTERN
from fleetd.api.requestlog import HEADER as REQUEST_ID_HEADER
from fleetd.api.route import Route
from fleetd.api.routes import ROUTES
from fleetd.api.schemas.service import Problem
from fleetd.api.schemas.shape import ID_PATTERN, Shape
from fleetd.domain import errors as domain

_REF: Final = "#/components/schemas/{model}"
TAGS: Final[Mapping[str, str]] = {
    "endpoints": "Redfish services: an address and a credential's name",
    "devices": "Managed things with a lasting identity",
    "discoveries": "Looking for Redfish services, and what was expected there",
    "enrollments": "Where devices stand in OpenStack Ironic",
    "drivers": "What fleetd knows of families of BMCs, and why a device has its driver",
    "service": "The API itself: version, health, metrics, work in progress",
}


def document() -> OpenAPI:
    """The whole description."""
    schemas = _schemas(ROUTES)
    paths: dict[str, dict[str, Operation]] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    hidden = {route.query.__name__ for route in ROUTES}
    return OpenAPI(
        openapi="3.1.1",
        info=Info(
            title="fleetd",
            version=fleetd.__version__,
            summary="Redfish discovery, inventory and OpenStack enrollment",
            license=License(name="Apache-2.0", identifier="Apache-2.0"),
        ),
        tags=[Tag(name=name, description=text) for name, text in TAGS.items()],
        paths={path: PathItem.model_validate(item) for path, item in paths.items()},
        components=Components(
            schemas={
                name: Schema.model_validate(schema)
                for name, schema in sorted(schemas.items())
                if name not in hidden
            },
            responses=dict(sorted(_failures().items())),
            securitySchemes={
                "token": SecurityScheme(
                    type="http",
                    scheme="bearer",
                    description="A token of the configuration; without any, loopback is open.",
                )
            },
        ),
    )


@functools.cache
def render() -> bytes:
    """The description as JSON, the same at every run."""
    content = document().model_dump(
        mode="json", by_alias=True, exclude_none=True, exclude_unset=True
    )
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()


def statuses(route: Route) -> dict[HTTPStatus, list[type[domain.FleetError]]]:
    """The errors that a route may answer, by status: its own and those of its form."""
    found: list[type[domain.FleetError]] = [*route.errors, *_errors_of_form(route)]
    grouped: dict[HTTPStatus, list[type[domain.FleetError]]] = {}
    for error in dict.fromkeys(found):
        grouped.setdefault(problems.status_of(error), []).append(error)
    return dict(sorted(grouped.items()))


def _errors_of_form(route: Route) -> Iterable[type[domain.FleetError]]:
    yield http.InvalidQuery
    if route.role is not None:
        yield from (domain.Unauthenticated, domain.Forbidden)
    if route.parameters:
        yield domain.NotFound
    if route.method in {"POST", "PUT"}:
        yield from (http.MalformedBody, http.InvalidBody, http.WrongMediaType, http.BodyTooLarge)
    if route.method != "GET":
        yield http.CrossSite
    if route.heeds_if_match:
        yield http.PreconditionFailed
    if route.starts_work:
        yield from (http.KeyReused, http.KeyInUse)
    yield from (http.ForeignHost, http.Unexpected, http.TooSlow)
    yield from (domain.StoreBusy, domain.StoreUnavailable)


def _schemas(routes: Iterable[Route]) -> dict[str, dict[str, Any]]:
    wanted: dict[tuple[type[BaseModel], Literal["validation", "serialization"]], None] = {
        (Problem, "serialization"): None
    }
    for route in routes:
        wanted[route.query, "validation"] = None
        if route.body is not None:
            wanted[route.body, "validation"] = None
        if route.response is not None:
            wanted[route.response, "serialization"] = None
    _, definitions = models_json_schema(list(wanted), ref_template=_REF)
    found: dict[str, dict[str, Any]] = definitions["$defs"]
    return found


def _operation(route: Route, schemas: Mapping[str, dict[str, Any]]) -> Operation:
    return Operation(
        operationId=route.name,
        summary=route.summary,
        description=route.description or None,
        tags=[route.tag],
        parameters=[*_path_parameters(route), *_query_parameters(route, schemas), *_headers(route)]
        or None,
        requestBody=_request_body(route),
        responses={
            str(route.status.value): _success(route),
            **_not_modified(route),
            **{
                str(status.value): Reference.model_validate(
                    {"$ref": f"#/components/responses/{_failure_name(status, errors)}"}
                )
                for status, errors in statuses(route).items()
            },
        },
        security=[{"token": []}] if route.role is not None else [],
    )


def _parameter(
    name: str, place: str, schema: Schema | Reference, *, description: str | None = None
) -> Parameter:
    return Parameter.model_validate(
        {
            "name": name,
            "in": place,
            "required": place == "path",
            "schema": schema,
            "description": description,
        }
    )


def _path_parameters(route: Route) -> list[Parameter]:
    return [
        _parameter(name, "path", Schema(type="string", pattern=ID_PATTERN))
        for name in route.parameters
    ]


def _query_parameters(route: Route, schemas: Mapping[str, dict[str, Any]]) -> list[Parameter]:
    schema = schemas[route.query.__name__]
    return [
        _parameter(name, "query", _parameter_schema(item), description=item.get("description"))
        for name, item in schema.get("properties", {}).items()
    ]


def _parameter_schema(item: Mapping[str, Any]) -> Schema | Reference:
    """Absent is how a query says null, so a parameter's schema is the other alternative."""
    plain = {key: value for key, value in item.items() if key not in {"title", "description"}}
    alternatives = [one for one in plain.pop("anyOf", []) if one != {"type": "null"}]
    if alternatives:
        plain = {**alternatives[0]}
    if "$ref" in plain:
        return Reference.model_validate({"$ref": plain["$ref"]})
    return Schema.model_validate(plain)


def _headers(route: Route) -> Iterable[Parameter]:
    def header(name: str, description: str, pattern: str | None = None) -> Parameter:
        schema = (
            Schema(type="string") if pattern is None else Schema(type="string", pattern=pattern)
        )
        return _parameter(name, "header", schema, description=description)

    if route.starts_work:
        yield header(
            IDEMPOTENCY_HEADER,
            "The same key and request get the same answer, and the work is done once.",
            KEY_PATTERN,
        )
    if route.heeds_if_match:
        yield header("If-Match", "Only where the resource still has one of these tags.")
    if route.conditional:
        yield header("If-None-Match", "304 where the resource still has such a tag.")


def _request_body(route: Route) -> RequestBody | None:
    if route.body is None:
        return None
    return RequestBody(
        required=any(item.is_required() for item in route.body.model_fields.values()),
        content={"application/json": MediaType(schema=_reference(route.body))},
    )


def _success(route: Route) -> Response:
    headers = _answer_headers()
    if route.status in {HTTPStatus.CREATED, HTTPStatus.ACCEPTED}:
        headers["Location"] = _answer_header("Where to ask how it stands.", required=True)
    if route.conditional:
        headers["ETag"] = _answer_header("Tag of the present state.", required=True)
    content = None
    if route.status is not HTTPStatus.NO_CONTENT:
        content = {route.media_type: MediaType(schema=_answer_schema(route))}
    return Response(description=route.status.phrase, headers=headers, content=content)


def _answer_schema(route: Route) -> Schema | Reference:
    if route.response is not None:
        return _reference(route.response)
    return Schema(type="object" if route.media_type == "application/json" else "string")


def _not_modified(route: Route) -> dict[str, Response]:
    if not route.conditional:
        return {}
    described = Response(
        description="Not modified since the tag in If-None-Match", headers=_answer_headers()
    )
    return {"304": described}


def _failures() -> dict[str, Response | Reference]:
    return {
        _failure_name(status, errors): _failure(errors)
        for route in ROUTES
        for status, errors in statuses(route).items()
    }


def _failure_name(status: HTTPStatus, errors: Iterable[type[domain.FleetError]]) -> str:
    return ".".join([str(status.value), *sorted(error.code for error in errors)])


def _failure(errors: Iterable[type[domain.FleetError]]) -> Response:
    found = list(errors)
    headers = _answer_headers()
    if any(error.next is domain.Next.LATER for error in found):
        headers["Retry-After"] = _answer_header("Seconds.", required=False)
    return Response(
        description="; ".join(f"{error.code}: {title(error)}" for error in found),
        headers=headers,
        content={problems.CONTENT_TYPE: MediaType(schema=_reference(Problem))},
    )


def title(error: type[domain.FleetError]) -> str:
    """What kind of problem it is: the first line of the class docstring."""
    return (error.__doc__ or error.code).strip().splitlines()[0].rstrip(".")


def _answer_headers() -> dict[str, Header | Reference]:
    return {REQUEST_ID_HEADER: _answer_header("Id of the request in the log.", required=True)}


def _answer_header(description: str, *, required: bool) -> Header:
    return Header(description=description, required=required, param_schema=Schema(type="string"))


def _reference(model: type[Shape] | type[BaseModel]) -> Reference:
    return Reference.model_validate({"$ref": _REF.format(model=model.__name__)})
