"""A driver's way to LLDP neighbours, held at arm's length."""

from __future__ import annotations

from typing import Final

from fleetd.domain.device import ComponentKind
from fleetd.domain.errors import DriverFailed
from fleetd.driverkit.behaviours.neighbours import Neighbour, Neighbours
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.guard import guarded
from fleetd.services.inventory.read_walk import Walk

_IN_DOUBT: Final = frozenset({str(ComponentKind.PORT)})


class HeldNeighbours(Neighbours):
    """Asks the driver's; where that fails, the port's neighbour is unknown and its ports stale."""

    def __init__(self, walk: Walk, driver_s: Neighbours) -> None:
        self._walk = walk
        self._driver_s = driver_s

    def of_port(
        self, port: Resource, functions: tuple[Resource, ...], documents: Documents
    ) -> Neighbour | None:
        """What the driver answers, or None; one that didn't end isn't asked about other ports."""
        if Neighbours in self._walk.hung:
            self._walk.doubt(port, None, Neighbours, _IN_DOUBT)
            return None
        try:
            return guarded(
                f"driver {self._walk.choice.name}: {type(self._driver_s).__name__}",
                lambda: _checked(self._driver_s.of_port(port, functions, documents)),
                uri=port.path,
            )
        except DriverFailed as error:
            self._walk.doubt(port, error, Neighbours, _IN_DOUBT)
            return None


def neighbours_of(walk: Walk) -> Neighbours | None:
    """How this endpoint's neighbours are found; None where its family has none."""
    found = walk.choice.behaviour(Neighbours)
    if found is None or type(found) is Neighbours:
        return found
    return HeldNeighbours(walk, found)


def _checked(answer: object) -> Neighbour | None:
    if answer is None or isinstance(answer, Neighbour):
        return answer
    raise TypeError(f"a {type(answer).__name__} in place of a neighbour")
