"""Accton / Edgecore switches and OLTs behind the PSME of Intel's Rack Scale Design.

Sources: DSP0268 'Port', 'Switch' (properties); Intel RSD PSME REST API (EthernetSwitch and
EthernetSwitchPort, which came before the standard's); the captures that each quirk names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fleetd.driverkit.effects import Patch, Reads
from fleetd.driverkit.payload import integer, text, value
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.spec import Driver
from fleetd.driverkit.standard import GENERIC

Body = Mapping[str, Any]

_LINK: Final = {"Up": "LinkUp", "Down": "LinkDown"}
_ADMINISTRATIVE: Final = {"Up": "Enabled", "Down": "Disabled"}
_NO_ID: Final = "Port ID"


def port_of_switch_port(body: Body) -> Body:
    """An EthernetSwitchPort in the words of Port."""
    if "AdministrativeState" not in body or "LinkState" in body:
        return body
    said: dict[str, Any] = {
        "LinkState": _ADMINISTRATIVE.get(text(body, "AdministrativeState") or ""),
        "LinkStatus": _LINK.get(text(body, "OperationalState") or ""),
        "CurrentLinkSpeedMbps": integer(body, "LinkSpeedMbps"),
        "PortId": text(body, "Id") if text(body, "PortId") == _NO_ID else body.get("PortId"),
    }
    neighbour = {
        "ChassisId": text(body, "NeighborInfo/SwitchId"),
        "PortId": text(body, "NeighborInfo/PortId"),
    }
    if any(neighbour.values()):
        said["Ethernet"] = {"LLDPReceive": neighbour}
    return {**body, **said}


def module_of_statistics(body: Body) -> Body:
    """The plugged-in module, which TransceiverStatistics describes, in the words of SFP."""
    module = value(body, "TransceiverStatistics")
    if not isinstance(module, dict) or "SFP" in body:
        return body
    return {
        **body,
        "SFP": {
            "Manufacturer": text(module, "SFP Vendor Name"),
            "PartNumber": text(module, "Part Number"),
            "SerialNumber": text(module, "Serial Number"),
        },
    }


RSD: Final[Driver] = (
    GENERIC.derive("accton.rsd", title="Accton / Edgecore under Intel Rack Scale Design")
    # Intel's own servers have the key too; their firmware isn't numbered in five parts.
    .matches(oem="Intel_RackScale", manager_firmware=r"^\d+(?:\.\d+){4}$")
    .quirk(
        "switches-in-oem",
        Reads("Manager", Follow("Links/Oem/Intel_RackScale/ManagerForSwitches", "EthernetSwitch")),
        title="Switches are in an Oem collection",
        standard="DSP0268 'ServiceRoot': Fabrics, with Switches below",
        bmc="Root and manager link EthernetSwitches below Oem.Intel_RackScale; no Fabrics",
        action="The manager's are read, and the System in the switch's chassis is its computer",
        source="accton-asgvolt64-rsd-mockup capture",
        test="tests/drivers/test_power_drivers.py::test_a_rack_scale_switch_is_found_with_its_ports",
    )
    .quirk(
        "ports-in-older-words",
        Patch("Port", port_of_switch_port),
        title="Ports are EthernetSwitchPorts",
        standard="DSP0268 'Port': LinkState, LinkStatus, CurrentSpeedGbps, Ethernet.LLDPReceive",
        bmc="AdministrativeState, OperationalState, LinkSpeedMbps, NeighborInfo; PortId 'Port ID'",
        action="They are read as the standard's",
        source="accton-asgvolt64-rsd-mockup capture; Intel RSD PSME API, EthernetSwitchPort",
        test="tests/drivers/test_power_drivers.py::test_a_rack_scale_port_is_read_in_its_own_words",
    )
    .quirk(
        "modules-in-statistics",
        Patch("Port", module_of_statistics),
        title="A port's module is described among its statistics",
        standard="DSP0268 'Port': SFP",
        bmc="TransceiverStatistics has 'Serial Number', 'Part Number' and 'SFP Vendor Name'",
        action="They are read as the port's transceiver",
        source="accton-asgvolt64-rsd-mockup capture",
        test="tests/drivers/test_power_drivers.py::test_a_rack_scale_switch_is_found_with_its_ports",
    )
)
