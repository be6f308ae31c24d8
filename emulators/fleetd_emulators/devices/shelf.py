"""A power shelf: rectifiers that share a load, and batteries that bridge a loss of the mains.

PowerEquipment/PowerShelves, PowerSupply and Battery as DSP0268 has them.
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

SHELF: Final = f"{ROOT}/PowerEquipment/PowerShelves/1"
SUPPLIES: Final = f"{SHELF}/PowerSupplies"
SUBSYSTEM: Final = f"{ROOT}/Chassis/1/PowerSubsystem"
BATTERIES: Final = f"{SUBSYSTEM}/Batteries"
BAYS: Final = range(1, 7)
PACKS: Final = range(1, 3)
SUPPLY_WATTS: Final = 5500
NEEDED: Final = 5
LOAD_WATTS: Final = 18_000.0
EFFICIENCY: Final = 0.965
BUS_VOLTS: Final = 50.0

_OFF: Final = {"State": "StandbyOffline", "Health": "OK"}
_BROKEN: Final = {"State": "Enabled", "Health": "Critical"}
_RESETS: Final = ("On", "ForceOff", "ForceRestart")


class ShelfBackend(Resources):
    """Six rectifiers, of which five are enough; those that run share the load evenly."""

    def __init__(self, identity: Identity) -> None:
        super().__init__()
        add_frame(self, identity, chassis_type="Shelf", kind="Service")
        self._add_equipment(identity)
        for bay in BAYS:
            self._add_supply(identity, bay)
        self._add_batteries(identity)
        self._share()

    @property
    def incidents(self) -> Mapping[str, Incident]:
        """Each supply may fail, and be replaced."""
        return {
            f"{what}-{bay}": partial(self._set, bay, _BROKEN if what == "fail" else OK)
            for bay in BAYS
            for what in ("fail", "repair")
        }

    def _add_equipment(self, identity: Identity) -> None:
        add_equipment(self, "PowerEquipment.v1_2_1", "PowerDistribution", SHELF)
        supplies = [f"{SUPPLIES}/{bay}" for bay in BAYS]
        self.collect(SUPPLIES, "PowerSupply", supplies)
        self.add(
            SHELF,
            "PowerDistribution.v1_3_2",
            identity.name,
            EquipmentType="PowerShelf",
            **nameplate(identity),
            UUID=identity.uuid,
            FirmwareVersion=identity.firmware,
            Location={"Placement": placement(identity)},
            Status=OK,
            PowerSupplies=link(SUPPLIES),
            PowerSupplyRedundancy=[
                {
                    "RedundancyType": "NPlusM",
                    "MaxSupportedInGroup": len(BAYS),
                    "MinNeededInGroup": NEEDED,
                    "RedundancyGroup": [link(path) for path in supplies],
                    "Status": OK,
                }
            ],
            Links={
                "Chassis": [link(f"{ROOT}/Chassis/1")],
                "ManagedBy": [link(f"{ROOT}/Managers/1")],
            },
        )

    def _add_supply(self, identity: Identity, bay: int) -> None:
        path = f"{SUPPLIES}/{bay}"
        target = f"{path}/Actions/PowerSupply.Reset"
        self.add(
            path,
            "PowerSupply.v1_6_0",
            f"Rectifier {bay}",
            PowerSupplyType="AC",
            InputNominalVoltageType="AC200To240V",
            PowerCapacityWatts=SUPPLY_WATTS,
            Manufacturer=identity.manufacturer,
            Model="R5500",
            SerialNumber=f"{identity.serial}R{bay}",
            FirmwareVersion="1.5.1",
            HotPluggable=True,
            PlugType="IEC_60320_C20",
            Location={"PartLocation": {"ServiceLabel": f"PSU {bay}", "LocationType": "Bay"}},
            Status=OK,
            Metrics=link(f"{path}/Metrics"),
            Actions={
                "#PowerSupply.Reset": {
                    "target": target,
                    "ResetType@Redfish.AllowableValues": list(_RESETS),
                }
            },
        )
        self.add(f"{path}/Metrics", "PowerSupplyMetrics.v1_1_0", "Metrics", Status=OK)
        self.on_post(target, partial(self._reset, bay))

    def _add_batteries(self, identity: Identity) -> None:
        self.documents[f"{ROOT}/Chassis/1"]["PowerSubsystem"] = link(SUBSYSTEM)
        self.add(
            SUBSYSTEM,
            "PowerSubsystem.v1_1_1",
            "Power Subsystem",
            CapacityWatts=NEEDED * SUPPLY_WATTS,
            PowerSupplies=link(SUPPLIES),
            Batteries=link(BATTERIES),
            Status=OK,
        )
        self.collect(BATTERIES, "Battery", [f"{BATTERIES}/{pack}" for pack in PACKS])
        for pack in PACKS:
            self.add(
                f"{BATTERIES}/{pack}",
                "Battery.v1_2_1",
                f"Battery pack {pack}",
                Manufacturer=identity.manufacturer,
                Model="BP4",
                SerialNumber=f"{identity.serial}B{pack}",
                CapacityRatedWattHours=1200,
                ChargeState="Idle",
                HotPluggable=True,
                Location={"PartLocation": {"ServiceLabel": f"BBU {pack}", "LocationType": "Bay"}},
                Status=OK,
            )

    async def _set(self, bay: int, status: Mapping[str, str]) -> None:
        self.documents[f"{SUPPLIES}/{bay}"]["Status"] = dict(status)
        self._share()

    async def _reset(self, bay: int, body: Json) -> Response:
        wanted = body.get("ResetType")
        if wanted not in _RESETS:
            return invalid("ResetType", wanted)
        await self._set(bay, _OFF if wanted == "ForceOff" else OK)
        return Response(status=HTTPStatus.NO_CONTENT)

    def _share(self) -> None:
        """Divide the load among what runs, and say what is left of the redundancy."""
        running = {bay for bay in BAYS if self._status(bay) == OK}
        for bay in BAYS:
            output = LOAD_WATTS / len(running) if bay in running else 0.0
            self.documents[f"{SUPPLIES}/{bay}/Metrics"].update(
                OutputPowerWatts={"Reading": round(output, 1)},
                InputPowerWatts={"Reading": round(output / EFFICIENCY, 1)},
                RailVoltage=[{"Reading": BUS_VOLTS if bay in running else 0.0}],
            )
        lost = len(running) < NEEDED
        health = "Critical" if lost else "OK" if len(running) == len(BAYS) else "Warning"
        shelf = self.documents[SHELF]
        shelf["PowerSupplyRedundancy"][0]["Status"] = {"State": "Enabled", "Health": health}
        shelf["Status"] = {"State": "Enabled", "Health": health}

    def _status(self, bay: int) -> Json:
        status: Json = self.documents[f"{SUPPLIES}/{bay}"]["Status"]
        return status
