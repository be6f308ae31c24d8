"""An enclosure of blades behind one service: each blade a system, what they share the enclosure's.

Chassis with Links.Contains and ContainedBy, ComputerSystem and Manager as DSP0268 has them. Blades
can be pulled, put in and moved from bay to bay while it runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Final

from fleetd_emulators.devices.incidents import Incident
from fleetd_emulators.devices.resources import (
    ROOT,
    Identity,
    Resources,
    add_frame,
    invalid,
    link,
    nameplate,
)
from fleetd_emulators.protocol.exchange import Response
from fleetd_emulators.protocol.problems import Json

BAYS: Final = range(1, 9)
BLADES: Final = 4
GIBIBYTES: Final = 256
ENCLOSURE: Final = f"{ROOT}/Chassis/1"
SYSTEMS: Final = f"{ROOT}/Systems"
OK: Final = {"State": "Enabled", "Health": "OK"}
_RESETS: Final = {"On": "On", "ForceOff": "Off", "GracefulShutdown": "Off", "ForceRestart": "On"}


@dataclass(slots=True, kw_only=True)
class Blade:
    """One blade, wherever it sits; its power goes with it."""

    serial: str
    uuid: str
    mac: str
    power: str = "On"


class EnclosureBackend(Resources):
    """Blades in the first bays, shared supplies and fans; pulled blades lie on the shelf."""

    def __init__(self, identity: Identity, blades: tuple[Blade, ...]) -> None:
        super().__init__()
        self._identity = identity
        self._bays: dict[int, Blade] = dict(zip(BAYS, blades, strict=False))
        self._shelf: list[Blade] = []
        add_frame(self, identity, chassis_type="Enclosure", kind="EnclosureManager")
        self.documents[ROOT]["Systems"] = link(SYSTEMS)
        self.collect(SYSTEMS, "ComputerSystem", [])
        self._add_shared()
        for bay in self._bays:
            self._plug(bay)
        self._contain()

    @property
    def incidents(self) -> Mapping[str, Incident]:
        """``pull-N``, ``insert-N`` (what was pulled first), ``move-N-M``, ``swap-N-M``."""
        found: dict[str, Incident] = {}
        for bay in BAYS:
            found[f"pull-{bay}"] = partial(self._pulled, bay)
            found[f"insert-{bay}"] = partial(self._inserted, bay)
            for other in BAYS:
                found[f"move-{bay}-{other}"] = partial(self._moved, bay, other)
                found[f"swap-{bay}-{other}"] = partial(self._swapped, bay, other)
        return found

    def _add_shared(self) -> None:
        power, thermal = f"{ENCLOSURE}/PowerSubsystem", f"{ENCLOSURE}/ThermalSubsystem"
        self.add(power, "PowerSubsystem.v1_1_2", "Power", Status=OK)
        self.add(thermal, "ThermalSubsystem.v1_3_3", "Cooling", Status=OK)
        shared: tuple[tuple[str, str, str, str, Json], ...] = (
            (power, "PowerSupplies", "PowerSupply", "PowerSupply.v1_6_0", {}),
            (thermal, "Fans", "Fan", "Fan.v1_5_2", {"PhysicalContext": "Chassis"}),
        )
        for holder, place, kind, schema, more in shared:
            paths = [f"{holder}/{place}/{number}" for number in range(1, 5)]
            self.collect(f"{holder}/{place}", kind, paths)
            self.documents[holder][place] = link(f"{holder}/{place}")
            for path in paths:
                serial = f"{self._identity.serial}{kind[0]}{path[-1]}"
                self.add(path, schema, f"{kind} {path[-1]}", SerialNumber=serial, Status=OK, **more)
        self.documents[ENCLOSURE] |= {
            "PowerSubsystem": link(power),
            "ThermalSubsystem": link(thermal),
        }

    def _plug(self, bay: int) -> None:
        """Let the blade in this bay be seen at it: chassis, system and controller."""
        blade = self._bays[bay]
        system, chassis, manager = _paths(bay)
        identity = nameplate(self._identity) | {
            "Model": "Blade 210",
            "PartNumber": "CE-B210",
            "SerialNumber": blade.serial,
            "AssetTag": "",
        }
        self.add(
            chassis,
            "Chassis.v1_25_0",
            f"Blade in bay {bay}",
            ChassisType="Blade",
            **identity,
            Location={"PartLocation": {"ServiceLabel": f"Bay {bay}", "LocationType": "Bay"}},
            Status=OK,
            Links={
                "ContainedBy": link(ENCLOSURE),
                "ComputerSystems": [link(system)],
                "ManagedBy": [link(manager)],
            },
        )
        self.add(
            manager,
            "Manager.v1_19_0",
            "Blade controller",
            ManagerType="BMC",
            FirmwareVersion=self._identity.firmware,
            Status=OK,
            Links={"ManagerForServers": [link(system)], "ManagerForChassis": [link(chassis)]},
        )
        self._add_system(bay, blade, identity)
        self.join(SYSTEMS, system)
        self.join(f"{ROOT}/Chassis", chassis)
        self.join(f"{ROOT}/Managers", manager)

    def _add_system(self, bay: int, blade: Blade, identity: Json) -> None:
        system, chassis, manager = _paths(bay)
        reset = f"{system}/Actions/ComputerSystem.Reset"
        processors, memory = f"{system}/Processors", f"{system}/Memory"
        interfaces = f"{system}/EthernetInterfaces"
        self.add(
            system,
            "ComputerSystem.v1_22_0",
            f"Blade in bay {bay}",
            SystemType="Physical",
            **identity,
            UUID=blade.uuid,
            PowerState=blade.power,
            Boot={"BootSourceOverrideEnabled": "Disabled", "BootSourceOverrideTarget": "None"},
            Status=OK,
            Processors=link(processors),
            Memory=link(memory),
            EthernetInterfaces=link(interfaces),
            Actions={
                "#ComputerSystem.Reset": {
                    "target": reset,
                    "ResetType@Redfish.AllowableValues": list(_RESETS),
                }
            },
            Links={"Chassis": [link(chassis)], "ManagedBy": [link(manager)]},
        )
        self.collect(processors, "Processor", [f"{processors}/1"])
        self.add(
            f"{processors}/1",
            "Processor.v1_20_0",
            "Processor 1",
            ProcessorType="CPU",
            InstructionSet="x86-64",
            Model="Contoso 64C",
            TotalCores=64,
            TotalThreads=128,
            Status=OK,
        )
        self.collect(memory, "Memory", [f"{memory}/1"])
        self.add(
            f"{memory}/1",
            "Memory.v1_20_0",
            "Module 1",
            SerialNumber=f"{blade.serial}M1",
            CapacityMiB=GIBIBYTES * 1024,
            MemoryDeviceType="DDR5",
            DeviceLocator="A1",
            Status=OK,
        )
        self.collect(interfaces, "EthernetInterface", [f"{interfaces}/1"])
        self.add(
            f"{interfaces}/1",
            "EthernetInterface.v1_12_0",
            "Port 1",
            MACAddress=blade.mac,
            PermanentMACAddress=blade.mac,
            LinkStatus="LinkUp",
            Status=OK,
        )
        self.on_post(reset, partial(self._reset, system, blade))

    async def _reset(self, system: str, blade: Blade, body: Json) -> Response:
        wanted = body.get("ResetType")
        if wanted not in _RESETS:
            return invalid("ResetType", wanted)
        blade.power = _RESETS[wanted]
        self.documents[system]["PowerState"] = blade.power
        return Response(status=HTTPStatus.NO_CONTENT)

    def _unplug(self, bay: int) -> Blade | None:
        """Take the blade out of a bay, with all that showed it; None where the bay is empty."""
        blade = self._bays.pop(bay, None)
        if blade is None:
            return None
        system, chassis, manager = _paths(bay)
        for collection, member in (
            (SYSTEMS, system),
            (f"{ROOT}/Chassis", chassis),
            (f"{ROOT}/Managers", manager),
        ):
            self.part(collection, member)
        self.forget(f"{system}/Actions/ComputerSystem.Reset")
        for path in [path for path in self.documents if path.startswith(f"{system}/")]:
            del self.documents[path]
        return blade

    def _put(self, bay: int, blade: Blade | None) -> None:
        """Put a blade into a bay; where that is taken, it goes to the shelf."""
        if blade is None:
            return
        if bay in self._bays:
            self._shelf.append(blade)
            return
        self._bays[bay] = blade
        self._plug(bay)

    def _contain(self) -> None:
        """Let the enclosure name what it contains."""
        blades = [link(_paths(bay)[1]) for bay in sorted(self._bays)]
        self.documents[ENCLOSURE]["Links"]["Contains"] = blades

    async def _pulled(self, bay: int) -> None:
        blade = self._unplug(bay)
        if blade is not None:
            self._shelf.append(blade)
        self._contain()

    async def _inserted(self, bay: int) -> None:
        if self._shelf:
            self._put(bay, self._shelf.pop(0))
        self._contain()

    async def _moved(self, bay: int, other: int) -> None:
        self._put(other, self._unplug(bay))
        self._contain()

    async def _swapped(self, bay: int, other: int) -> None:
        one, two = self._unplug(bay), self._unplug(other)
        self._put(other, one)
        self._put(bay, two)
        self._contain()


def _paths(bay: int) -> tuple[str, str, str]:
    """System, chassis and controller of what is in a bay."""
    return f"{SYSTEMS}/Bay{bay}", f"{ROOT}/Chassis/Bay{bay}", f"{ROOT}/Managers/Bay{bay}"
