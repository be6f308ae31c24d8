"""/v1/endpoints."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fleetd.api.ports import ApiServices
from fleetd.api.route import Answer, Call, Route, presented, route
from fleetd.api.schemas.endpoints import EndpointPage, EndpointView, NewEndpoint
from fleetd.api.schemas.service import OperationView
from fleetd.api.schemas.shape import Nothing, Paging
from fleetd.config.daemon import Role
from fleetd.domain.device import EndpointId
from fleetd.domain.endpoint import Endpoint
from fleetd.domain.errors import Conflict, CredentialHeld, InvalidInput, NotFound, ShuttingDown

TAG: Final = "endpoints"


async def _endpoint(services: ApiServices, endpoint_id: str) -> Endpoint:
    endpoint = await services.endpoints.endpoint(EndpointId(endpoint_id))
    if endpoint is None:
        raise NotFound(f"no endpoint has the id {endpoint_id}")
    return endpoint


@route("GET", "/v1/endpoints", tag=TAG, role=Role.READER, query=Paging, response=EndpointPage)
async def list_endpoints(call: Call[Paging, Nothing]) -> EndpointPage:
    """List the Redfish services that are known."""
    page = await call.services.endpoints.endpoints(
        limit=call.limit(call.query.limit), marker=call.query.marker
    )
    return EndpointPage(items=await presented(page.items, EndpointView.of), marker=page.marker)


@route(
    "POST",
    "/v1/endpoints",
    tag=TAG,
    role=Role.OPERATOR,
    body=NewEndpoint,
    response=EndpointView,
    status=HTTPStatus.CREATED,
    errors=(Conflict, InvalidInput, ShuttingDown),
    starts_work=True,
)
async def add_endpoint(call: Call[Nothing, NewEndpoint]) -> Answer:
    """Remember a Redfish service at an address, and read it soon."""
    endpoint = await call.services.endpoint_uses.add(
        address=call.body.address,
        credential=call.body.credential,
        fingerprint=call.body.fingerprint,
        site=call.body.site,
        labels=call.body.labels,
    )
    view = EndpointView.of(endpoint)
    return Answer(model=view, headers={"Location": view.links.self})


@route(
    "GET",
    "/v1/endpoints/{endpoint_id}",
    tag=TAG,
    role=Role.READER,
    response=EndpointView,
    conditional=True,
)
async def show_endpoint(call: Call[Nothing, Nothing]) -> EndpointView:
    """Show one endpoint."""
    return EndpointView.of(await _endpoint(call.services, call.path["endpoint_id"]))


@route(
    "DELETE",
    "/v1/endpoints/{endpoint_id}",
    tag=TAG,
    role=Role.OPERATOR,
    status=HTTPStatus.NO_CONTENT,
    errors=(Conflict,),
    heeds_if_match=True,
)
async def remove_endpoint(call: Call[Nothing, Nothing]) -> None:
    """Forget an endpoint."""
    endpoint = await _endpoint(call.services, call.path["endpoint_id"])
    call.require_match(EndpointView.of(endpoint))
    await call.services.endpoint_uses.remove(endpoint.id)


@route(
    "POST",
    "/v1/endpoints/{endpoint_id}/refresh",
    tag=TAG,
    role=Role.OPERATOR,
    response=OperationView,
    status=HTTPStatus.ACCEPTED,
    errors=(CredentialHeld, ShuttingDown),
    starts_work=True,
)
async def refresh_endpoint(call: Call[Nothing, Nothing]) -> Answer:
    """Start reading an endpoint now, or join the reading that runs."""
    endpoint_id = EndpointId(call.path["endpoint_id"])
    view = OperationView.of(await call.services.endpoint_uses.refresh(endpoint_id))
    return Answer(model=view, headers={"Location": view.links.self})


ROUTES: Final[tuple[Route, ...]] = (
    list_endpoints,
    add_endpoint,
    show_endpoint,
    remove_endpoint,
    refresh_endpoint,
)
