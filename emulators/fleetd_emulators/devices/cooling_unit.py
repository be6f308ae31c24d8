"""A coolant distribution unit: ThermalEquipment/CDUs as DSP0268 has them.

Two pumps of which one is enough, a reservoir, a filter, connectors to the facility's water and to
the racks, and leak detectors that raise the alarm.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Final

from fleetd_emulators.devices.incidents import Incident
from fleetd_emulators.devices.resources import (
    OK,
    ROOT,
    Identity,
    Resources,
    add_equipment,
    add_frame,
    invalid,
    link,
    nameplate,
    placement,
)
from fleetd_emulators.protocol.exchange import Response
from fleetd_emulators.protocol.problems import Json

CDU: Final = f"{ROOT}/ThermalEquipment/CDUs/1"
PUMPS: Final = range(1, 3)
RACK_LINES: Final = ("A", "B")
DETECTORS: Final = ("Drip-Tray", "Manifold")
CAPACITY_WATTS: Final = 80_000
FLOW_L_MIN: Final = 120.0

_OFF: Final = {"State": "Disabled", "Health": "OK"}
_BROKEN: Final = {"State": "Enabled", "Health": "Critical"}
_MODES: Final = ("Enabled", "Disabled")
_WATER: Final = {"CoolantType": "Water"}
_PLACES: Final = (
    *("Pumps", "Reservoirs", "Filters"),
    *("PrimaryCoolantConnectors", "SecondaryCoolantConnectors", "LeakDetection"),
)


class CoolingUnitBackend(Resources):
    """Pumps can be stopped and fail; the flow is what the running ones give."""

    def __init__(self, identity: Identity) -> None:
        super().__init__()
        self._identity = identity
        add_frame(self, identity, chassis_type="RackMount", kind="Service")
        self._add_equipment()
        self._add_pumps()
        self._add_parts()
        self._add_connectors()
        self._add_detectors()
        self._flow()

    @property
    def incidents(self) -> Mapping[str, Incident]:
        """A pump may fail and be repaired, water may leak and be dried up."""
        pumps = {
            f"{what}-pump-{pump}": partial(self._set, pump, _BROKEN if what == "fail" else OK)
            for pump in PUMPS
            for what in ("fail", "repair")
        }
        leaks = {
            f"{what}-{detector}": partial(self._leak, detector, wet=what == "leak")
            for detector in DETECTORS
            for what in ("leak", "dry")
        }
        return {**pumps, **leaks}

    def _add_equipment(self) -> None:
        identity = self._identity
        add_equipment(self, "ThermalEquipment.v1_1_0", "CoolingUnit", CDU)
        self.add(
            CDU,
            "CoolingUnit.v1_2_0",
            identity.name,
            EquipmentType="CDU",
            **nameplate(identity),
            FirmwareVersion=identity.firmware,
            Location={"Placement": placement(identity)},
            CoolingCapacityWatts=CAPACITY_WATTS,
            Coolant=_WATER,
            Status=OK,
            PumpRedundancy=[
                {
                    "RedundancyType": "Failover",
                    "MaxSupportedInGroup": len(PUMPS),
                    "MinNeededInGroup": 1,
                    "RedundancyGroup": [link(f"{CDU}/Pumps/{pump}") for pump in PUMPS],
                    "Status": OK,
                }
            ],
            **{place: link(f"{CDU}/{place}") for place in _PLACES},
            Links={
                "Chassis": [link(f"{ROOT}/Chassis/1")],
                "ManagedBy": [link(f"{ROOT}/Managers/1")],
            },
        )

    def _add_pumps(self) -> None:
        self.collect(f"{CDU}/Pumps", "Pump", [f"{CDU}/Pumps/{pump}" for pump in PUMPS])
        for pump in PUMPS:
            path = f"{CDU}/Pumps/{pump}"
            target = f"{path}/Actions/Pump.SetMode"
            self.add(
                path,
                "Pump.v1_2_0",
                f"Pump {pump}",
                PumpType="Liquid",
                Manufacturer=self._identity.manufacturer,
                Model="LP60",
                SerialNumber=f"{self._identity.serial}P{pump}",
                Status=OK,
                Actions={
                    "#Pump.SetMode": {
                        "target": target,
                        "Mode@Redfish.AllowableValues": list(_MODES),
                    }
                },
            )
            self.on_post(target, partial(self._set_mode, pump))

    def _add_parts(self) -> None:
        self.collect(f"{CDU}/Reservoirs", "Reservoir", [f"{CDU}/Reservoirs/1"])
        self.add(
            f"{CDU}/Reservoirs/1",
            "Reservoir.v1_0_1",
            "Reservoir",
            ReservoirType="Reserve",
            CapacityLiters=30,
            Coolant=_WATER,
            FluidLevelStatus="OK",
            FluidLevelPercent={"Reading": 84},
            Status=OK,
        )
        self.collect(f"{CDU}/Filters", "Filter", [f"{CDU}/Filters/1"])
        self.add(
            f"{CDU}/Filters/1",
            "Filter.v1_0_1",
            "Strainer",
            PartNumber="F-50",
            RatedServiceHours=8000,
            ServiceHours=1200,
            ServicedDate="2025-03-01T00:00:00Z",
            Status=OK,
        )

    def _add_connectors(self) -> None:
        for side, names in (("Primary", ("1",)), ("Secondary", RACK_LINES)):
            place = f"{CDU}/{side}CoolantConnectors"
            self.collect(place, "CoolantConnector", [f"{place}/{name}" for name in names])
            for name in names:
                self.add(
                    f"{place}/{name}",
                    "CoolantConnector.v1_1_0",
                    f"{side} connector {name}",
                    CoolantConnectorType="Pair",
                    Coolant=_WATER,
                    RatedFlowLitersPerMinute=FLOW_L_MIN / len(names),
                    Status=OK,
                )

    def _add_detectors(self) -> None:
        place = f"{CDU}/LeakDetection/LeakDetectors"
        self.add(
            f"{CDU}/LeakDetection",
            "LeakDetection.v1_0_1",
            "Leak Detection",
            LeakDetectors=link(place),
            Status=OK,
        )
        self.collect(place, "LeakDetector", [f"{place}/{name}" for name in DETECTORS])
        for name in DETECTORS:
            self.add(
                f"{place}/{name}",
                "LeakDetector.v1_1_0",
                name.replace("-", " "),
                LeakDetectorType="Moisture",
                DetectorState="OK",
                Status=OK,
            )

    async def _set_mode(self, pump: int, body: Json) -> Response:
        wanted = body.get("Mode")
        if wanted not in _MODES:
            return invalid("Mode", wanted)
        await self._set(pump, OK if wanted == "Enabled" else _OFF)
        return Response(status=HTTPStatus.NO_CONTENT)

    async def _set(self, pump: int, status: Mapping[str, str]) -> None:
        self.documents[f"{CDU}/Pumps/{pump}"]["Status"] = dict(status)
        self._flow()

    async def _leak(self, detector: str, *, wet: bool) -> None:
        state = "Critical" if wet else "OK"
        path = f"{CDU}/LeakDetection/LeakDetectors/{detector}"
        self.documents[path].update(
            DetectorState=state, Status={"State": "Enabled", "Health": state}
        )
        self._judge()

    def _flow(self) -> None:
        """One pump carries the whole flow faster; none carries nothing."""
        running = [pump for pump in PUMPS if self.documents[f"{CDU}/Pumps/{pump}"]["Status"] == OK]
        for pump in PUMPS:
            speed = 100 / len(running) if pump in running else 0
            self.documents[f"{CDU}/Pumps/{pump}"]["PumpSpeedPercent"] = {"Reading": speed}
        flow = FLOW_L_MIN if running else 0.0
        for name in RACK_LINES:
            self.documents[f"{CDU}/SecondaryCoolantConnectors/{name}"]["FlowLitersPerMinute"] = {
                "Reading": flow / len(RACK_LINES)
            }
        spare = {len(PUMPS): "OK", 0: "Critical"}.get(len(running), "Warning")
        group = self.documents[CDU]["PumpRedundancy"][0]
        group["Status"] = {"State": "Enabled", "Health": spare}
        self._judge()

    def _judge(self) -> None:
        """The unit is as well as the worst of its pumps' group and its detectors."""
        detectors = [
            self.documents[f"{CDU}/LeakDetection/LeakDetectors/{name}"]["DetectorState"]
            for name in DETECTORS
        ]
        wet = {"State": "Enabled", "Health": "Critical" if "Critical" in detectors else "OK"}
        self.documents[f"{CDU}/LeakDetection"]["Status"] = wet
        pumps = self.documents[CDU]["PumpRedundancy"][0]["Status"]
        worst = max((wet["Health"], pumps["Health"]), key=("OK", "Warning", "Critical").index)
        self.documents[CDU]["Status"] = {"State": "Enabled", "Health": worst}
