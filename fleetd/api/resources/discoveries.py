"""/v1/discoveries and /v1/manifest."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from aiohttp import web

from fleetd.api.errors import TooManyStreams
from fleetd.api.events import STREAMS, progress
from fleetd.api.route import Answer, Call, Route, presented, route
from fleetd.api.schemas.discoveries import DiscoveryPage, DiscoveryView, Manifest, NewDiscovery
from fleetd.api.schemas.shape import Nothing, Paging
from fleetd.config.daemon import Role
from fleetd.domain.errors import Conflict, InvalidInput, NotFound, ShuttingDown

TAG: Final = "discoveries"


@route("GET", "/v1/discoveries", tag=TAG, role=Role.READER, query=Paging, response=DiscoveryPage)
async def list_discoveries(call: Call[Paging, Nothing]) -> DiscoveryPage:
    """List discoveries, newest first."""
    page = await call.services.discoveries.runs(
        limit=call.limit(call.query.limit), marker=call.query.marker
    )
    return DiscoveryPage(items=await presented(page.items, DiscoveryView.of), marker=page.marker)


@route(
    "POST",
    "/v1/discoveries",
    tag=TAG,
    role=Role.OPERATOR,
    body=NewDiscovery,
    response=DiscoveryView,
    status=HTTPStatus.ACCEPTED,
    errors=(InvalidInput, Conflict, ShuttingDown),
    starts_work=True,
)
async def start_discovery(call: Call[Nothing, NewDiscovery]) -> Answer:
    """Start a discovery of addresses and networks, or of all that is configured."""
    run = await call.services.discovery_uses.start(
        targets=call.body.targets, credential=call.body.credential, site=call.body.site
    )
    view = DiscoveryView.of(run)
    return Answer(model=view, headers={"Location": view.links.self})


@route(
    "GET",
    "/v1/discoveries/{discovery_id}",
    tag=TAG,
    role=Role.READER,
    response=DiscoveryView,
    conditional=True,
)
async def show_discovery(call: Call[Nothing, Nothing]) -> DiscoveryView:
    """Show how far a discovery is."""
    run_id = call.path["discovery_id"]
    run = await call.services.discoveries.run(run_id)
    if run is None:
        raise NotFound(f"no discovery has the id {run_id}")
    return DiscoveryView.of(run)


@route(
    "DELETE",
    "/v1/discoveries/{discovery_id}",
    tag=TAG,
    role=Role.OPERATOR,
    response=DiscoveryView,
)
async def cancel_discovery(call: Call[Nothing, Nothing]) -> DiscoveryView:
    """Cancel a discovery; one that has ended stays as it is. What it found is kept."""
    return DiscoveryView.of(await call.services.discovery_uses.cancel(call.path["discovery_id"]))


@route(
    "GET",
    "/v1/discoveries/{discovery_id}/events",
    tag=TAG,
    role=Role.READER,
    errors=(TooManyStreams,),
    media_type="text/event-stream",
    streams=True,
)
async def watch_discovery(call: Call[Nothing, Nothing]) -> web.StreamResponse:
    """Follow a discovery as server-sent events.

    Each ``progress`` event carries the discovery as JSON; the last event is ``done``, and the
    stream ends after it. Comments keep the connection alive in between.
    """
    runs = call.services.discovery_uses.watch(call.path["discovery_id"])
    return await progress(call.request, runs, call.request.app[STREAMS])


@route("GET", "/v1/manifest", tag=TAG, role=Role.READER, response=Manifest, conditional=True)
async def show_manifest(call: Call[Nothing, Nothing]) -> Manifest:
    """Compare the devices that were expected with those that were found."""
    return Manifest.of(await call.services.discovery_uses.manifest())


ROUTES: Final[tuple[Route, ...]] = (
    list_discoveries,
    start_discovery,
    show_discovery,
    cancel_discovery,
    watch_discovery,
    show_manifest,
)
