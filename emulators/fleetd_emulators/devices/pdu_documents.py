"""The documents of a rack PDU: PowerDistribution, Circuit, Outlet, OutletGroup and Sensor.

Written from DSP0268; ``pdu`` lets them live.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from fleetd_emulators.devices.resources import (
    OK,
    ROOT,
    Identity,
    Resources,
    add_equipment,
    link,
    nameplate,
    placement,
)
from fleetd_emulators.protocol.problems import Json

PDU: Final = f"{ROOT}/PowerEquipment/RackPDUs/1"
VOLTS: Final = 230.0
HERTZ: Final = 50.0
OUTLETS_A_BRANCH: Final = 8
BRANCH_AMPS: Final = 16
SWITCH_DELAY_S: Final = 1.0
CYCLE_DELAY_S: Final = 5.0
POWER_STATES: Final = ("On", "Off", "PowerCycle")

_CIRCUIT: Final = {"ElectricalContext": "Line1ToNeutral", "PhaseWiringType": "OnePhase3Wire"}
_PLACES: Final = ("Mains", "Branches", "Outlets", "OutletGroups", "Sensors", "Metrics")


def outlets_of(branch: int, outlets: int) -> range:
    """The numbers of the outlets on a branch, both counted from 1."""
    first = (branch - 1) * OUTLETS_A_BRANCH + 1
    return range(first, min(first + OUTLETS_A_BRANCH, outlets + 1))


def branch_of(outlet: int) -> int:
    """The branch that an outlet hangs on."""
    return (outlet - 1) // OUTLETS_A_BRANCH + 1


def add_unit(pdu: Resources, identity: Identity) -> None:
    """PowerEquipment, and the one PDU in it."""
    add_equipment(pdu, "PowerEquipment.v1_2_1", "PowerDistribution", PDU)
    pdu.add(
        PDU,
        "PowerDistribution.v1_3_2",
        identity.name,
        EquipmentType="RackPDU",
        **nameplate(identity),
        UUID=identity.uuid,
        FirmwareVersion=identity.firmware,
        Location={"Placement": placement(identity)},
        Status=OK,
        **{place: link(f"{PDU}/{place}") for place in _PLACES},
        Links={
            "Chassis": [link(f"{ROOT}/Chassis/1")],
            "ManagedBy": [link(f"{ROOT}/Managers/1")],
        },
    )


def add_mains(pdu: Resources) -> None:
    """The one inlet."""
    pdu.collect(f"{PDU}/Mains", "Circuit", [f"{PDU}/Mains/AC1"])
    pdu.add(
        f"{PDU}/Mains/AC1",
        "Circuit.v1_7_0",
        "Mains AC 1",
        CircuitType="Mains",
        PlugType="IEC_60309_316P6",
        NominalVoltage="AC230V",
        RatedCurrentAmps=32,
        FrequencyHz={"Reading": HERTZ},
        Status=OK,
        **_CIRCUIT,
    )


def add_branch(pdu: Resources, branch: int, outlets: int) -> str:
    """A branch with its breaker; gives the target of the action that closes it."""
    path = f"{PDU}/Branches/{branch}"
    target = f"{path}/Actions/Circuit.BreakerControl"
    pdu.add(
        path,
        "Circuit.v1_7_0",
        f"Branch {branch}",
        CircuitType="Branch",
        BreakerState="Normal",
        NominalVoltage="AC230V",
        RatedCurrentAmps=BRANCH_AMPS,
        Status=OK,
        Links={"Outlets": [link(f"{PDU}/Outlets/{n}") for n in outlets_of(branch, outlets)]},
        Actions={
            "#Circuit.BreakerControl": {
                "target": target,
                "PowerState@Redfish.AllowableValues": ["On"],
            }
        },
        **_CIRCUIT,
    )
    return target


def add_outlet(pdu: Resources, number: int, *, label: str, feeds: Mapping[str, list[Json]]) -> str:
    """An outlet; gives the target of the action that switches it."""
    path = f"{PDU}/Outlets/{number}"
    target = f"{path}/Actions/Outlet.PowerControl"
    pdu.add(
        path,
        "Outlet.v1_4_4",
        f"Outlet {number}",
        UserLabel=label,
        OutletType="IEC_60320_C13",
        NominalVoltage="AC230V",
        RatedCurrentAmps=10,
        PhaseWiringType="OnePhase3Wire",
        PowerState="On",
        PowerEnabled=True,
        PowerControlLocked=False,
        PowerOnDelaySeconds=SWITCH_DELAY_S,
        PowerOffDelaySeconds=SWITCH_DELAY_S,
        PowerCycleDelaySeconds=CYCLE_DELAY_S,
        Voltage={"Reading": VOLTS},
        FrequencyHz={"Reading": HERTZ},
        Status=OK,
        Links={"BranchCircuit": link(f"{PDU}/Branches/{branch_of(number)}"), **feeds},
        Actions=_power_control("Outlet", target),
    )
    return target


def add_group(pdu: Resources, name: str, title: str, outlets: Iterable[int]) -> str:
    """A group of outlets; gives the target of the action that switches them together."""
    path = f"{PDU}/OutletGroups/{name}"
    target = f"{path}/Actions/OutletGroup.PowerControl"
    pdu.add(
        path,
        "OutletGroup.v1_2_0",
        title,
        PowerState="On",
        PowerEnabled=True,
        PowerOnDelaySeconds=SWITCH_DELAY_S,
        PowerOffDelaySeconds=SWITCH_DELAY_S,
        Status=OK,
        Links={"Outlets": [link(f"{PDU}/Outlets/{number}") for number in outlets]},
        Actions=_power_control("OutletGroup", target),
    )
    return target


def _power_control(kind: str, target: str) -> Json:
    return {
        f"#{kind}.PowerControl": {
            "target": target,
            "PowerState@Redfish.AllowableValues": list(POWER_STATES),
        }
    }


def add_meters(pdu: Resources, outlets: range, branches: range) -> None:
    """The metrics of the whole, and a sensor for whatever is measured."""
    pdu.add(f"{PDU}/Metrics", "PowerDistributionMetrics.v1_3_2", "Metrics")
    sensors = [("TotalPower", "Power", "W")]
    sensors += [(f"Outlet{number}Power", "Power", "W") for number in outlets]
    sensors += [(f"Outlet{number}Current", "Current", "A") for number in outlets]
    sensors += [(f"Branch{number}Power", "Power", "W") for number in branches]
    sensors += [(f"Branch{number}Current", "Current", "A") for number in branches]
    pdu.collect(f"{PDU}/Sensors", "Sensor", [f"{PDU}/Sensors/{name}" for name, *_ in sensors])
    for name, kind, unit in sensors:
        pdu.add(
            f"{PDU}/Sensors/{name}",
            "Sensor.v1_9_0",
            name,
            ReadingType=kind,
            ReadingUnits=unit,
            Reading=0.0,
            Status=OK,
        )
