"""Every operation of the API, in the order of the documentation."""

from __future__ import annotations

from typing import Final

from fleetd.api.resources import devices, discoveries, drivers, endpoints, enrollments, service
from fleetd.api.route import Route

ROUTES: Final[tuple[Route, ...]] = (
    *endpoints.ROUTES,
    *devices.ROUTES,
    *discoveries.ROUTES,
    *enrollments.ROUTES,
    *drivers.ROUTES,
    *service.ROUTES,
)
