"""A metered and switched rack PDU: PowerEquipment and PowerDistribution as DSP0268 has them.

Outlets switch after their delays, alone or in groups, unless they are locked; meters follow the
load that hangs on them; the breaker of a branch trips when that is too much.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Final

from fleetd_emulators.devices.incidents import Incident
from fleetd_emulators.devices.pdu_documents import (
    BRANCH_AMPS,
    CYCLE_DELAY_S,
    OUTLETS_A_BRANCH,
    PDU,
    SWITCH_DELAY_S,
    VOLTS,
    add_branch,
    add_group,
    add_mains,
    add_meters,
    add_outlet,
    add_unit,
    branch_of,
    outlets_of,
)
from fleetd_emulators.devices.resources import OK, Identity, Resources, add_frame, invalid, link
from fleetd_emulators.protocol.exchange import Response
from fleetd_emulators.protocol.problems import Json, json_response, problem

__all__ = ["PDU", "VOLTS", "Feed", "Pdu", "PduBackend"]

JOULES_A_KWH: Final = 3_600_000.0
_STEPS: Final = {
    "On": ((SWITCH_DELAY_S, "On"),),
    "Off": ((SWITCH_DELAY_S, "Off"),),
    "PowerCycle": ((SWITCH_DELAY_S, "Off"), (CYCLE_DELAY_S, "On")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """What hangs on an outlet.

    ``power_supply`` and ``chassis`` are absolute URLs, as they lie on another Redfish service.
    """

    label: str
    power_supply: str
    chassis: str
    watts: Callable[[], Awaitable[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pdu:
    """One PDU; outlets are numbered from 1 and those not in ``feeds`` are free."""

    identity: Identity
    outlets: int
    feeds: dict[int, Feed]


class PduBackend(Resources):
    """Switches outlets and meters them.

    ``on_switch`` is awaited with an outlet's number and whether it is live, after it changed.
    """

    def __init__(
        self,
        pdu: Pdu,
        *,
        pace: float = 1.0,
        on_switch: Callable[[int, bool], Awaitable[None]] | None = None,
    ) -> None:
        super().__init__()
        self._pdu = pdu
        self._pace = pace
        self._on_switch = on_switch
        self._metered_at = time.monotonic()
        self._numbers = range(1, pdu.outlets + 1)
        self._branches = range(1, -(-pdu.outlets // OUTLETS_A_BRANCH) + 1)
        self._joules = dict.fromkeys(self._numbers, 0.0)
        add_frame(self, pdu.identity, chassis_type="RackMount", kind="Service")
        add_unit(self, pdu.identity)
        add_mains(self)
        self._add_branches()
        self._add_outlets()
        self._add_groups()
        add_meters(self, self._numbers, self._branches)

    @property
    def incidents(self) -> Mapping[str, Incident]:
        """The breaker of each branch may trip."""
        return {f"trip-{branch}": partial(self._trip, branch) for branch in self._branches}

    def is_live(self, number: int) -> bool:
        """Whether the outlet gives power now."""
        closed = self._branch(branch_of(number))["BreakerState"] == "Normal"
        return closed and self._outlet(number)["PowerState"] in {"On", "PoweringOff"}

    async def refresh(self) -> None:
        now = time.monotonic()
        elapsed, self._metered_at = now - self._metered_at, now
        watts = {number: await self._watts(number) for number in self._numbers}
        for number, value in watts.items():
            self._joules[number] += value * elapsed
            self._outlet(number).update(
                Voltage={"Reading": VOLTS if self.is_live(number) else 0.0},
                PowerWatts=self._reading(f"Outlet{number}Power", value),
                CurrentAmps=self._reading(f"Outlet{number}Current", value / VOLTS),
                EnergykWh={"Reading": round(self._joules[number] / JOULES_A_KWH, 6)},
            )
        total = sum(watts.values())
        energy = sum(self._joules.values()) / JOULES_A_KWH
        self.documents[f"{PDU}/Metrics"].update(
            PowerWatts=self._reading("TotalPower", total),
            EnergykWh={"Reading": round(energy, 6)},
        )
        self.documents[f"{PDU}/Mains/AC1"]["PowerWatts"] = {"Reading": round(total, 1)}
        self._meter_groups(watts)
        await self._meter_branches(watts)

    def _meter_groups(self, watts: dict[int, float]) -> None:
        for group, numbers in self._groups.items():
            states = {self._outlet(number)["PowerState"] for number in numbers}
            self.documents[f"{PDU}/OutletGroups/{group}"].update(
                PowerState=states.pop() if len(states) == 1 else None,
                PowerWatts={"Reading": round(sum(watts[number] for number in numbers), 1)},
            )

    async def _meter_branches(self, watts: dict[int, float]) -> None:
        for branch in self._branches:
            load = sum(watts[number] for number in outlets_of(branch, self._pdu.outlets))
            self._branch(branch).update(
                PowerWatts=self._reading(f"Branch{branch}Power", load),
                CurrentAmps=self._reading(f"Branch{branch}Current", load / VOLTS),
            )
            if load / VOLTS > BRANCH_AMPS:
                await self._trip(branch)

    async def _watts(self, number: int) -> float:
        feed = self._pdu.feeds.get(number)
        return await feed.watts() if feed is not None and self.is_live(number) else 0.0

    def _reading(self, sensor: str, value: float) -> Json:
        rounded = round(value, 2)
        path = f"{PDU}/Sensors/{sensor}"
        self.documents[path]["Reading"] = rounded
        return {"DataSourceUri": path, "Reading": rounded}

    def _outlet(self, number: int) -> Json:
        return self.documents[f"{PDU}/Outlets/{number}"]

    def _branch(self, branch: int) -> Json:
        return self.documents[f"{PDU}/Branches/{branch}"]

    def _add_branches(self) -> None:
        paths = [f"{PDU}/Branches/{branch}" for branch in self._branches]
        self.collect(f"{PDU}/Branches", "Circuit", paths)
        for branch in self._branches:
            target = add_branch(self, branch, self._pdu.outlets)
            self.on_post(target, partial(self._close, branch))

    def _add_outlets(self) -> None:
        paths = [f"{PDU}/Outlets/{number}" for number in self._numbers]
        self.collect(f"{PDU}/Outlets", "Outlet", paths)
        for number, path in zip(self._numbers, paths, strict=True):
            feed = self._pdu.feeds.get(number)
            feeds = {}
            if feed is not None:
                feeds["PowerSupplies"] = [link(feed.power_supply)]
                feeds["Chassis"] = [link(feed.chassis)]
            label = feed.label if feed is not None else ""
            target = add_outlet(self, number, label=label, feeds=feeds)
            self.on_post(target, partial(self._control, (number,)))
            self.on_patch(path, partial(self._settings, number))

    def _add_groups(self) -> None:
        """All outlets, and those of each branch."""
        self._groups: dict[str, range] = {"All": self._numbers}
        for branch in self._branches:
            self._groups[f"Branch{branch}"] = outlets_of(branch, self._pdu.outlets)
        paths = [f"{PDU}/OutletGroups/{group}" for group in self._groups]
        self.collect(f"{PDU}/OutletGroups", "OutletGroup", paths)
        for group, numbers in self._groups.items():
            title = "All outlets" if group == "All" else f"Outlets of {group}"
            target = add_group(self, group, title, numbers)
            self.on_post(target, partial(self._control, tuple(numbers)))

    async def _settings(self, number: int, body: Json) -> Response:
        outlet = self._outlet(number)
        label, locked = body.get("UserLabel", ""), body.get("PowerControlLocked", False)
        if not body or body.keys() - {"UserLabel", "PowerControlLocked"}:
            return invalid("body", ", ".join(body))
        if not isinstance(label, str):
            return invalid("UserLabel", label)
        if not isinstance(locked, bool):
            return invalid("PowerControlLocked", locked)
        outlet.update(body)
        return json_response(outlet)

    async def _control(self, numbers: tuple[int, ...], body: Json) -> Response:
        """Switch one outlet, or those of a group; a lock on a single one refuses it."""
        wanted = body.get("PowerState")
        if not isinstance(wanted, str) or wanted not in _STEPS:
            return invalid("PowerState", wanted)
        free = [number for number in numbers if not self._outlet(number)["PowerControlLocked"]]
        if not free:
            return problem(
                HTTPStatus.CONFLICT, "OperationNotAllowed", "The power control is locked."
            )
        for number in free:
            self.start(self._switch(number, _STEPS[wanted]), f"outlet {number} {wanted}")
        return Response(status=HTTPStatus.NO_CONTENT)

    async def _switch(self, number: int, steps: tuple[tuple[float, str], ...]) -> None:
        outlet = self._outlet(number)
        for delay_s, state in steps:
            outlet["PowerState"] = "PoweringOn" if state == "On" else "PoweringOff"
            await asyncio.sleep(delay_s * self._pace)
            outlet.update(PowerState=state, PowerEnabled=state == "On")
            await self._tell(number)

    async def _tell(self, number: int) -> None:
        if self._on_switch is not None:
            await self._on_switch(number, self.is_live(number))

    async def _trip(self, branch: int) -> None:
        await self._set_breaker(branch, "Tripped", {"State": "Enabled", "Health": "Critical"})

    async def _close(self, branch: int, body: Json) -> Response:
        """Circuit.BreakerControl (DSP0268): try to reset the breaker."""
        if body.get("PowerState", "On") != "On":
            return invalid("PowerState", body["PowerState"])
        await self._set_breaker(branch, "Normal", OK)
        return Response(status=HTTPStatus.NO_CONTENT)

    async def _set_breaker(self, branch: int, state: str, status: Json) -> None:
        self._branch(branch).update(BreakerState=state, Status=dict(status))
        for number in outlets_of(branch, self._pdu.outlets):
            await self._tell(number)
