"""The chassis with its power, cooling and sensors; readings follow the power state."""

from __future__ import annotations

from typing import Final

from fleetd_emulators.hardware import PowerSupply, Server
from fleetd_emulators.servers.documents.layout import ROOT
from fleetd_emulators.servers.documents.tree import OK, OK_ROLLUP, Document, Names, Tree, locators

STANDBY_WATTS: Final = 18
FAN_RPM: Final = 6_240
INLET_CELSIUS: Final = 22


def consumed_watts(server: Server) -> int:
    """A steady draw derived from what is fitted; standby when off."""
    if not server.powered_on:
        return STANDBY_WATTS
    processors = 105 * len(server.processors)
    modules = 5 * sum(1 for module in server.memory if module.capacity_bytes)
    return 90 + processors + modules + 180 * len(server.accelerators)


def enclosure(tree: Tree, names: Names) -> None:
    """Add the chassis, its power and thermal resources, and its sensors."""
    server, layout = names.server, names.layout
    path = layout.chassis_path
    tree.collect(f"{ROOT}/Chassis", "Chassis", "Chassis Collection", [path])
    document = tree.add(
        path,
        "Chassis.v1_21_0",
        "Computer System Chassis",
        ChassisType="RackMount",
        Manufacturer=server.manufacturer,
        Model=server.model,
        SKU=server.sku,
        PartNumber=server.part_number,
        SerialNumber=server.serial,
        AssetTag=server.asset_tag,
        PowerState="On" if server.powered_on else "Off",
        **locators(layout),
        HeightMm=88.9,
        Location={
            "Placement": {
                "Rack": server.rack,
                "RackOffset": server.unit,
                "RackOffsetUnits": "EIA_310",
            }
        },
        Status=OK_ROLLUP,
        Links={
            "ComputerSystems": tree.links([layout.system_path]),
            "ManagedBy": tree.links([layout.manager_path]),
            "Drives": tree.links(
                [
                    names.drive(index, place, drive)
                    for index, controller in enumerate(server.controllers)
                    for place, drive in enumerate(controller.drives)
                ]
            ),
        },
    )
    for name in ("NetworkAdapters", "PCIeDevices", "Sensors", "ThermalSubsystem"):
        document[name] = tree.link(f"{path}/{name}")
    if layout.power_subsystem:
        document["PowerSubsystem"] = tree.link(f"{path}/PowerSubsystem")
        _power_subsystem(tree, names)
    if layout.legacy_power:
        document["Power"] = tree.link(f"{path}/Power")
        document["Thermal"] = tree.link(f"{path}/Thermal")
        _power(tree, names)
        _thermal(tree, names)
    _thermal_subsystem(tree, names)
    _sensors(tree, names)


def _supply(supply: PowerSupply) -> Document:
    return {
        "Manufacturer": supply.manufacturer,
        "Model": supply.model,
        "PartNumber": supply.part_number,
        "SerialNumber": supply.serial,
        "FirmwareVersion": supply.firmware,
        "PowerCapacityWatts": supply.capacity_watts,
        "PowerSupplyType": "AC",
    }


def _power_subsystem(tree: Tree, names: Names) -> None:
    path = f"{names.layout.chassis_path}/PowerSubsystem"
    members = [names.supply(index) for index in range(len(names.server.power_supplies))]
    tree.add(
        path,
        "PowerSubsystem.v1_1_0",
        "Power Subsystem",
        CapacityWatts=sum(supply.capacity_watts for supply in names.server.power_supplies),
        PowerSupplies=tree.link(f"{path}/PowerSupplies"),
        Status=OK_ROLLUP,
    )
    tree.collect(f"{path}/PowerSupplies", "PowerSupply", "Power Supplies", members)
    for member, supply in zip(members, names.server.power_supplies, strict=True):
        tree.add(
            member,
            "PowerSupply.v1_5_0",
            supply.bay,
            **_supply(supply),
            InputNominalVoltageType="AC200To240V",
            LineInputStatus="Normal",
            HotPluggable=True,
            Location={"PartLocation": {"ServiceLabel": supply.bay, "LocationType": "Bay"}},
            Status=OK,
        )


