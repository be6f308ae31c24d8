"""A metered and switched rack PDU: PowerEquipment and PowerDistribution as DSP0268 has them.

Outlets switch after their delays; meters follow the load that hangs on them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from fleetd_emulators.devices.resources import (
    ROOT,
    Identity,
    Resources,
    add_frame,
    invalid,
    link,
    nameplate,
    placement,
)
from fleetd_emulators.protocol.exchange import Response
from fleetd_emulators.protocol.problems import Json

PDU: Final = f"{ROOT}/PowerEquipment/RackPDUs/1"
VOLTS: Final = 230.0
OUTLETS_A_BRANCH: Final = 8
JOULES_A_KWH: Final = 3_600_000.0
SWITCH_DELAY_S: Final = 1.0
CYCLE_DELAY_S: Final = 5.0

OK: Final = {"State": "Enabled", "Health": "OK"}


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

    ``on_switch`` is awaited with an outlet's number and whether it is live, after it switched.
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
        self._joules = dict.fromkeys(range(1, pdu.outlets + 1), 0.0)
        self._branches = -(-pdu.outlets // OUTLETS_A_BRANCH)
        add_frame(self, pdu.identity, chassis_type="RackMount", kind="Service")
        self._add_equipment()
        self._add_circuits()
        for number in range(1, pdu.outlets + 1):
            self._add_outlet(number)
        self._add_meters()

    def is_live(self, number: int) -> bool:
        """Whether the outlet gives power now."""
        return self._outlet(number)["PowerState"] in {"On", "PoweringOff"}

    async def refresh(self) -> None:
        now = time.monotonic()
        elapsed, self._metered_at = now - self._metered_at, now
        watts = {number: await self._watts(number) for number in self._joules}
        for number, value in watts.items():
            self._joules[number] += value * elapsed
            self._outlet(number).update(
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
        self.documents[f"{PDU}/OutletGroups/All"]["PowerWatts"] = {"Reading": round(total, 1)}
        self._meter_branches(watts)

    def _meter_branches(self, watts: dict[int, float]) -> None:
        for branch in range(1, self._branches + 1):
            load = sum(watts[number] for number in self._outlets_of(branch))
            self.documents[f"{PDU}/Branches/{branch}"].update(
                PowerWatts={"Reading": round(load, 1)},
                CurrentAmps={"Reading": round(load / VOLTS, 2)},
            )

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

    def _outlets_of(self, branch: int) -> range:
        first = (branch - 1) * OUTLETS_A_BRANCH + 1
        return range(first, min(first + OUTLETS_A_BRANCH, self._pdu.outlets + 1))

    def _add_equipment(self) -> None:
        identity = self._pdu.identity
        self.documents[ROOT]["PowerEquipment"] = link(f"{ROOT}/PowerEquipment")
        self.add(
            f"{ROOT}/PowerEquipment",
            "PowerEquipment.v1_2_1",
            "Power Equipment",
            Status=OK,
            RackPDUs=link(f"{ROOT}/PowerEquipment/RackPDUs"),
        )
        self.collect(f"{ROOT}/PowerEquipment/RackPDUs", "PowerDistribution", [PDU])
        places = ("Mains", "Branches", "Outlets", "OutletGroups", "Sensors", "Metrics")
        self.add(
            PDU,
            "PowerDistribution.v1_3_2",
            identity.name,
            EquipmentType="RackPDU",
            **nameplate(identity),
            UUID=identity.uuid,
            FirmwareVersion=identity.firmware,
            Location={"Placement": placement(identity)},
            Status=OK,
            **{place: link(f"{PDU}/{place}") for place in places},
            Links={
                "Chassis": [link(f"{ROOT}/Chassis/1")],
                "ManagedBy": [link(f"{ROOT}/Managers/1")],
            },
        )

    def _add_circuits(self) -> None:
        circuit = {"ElectricalContext": "Line1ToNeutral", "PhaseWiringType": "OnePhase3Wire"}
        self.collect(f"{PDU}/Mains", "Circuit", [f"{PDU}/Mains/AC1"])
        self.add(
            f"{PDU}/Mains/AC1",
            "Circuit.v1_7_0",
            "Mains AC 1",
            CircuitType="Mains",
            PlugType="IEC_60309_316P6",
            NominalVoltage="AC230V",
            RatedCurrentAmps=32,
            Status=OK,
            **circuit,
        )
        branches = [f"{PDU}/Branches/{number}" for number in range(1, self._branches + 1)]
        self.collect(f"{PDU}/Branches", "Circuit", branches)
        for number, path in enumerate(branches, start=1):
            self.add(
                path,
                "Circuit.v1_7_0",
                f"Branch {number}",
                CircuitType="Branch",
                BreakerState="Normal",
                NominalVoltage="AC230V",
                RatedCurrentAmps=16,
                Status=OK,
                Links={"Outlets": [link(f"{PDU}/Outlets/{n}") for n in self._outlets_of(number)]},
                **circuit,
            )

    def _add_outlet(self, number: int) -> None:
        path = f"{PDU}/Outlets/{number}"
        target = f"{path}/Actions/Outlet.PowerControl"
        feed = self._pdu.feeds.get(number)
        branch = (number - 1) // OUTLETS_A_BRANCH + 1
        links: Json = {"BranchCircuit": link(f"{PDU}/Branches/{branch}")}
        if feed is not None:
            links["PowerSupplies"] = [link(feed.power_supply)]
            links["Chassis"] = [link(feed.chassis)]
        self.add(
            path,
            "Outlet.v1_4_4",
            f"Outlet {number}",
            UserLabel=feed.label if feed is not None else "",
            OutletType="IEC_60320_C13",
            NominalVoltage="AC230V",
            RatedCurrentAmps=10,
            PhaseWiringType="OnePhase3Wire",
            PowerState="On",
            PowerEnabled=True,
            PowerOnDelaySeconds=SWITCH_DELAY_S,
            PowerOffDelaySeconds=SWITCH_DELAY_S,
            PowerCycleDelaySeconds=CYCLE_DELAY_S,
            Voltage={"Reading": VOLTS},
            Status=OK,
            Links=links,
            Actions={
                "#Outlet.PowerControl": {
                    "target": target,
                    "PowerState@Redfish.AllowableValues": ["On", "Off", "PowerCycle"],
                }
            },
        )

        async def control(body: Json) -> Response:
            return self._control(number, body)

        self.on_post(target, control)

    def _add_meters(self) -> None:
        numbers = range(1, self._pdu.outlets + 1)
        outlets = [f"{PDU}/Outlets/{number}" for number in numbers]
        self.collect(f"{PDU}/Outlets", "Outlet", outlets)
        self.collect(f"{PDU}/OutletGroups", "OutletGroup", [f"{PDU}/OutletGroups/All"])
        self.add(
            f"{PDU}/OutletGroups/All",
            "OutletGroup.v1_2_0",
            "All outlets",
            PowerState="On",
            Status=OK,
            Links={"Outlets": [link(path) for path in outlets]},
        )
        self.add(f"{PDU}/Metrics", "PowerDistributionMetrics.v1_3_2", "Metrics")
        sensors = [("TotalPower", "Power", "W")]
        sensors += [(f"Outlet{number}Power", "Power", "W") for number in numbers]
        sensors += [(f"Outlet{number}Current", "Current", "A") for number in numbers]
        self.collect(f"{PDU}/Sensors", "Sensor", [f"{PDU}/Sensors/{name}" for name, *_ in sensors])
        for name, kind, unit in sensors:
            self.add(
                f"{PDU}/Sensors/{name}",
                "Sensor.v1_9_0",
                name,
                ReadingType=kind,
                ReadingUnits=unit,
                Reading=0.0,
                Status=OK,
            )

    def _control(self, number: int, body: Json) -> Response:
        wanted = body.get("PowerState")
        steps = {
            "On": [(SWITCH_DELAY_S, "On")],
            "Off": [(SWITCH_DELAY_S, "Off")],
            "PowerCycle": [(SWITCH_DELAY_S, "Off"), (CYCLE_DELAY_S, "On")],
        }
        if not isinstance(wanted, str) or wanted not in steps:
            return invalid("PowerState", wanted)
        self.start(self._switch(number, steps[wanted]), f"outlet {number} {wanted}")
        return Response(status=204)

    async def _switch(self, number: int, steps: list[tuple[float, str]]) -> None:
        outlet = self._outlet(number)
        for delay_s, state in steps:
            outlet["PowerState"] = "PoweringOn" if state == "On" else "PoweringOff"
            await asyncio.sleep(delay_s * self._pace)
            outlet.update(PowerState=state, PowerEnabled=state == "On")
            if self._on_switch is not None:
                await self._on_switch(number, state == "On")
