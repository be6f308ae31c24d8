"""Enrollments as the API shows them: never the password's digest."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from fleetd.api.redaction import scrub_text
from fleetd.api.schemas.shape import Identifier, PageOf, Paging, Shape
from fleetd.domain.enrollment import Enrollment, Standing


class EnrollmentQuery(Paging):
    """Which enrollments."""

    standing: Standing | None = None


class NewReconciliation(Shape):
    """What to reconcile with Ironic."""

    device_id: Identifier | None = None
    """One device; absent, all of them."""


class EnrollmentLinks(Shape):
    """Where to go from an enrollment."""

    self: str
    device: str


class EnrollmentView(Shape):
    """A device's standing in Ironic."""

    device_id: str
    standing: Standing
    node_uuid: str | None
    provision_state: str | None
    """Ironic's own word for where the node is."""
    reason: str | None
    """Why it is held or failed."""
    failures: int
    """How many times in a row it failed."""
    retry_at: datetime | None
    updated_at: datetime | None
    links: EnrollmentLinks

    @classmethod
    def of(cls, enrollment: Enrollment) -> Self:
        """Present an enrollment."""
        return cls(
            device_id=enrollment.device_id,
            standing=enrollment.standing,
            node_uuid=enrollment.node_uuid,
            provision_state=enrollment.provision_state,
            reason=scrub_text(enrollment.reason),
            failures=enrollment.failures,
            retry_at=enrollment.retry_at,
            updated_at=enrollment.updated_at,
            links=EnrollmentLinks(
                self=f"/v1/enrollments/{enrollment.device_id}",
                device=f"/v1/devices/{enrollment.device_id}",
            ),
        )


class EnrollmentPage(PageOf[EnrollmentView]):
    """Enrollments, in order of device id."""
