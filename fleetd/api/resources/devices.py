"""/v1/devices."""

from __future__ import annotations

import asyncio
from typing import Final

from fleetd.api.ports import ApiServices
from fleetd.api.representation import to_json
from fleetd.api.route import Answer, Call, Route, presented, route
from fleetd.api.schemas.devices import (
    ChangeView,
    ComponentList,
    ComponentQuery,
    DevicePage,
    DeviceQuery,
    DeviceView,
    History,
    MaintenanceReason,
    RawDocuments,
    Reason,
)
from fleetd.api.schemas.shape import Nothing, Paging
from fleetd.config.daemon import Role
from fleetd.domain.device import Device, DeviceId
from fleetd.domain.errors import Conflict, InvalidTransition, NotFound

TAG: Final = "devices"


async def _device(services: ApiServices, device_id: str) -> Device:
    device = await services.devices.device(DeviceId(device_id))
    if device is None:
        raise NotFound(f"no device has the id {device_id}")
    return device


@route("GET", "/v1/devices", tag=TAG, role=Role.READER, query=DeviceQuery, response=DevicePage)
async def list_devices(call: Call[DeviceQuery, Nothing]) -> DevicePage:
    """List devices, without their components."""
    page = await call.services.devices.devices(
        call.query.filter(), limit=call.limit(call.query.limit), marker=call.query.marker
    )
    return DevicePage(items=await presented(page.items, DeviceView.of), marker=page.marker)


@route(
    "GET",
    "/v1/devices/{device_id}",
    tag=TAG,
    role=Role.READER,
    response=DeviceView,
    conditional=True,
)
async def show_device(call: Call[Nothing, Nothing]) -> DeviceView:
    """Show one device, without its components."""
    return DeviceView.of(await _device(call.services, call.path["device_id"]))


@route(
    "GET",
    "/v1/devices/{device_id}/components",
    tag=TAG,
    role=Role.READER,
    query=ComponentQuery,
    response=ComponentList,
    conditional=True,
)
async def list_components(call: Call[ComponentQuery, Nothing]) -> ComponentList:
    """List what a device is made of, in one page."""
    device = await _device(call.services, call.path["device_id"])
    return ComponentList.of(device, kind=call.query.kind)


@route(
    "GET",
    "/v1/devices/{device_id}/history",
    tag=TAG,
    role=Role.READER,
    query=Paging,
    response=History,
)
async def list_history(call: Call[Paging, Nothing]) -> History:
    """List what changed on a device, newest first."""
    device = await _device(call.services, call.path["device_id"])
    page = await call.services.devices.history(
        device.id, limit=call.limit(call.query.limit), marker=call.query.marker
    )
    return History(items=await presented(page.items, ChangeView.of), marker=page.marker)


@route(
    "GET",
    "/v1/devices/{device_id}/raw",
    tag=TAG,
    role=Role.READER,
    response=RawDocuments,
    conditional=True,
)
async def show_raw(call: Call[Nothing, Nothing]) -> Answer:
    """Show the Redfish documents that a device was last read from; secrets are masked."""
    device = await _device(call.services, call.path["device_id"])
    documents = await call.services.devices.raw(device.id)
    if documents is None:
        raise NotFound(f"no raw documents are kept for {device.id}")
    # Megabytes: off the event loop.
    content = await asyncio.to_thread(lambda: to_json(RawDocuments.of(documents, call.redactor)))
    return Answer(content=content)


@route(
    "POST",
    "/v1/devices/{device_id}/retire",
    tag=TAG,
    role=Role.ADMIN,
    body=Reason,
    response=DeviceView,
    errors=(Conflict, InvalidTransition),
    heeds_if_match=True,
    starts_work=True,
)
async def retire_device(call: Call[Nothing, Reason]) -> DeviceView:
    """Take a device out of service for good, and out of Ironic."""
    device = await _device(call.services, call.path["device_id"])
    call.require_match(DeviceView.of(device))
    retired = await call.services.device_uses.retire(device.id, reason=call.body.reason)
    return DeviceView.of(retired)


@route(
    "POST",
    "/v1/devices/{device_id}/reinstate",
    tag=TAG,
    role=Role.ADMIN,
    response=DeviceView,
    heeds_if_match=True,
    starts_work=True,
)
async def reinstate_device(call: Call[Nothing, Nothing]) -> DeviceView:
    """Take a retired device back; one that isn't retired stays as it is."""
    device = await _device(call.services, call.path["device_id"])
    call.require_match(DeviceView.of(device))
    return DeviceView.of(await call.services.device_uses.reinstate(device.id))


@route(
    "PUT",
    "/v1/devices/{device_id}/maintenance",
    tag=TAG,
    role=Role.OPERATOR,
    body=MaintenanceReason,
    response=DeviceView,
    errors=(InvalidTransition,),
    heeds_if_match=True,
)
async def set_maintenance(call: Call[Nothing, MaintenanceReason]) -> DeviceView:
    """Set a device aside for a reason."""
    device = await _device(call.services, call.path["device_id"])
    call.require_match(DeviceView.of(device))
    changed = await call.services.device_uses.set_maintenance(device.id, reason=call.body.reason)
    return DeviceView.of(changed)


@route(
    "DELETE",
    "/v1/devices/{device_id}/maintenance",
    tag=TAG,
    role=Role.OPERATOR,
    response=DeviceView,
    errors=(InvalidTransition,),
    heeds_if_match=True,
)
async def clear_maintenance(call: Call[Nothing, Nothing]) -> DeviceView:
    """Let a device go on from maintenance; without effect where it isn't in it."""
    device = await _device(call.services, call.path["device_id"])
    call.require_match(DeviceView.of(device))
    return DeviceView.of(await call.services.device_uses.clear_maintenance(device.id))


ROUTES: Final[tuple[Route, ...]] = (
    list_devices,
    show_device,
    list_components,
    list_history,
    show_raw,
    retire_device,
    reinstate_device,
    set_maintenance,
    clear_maintenance,
)
