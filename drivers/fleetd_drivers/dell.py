"""Dell PowerEdge servers behind iDRAC 7 to 10.

Sources: DSP0268 (properties), and those that each quirk names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from fleetd.domain.identity import normal_mac
from fleetd.driverkit.behaviours.neighbours import Neighbour, Neighbours
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.effects import Hide, Patch, Reads, Replace, Trait
from fleetd.driverkit.ironic import REDFISH_HARDWARE, IronicHardware
from fleetd.driverkit.payload import text
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.spec import Driver
from fleetd.driverkit.standard import GENERIC
from fleetd.driverkit.version import Range

_SERVICE_TAG: Final = re.compile(r"^[0-9A-Z]{7}$")
_SILENCE: Final = frozenset({"no link", "no data", "not available", "not supported"})


class SwitchConnections(Neighbours):
    """LLDP neighbours are DellSwitchConnections, named by the function's FQDD."""

    def of_port(
        self, port: Resource, functions: tuple[Resource, ...], documents: Documents
    ) -> Neighbour | None:
        """The standard place where it's filled, else the connection of one of the functions."""
        standard = super().of_port(port, functions, documents)
        if standard is not None:
            return standard
        names = {item.last for item in functions} | {port.last}
        for connection in documents.of_kind("DellSwitchConnection"):
            if text(connection.body, "FQDD", "Id") in names:
                return _connected(connection.body)
        return None


def _connected(body: Mapping[str, Any]) -> Neighbour | None:
    chassis = text(body, "SwitchConnectionID")
    port = text(body, "SwitchPortConnectionID")
    silent = chassis is None or chassis.lower() in _SILENCE or port is None
    if silent or text(body, "StaleData") == "Stale":
        return None
    return Neighbour(chassis_id=normal_mac(chassis) or chassis, port_id=normal_mac(port) or port)


def service_tag_as_serial(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Put the service tag where people and asset lists look for the machine's serial."""
    tag = text(body, "SKU")
    if tag is None or not _SERVICE_TAG.match(tag) or body.get("SerialNumber") == tag:
        return body
    return {**body, "SerialNumber": tag}


def without_zero_release_date(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Remove a ReleaseDate of no day; an absent date is honest."""
    if not str(body.get("ReleaseDate", "")).startswith(("00:00:00", "0000-00-00")):
        return body
    return {name: item for name, item in body.items() if name != "ReleaseDate"}


_IDRAC_HARDWARE: Final = IronicHardware(
    hardware_type="idrac", interfaces={"inspect": ("idrac-redfish",)}
)

IDRAC: Final[Driver] = (
    GENERIC.derive("dell.idrac", title="Dell iDRAC 7 to 10", vendor="Dell")
    .matches(vendor="^Dell")
    .matches(oem="Dell")
    .matches(manager_model=r"^1[2-9]G ")
    .matches(vendor="^Dell", manager_model=r"^1[2-9]G ")
    .generation("iDRAC8", manager_model=r"^1[23]G ")
    .generation("iDRAC9", manager_model=r"^1[456]G ")
    .generation("iDRAC10", manager_model=r"^1[7-9]G ")
    .quirk(
        "service-tag-in-sku",
        Patch("ComputerSystem", service_tag_as_serial),
        title="The machine's serial is its service tag, in SKU",
        standard="DSP0268 'ComputerSystem': SerialNumber is the system's serial number",
        bmc="SerialNumber is the board's; the service tag that identifies the machine is in SKU",
        action="A SKU that has a service tag's form is the serial",
        source="DEL-080, ironic:drivers/modules/drac/inspect.py",
        test="tests/drivers/test_dell.py::test_the_serial_is_the_service_tag",
    )
    .quirk(
        "lldp-in-switch-connections",
        Reads(
            "Manager",
            Follow("Links/Oem/Dell/DellSwitchConnectionCollection", "DellSwitchConnection"),
        ),
        Replace(Neighbours, by=SwitchConnections),
        title="LLDP neighbours are in an Oem collection",
        standard="DSP0268 'Port': Ethernet.LLDPReceive",
        bmc="Ports have none; DellSwitchConnections holds them by FQDD, with words for silence",
        action="The collection is read, and its words for silence are no neighbour",
        source="DEL-086, ironic:drivers/modules/drac/inspect.py",
        test="tests/drivers/test_dell.py::test_the_neighbour_is_read_from_the_switch_connection",
    )
    .quirk(
        "expand-unreliable",
        Trait("expand", setting=False),
        title="$expand is slow or wrong in several builds",
        standard="DSP0266 'The $expand query parameter'",
        bmc="Expanded answers are incomplete or slower than single ones",
        action="Members are read one by one",
        source="DEL-089, check_redfish#69, #151",
        test="tests/inventory/test_reading_faults.py::test_a_driver_can_forbid_expansion",
        firmware=Range(generation="iDRAC9", before="6.10"),
    )
    .quirk(
        "past-firmware-listed",
        Hide("SoftwareInventory", r"/(?:Previous|Available|Current)-[^/]*$"),
        title="Firmware is listed several times",
        standard="DSP0268 'UpdateService': FirmwareInventory is the firmware that's installed",
        bmc="Each item comes as Installed-, and again as Current-, Previous- or Available-",
        action="Only what is installed is read",
        source="dell-idrac9-6.00.30-r750 capture",
        test="tests/drivers/test_dell.py::test_an_update_changes_a_part_and_makes_no_new_one",
    )
    .quirk(
        "release-date-zero",
        Patch("SoftwareInventory", without_zero_release_date),
        title="ReleaseDate is no date",
        standard="DSP0266 'Date-time values'",
        bmc="ReleaseDate reads 00:00:00Z or 0000-00-00",
        action="The date is left out",
        source="DEL-084, nv-redfish:redfish/src/bmc_quirks.rs",
        test="tests/drivers/test_driver_laws.py::test_a_patch_repairs_something_and_once_is_enough",
    )
    .for_ironic(_IDRAC_HARDWARE, REDFISH_HARDWARE)
)
