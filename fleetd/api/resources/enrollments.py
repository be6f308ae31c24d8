"""/v1/enrollments."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from fleetd.api.route import Answer, Call, Route, presented, route
from fleetd.api.schemas.enrollments import (
    EnrollmentPage,
    EnrollmentQuery,
    EnrollmentView,
    NewReconciliation,
)
from fleetd.api.schemas.service import OperationView
from fleetd.api.schemas.shape import Nothing
from fleetd.config.daemon import Role
from fleetd.domain.device import DeviceId
from fleetd.domain.errors import Conflict, NotFound, ShuttingDown

TAG: Final = "enrollments"


@route(
    "GET",
    "/v1/enrollments",
    tag=TAG,
    role=Role.READER,
    query=EnrollmentQuery,
    response=EnrollmentPage,
)
async def list_enrollments(call: Call[EnrollmentQuery, Nothing]) -> EnrollmentPage:
    """List where devices stand in Ironic."""
    page = await call.services.enrollment_uses.enrollments(
        standing=call.query.standing,
        limit=call.limit(call.query.limit),
        marker=call.query.marker,
    )
    return EnrollmentPage(items=await presented(page.items, EnrollmentView.of), marker=page.marker)


@route(
    "GET",
    "/v1/enrollments/{device_id}",
    tag=TAG,
    role=Role.READER,
    response=EnrollmentView,
    conditional=True,
)
async def show_enrollment(call: Call[Nothing, Nothing]) -> EnrollmentView:
    """Show where one device stands in Ironic."""
    device_id = DeviceId(call.path["device_id"])
    enrollment = await call.services.enrollment_uses.enrollment(device_id)
    if enrollment is None:
        raise NotFound(f"no enrollment is kept for {device_id}")
    return EnrollmentView.of(enrollment)


@route(
    "POST",
    "/v1/enrollments/reconcile",
    tag=TAG,
    role=Role.OPERATOR,
    body=NewReconciliation,
    response=OperationView,
    status=HTTPStatus.ACCEPTED,
    errors=(NotFound, Conflict, ShuttingDown),
    starts_work=True,
)
async def reconcile_enrollments(call: Call[Nothing, NewReconciliation]) -> Answer:
    """Start bringing Ironic and the fleet together now, for one device or all."""
    chosen = call.body.device_id
    operation = await call.services.enrollment_uses.reconcile(
        device_id=None if chosen is None else DeviceId(chosen)
    )
    view = OperationView.of(operation)
    return Answer(model=view, headers={"Location": view.links.self})


ROUTES: Final[tuple[Route, ...]] = (list_enrollments, show_enrollment, reconcile_enrollments)
