"""Whether a BMC takes work now, beyond answering at all."""

from __future__ import annotations

from collections.abc import Mapping

from fleetd.domain.device import Json
from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.request import Request


class Readiness(Behaviour):
    """Why work must wait although the BMC answers; the standard knows no such time."""

    def waits_for(self, system: Resource, documents: Documents) -> str | None:
        """What must end before the system takes changes, by what was read; None: nothing."""
        del system, documents
        return None

    def question(self, documents: Documents) -> Request | None:
        """A request that changes nothing and whose answer tells more; None where there's none."""
        del documents
        return None

    def answered(self, body: Mapping[str, Json]) -> str | None:
        """What must end before the BMC takes work, by its answer to the question."""
        del body
        return None
