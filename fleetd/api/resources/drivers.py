"""/v1/drivers, and a device's driver."""

from __future__ import annotations

from typing import Final

from fleetd.api.route import Call, Route, route
from fleetd.api.schemas.drivers import DriverList, DriverSummary, DriverView, Explanation
from fleetd.api.schemas.shape import Nothing
from fleetd.config.daemon import Role
from fleetd.domain.device import DeviceId
from fleetd.domain.errors import DeviceError

TAG: Final = "drivers"


@route("GET", "/v1/drivers", tag=TAG, role=Role.READER, response=DriverList, conditional=True)
async def list_drivers(call: Call[Nothing, Nothing]) -> DriverList:
    """List the drivers that are installed, in one page."""
    drivers = call.services.driver_uses.drivers()
    return DriverList(items=tuple(DriverSummary.of(driver) for driver in drivers))


@route(
    "GET", "/v1/drivers/{name}", tag=TAG, role=Role.READER, response=DriverView, conditional=True
)
async def show_driver(call: Call[Nothing, Nothing]) -> DriverView:
    """Show a driver with its quirks."""
    return DriverView.of(call.services.driver_uses.driver(call.path["name"]))


@route(
    "GET",
    "/v1/devices/{device_id}/driver",
    tag=TAG,
    role=Role.READER,
    response=Explanation,
    errors=(DeviceError,),
)
async def explain_driver(call: Call[Nothing, Nothing]) -> Explanation:
    """Tell which driver a device has, why, and which quirks hold for it."""
    device_id = call.path["device_id"]
    choice = await call.services.driver_uses.explain(DeviceId(device_id))
    return Explanation.of(device_id, choice)


ROUTES: Final[tuple[Route, ...]] = (list_drivers, show_driver, explain_driver)