def _power(tree: Tree, names: Names) -> None:
    server, path = names.server, f"{names.layout.chassis_path}/Power"
    anchor = names.layout.href(path).rstrip("/")
    share = consumed_watts(server) / max(len(server.power_supplies), 1)
    tree.add(
        path,
        "Power.v1_7_1",
        "Power",
        PowerControl=[
            {
                "@odata.id": f"{anchor}#/PowerControl/0",
                "MemberId": "0",
                "Name": "System Power Control",
                "PowerConsumedWatts": consumed_watts(server),
                "PowerCapacityWatts": sum(item.capacity_watts for item in server.power_supplies),
                "PowerLimit": {"LimitInWatts": None},
                "Status": OK,
            }
        ],
        PowerSupplies=[
            {
                "@odata.id": f"{anchor}#/PowerSupplies/{index}",
                "MemberId": str(index),
                "Name": supply.bay,
                **_supply(supply),
                "LineInputVoltage": 230,
                "LineInputVoltageType": "AC240V",
                "LastPowerOutputWatts": round(share),
                "Status": OK,
            }
            for index, supply in enumerate(server.power_supplies)
        ],
        Voltages=[],
        Redundancy=[],
    )


def _thermal(tree: Tree, names: Names) -> None:
    server, path = names.server, f"{names.layout.chassis_path}/Thermal"
    anchor = names.layout.href(path).rstrip("/")
    rpm = FAN_RPM if server.powered_on else 0
    tree.add(
        path,
        "Thermal.v1_7_0",
        "Thermal",
        Temperatures=[
            {
                "@odata.id": f"{anchor}#/Temperatures/{index}",
                "MemberId": str(index),
                "Name": name,
                "ReadingCelsius": reading,
                "UpperThresholdCritical": 47 if index == 0 else 100,
                "PhysicalContext": context,
                "Status": OK,
            }
            for index, (name, context, reading) in enumerate(_temperatures(server))
        ],
        Fans=[
            {
                "@odata.id": f"{anchor}#/Fans/{index}",
                "MemberId": str(index),
                "Name": f"Fan {index + 1}",
                "Reading": rpm,
                "ReadingUnits": "RPM",
                "Status": OK,
            }
            for index in range(server.fans)
        ],
        Redundancy=[],
    )


def _temperatures(server: Server) -> list[tuple[str, str, int]]:
    """Name, PhysicalContext and reading of every probe."""
    hot = 41 if server.powered_on else 24
    processors = [
        (f"CPU{index + 1} Temp", "CPU", hot + index) for index in range(len(server.processors))
    ]
    return [("Inlet Temp", "Intake", INLET_CELSIUS), *processors]


def _thermal_subsystem(tree: Tree, names: Names) -> None:
    path = f"{names.layout.chassis_path}/ThermalSubsystem"
    members = [names.fan(index) for index in range(names.server.fans)]
    tree.add(
        path,
        "ThermalSubsystem.v1_2_0",
        "Thermal Subsystem",
        Fans=tree.link(f"{path}/Fans"),
        Status=OK_ROLLUP,
    )
    tree.collect(f"{path}/Fans", "Fan", "Fans", members)
    percent = 30 if names.server.powered_on else 0
    rpm = FAN_RPM if names.server.powered_on else 0
    for index, member in enumerate(members):
        tree.add(
            member,
            "Fan.v1_4_0",
            f"Fan {index + 1}",
            PhysicalContext="SystemBoard",
            HotPluggable=True,
            SpeedPercent={"Reading": percent, "SpeedRPM": rpm},
            Status=OK,
        )


def _sensors(tree: Tree, names: Names) -> None:
    server, path = names.server, f"{names.layout.chassis_path}/Sensors"
    readings: list[tuple[str, str, str, float, str]] = [
        ("TotalPower", "Total Power", "Power", consumed_watts(server), "W"),
        *(
            (name.replace(" ", ""), name, "Temperature", reading, "Cel")
            for name, _, reading in _temperatures(server)
        ),
        *(
            (
                f"Fan{index + 1}",
                f"Fan {index + 1}",
                "Rotational",
                FAN_RPM if server.powered_on else 0,
                "RPM",
            )
            for index in range(server.fans)
        ),
    ]
    members = []
    for identity, name, kind, reading, units in readings:
        member = f"{path}/{identity}"
        members.append(member)
        tree.add(
            member,
            "Sensor.v1_7_0",
            name,
            ReadingType=kind,
            Reading=reading,
            ReadingUnits=units,
            Status=OK,
        )
    tree.collect(path, "Sensor", "Sensors", members)
