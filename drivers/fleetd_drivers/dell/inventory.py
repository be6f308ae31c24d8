"""What an iDRAC's inventory says otherwise than the standard."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from fleetd.driverkit.behaviours.neighbours import Neighbours
from fleetd.driverkit.effects import Hide, Patch, Reads, Replace
from fleetd.driverkit.payload import text
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.quirk import Quirk
from fleetd.driverkit.version import Range
from fleetd_drivers.dell.lldp import SwitchConnections

_SERVICE_TAG: Final = re.compile(r"^[0-9A-Z]{7}$")
_TESTS: Final = "tests/drivers/test_dell.py"


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


QUIRKS: Final = (
    Quirk(
        id="service-tag-in-sku",
        effects=(Patch("ComputerSystem", service_tag_as_serial),),
        title="The machine's serial is its service tag, in SKU",
        standard="DSP0268 'ComputerSystem': SerialNumber is the system's serial number",
        bmc="SerialNumber is the board's; the service tag that identifies the machine is in SKU",
        action="A SKU that has a service tag's form is the serial",
        source="DEL-080, ironic:drivers/modules/drac/inspect.py",
        test=f"{_TESTS}::test_the_serial_is_the_service_tag",
    ),
    Quirk(
        id="lldp-in-switch-connections",
        effects=(
            Reads(
                "Manager",
                Follow("Links/Oem/Dell/DellSwitchConnectionCollection", "DellSwitchConnection"),
            ),
            Replace(Neighbours, by=SwitchConnections),
        ),
        title="LLDP neighbours are in an Oem collection",
        standard="DSP0268 'Port': Ethernet.LLDPReceive",
        bmc="Ports have none; DellSwitchConnections holds them by FQDD, with words for silence",
        action="The collection is read, and its words for silence are no neighbour",
        source="DEL-086, ironic:drivers/modules/drac/inspect.py",
        test=f"{_TESTS}::test_the_neighbour_is_read_from_the_switch_connection",
    ),
    Quirk(
        id="past-firmware-listed",
        effects=(Hide("SoftwareInventory", r"/(?:Previous|Available|Current)-[^/]*$"),),
        title="Firmware is listed several times, under ids that hold the version",
        standard="DSP0268 'UpdateService': FirmwareInventory is the firmware that's installed",
        bmc="Each item comes as Installed-, and again as Current-, Previous- or Available-; "
        "the order of the members isn't stable",
        action="Only what is installed is read, and known by its part, not by its version",
        source="DEL-065, dell-idrac9-6.00.30-r750 capture",
        test=f"{_TESTS}::test_an_update_changes_a_part_and_makes_no_new_one",
    ),
    Quirk(
        id="release-date-zero",
        effects=(Patch("SoftwareInventory", without_zero_release_date),),
        title="Dates are of no day",
        standard="DSP0266 'Date-time values'",
        bmc="ReleaseDate reads 00:00:00Z, and LastResetTime 0000-00-00",
        action="The release date is left out; LastResetTime isn't read",
        source="DEL-066, DEL-084, nv-redfish:redfish/src/bmc_quirks.rs",
        test="tests/drivers/test_driver_laws.py::test_a_patch_repairs_something_and_once_is_enough",
    ),
    Quirk(
        id="older-shapes",
        title="An iDRAC8 writes lists and health in shapes of its own",
        standard="DSP0266 'Reference properties'; DSP0268 'Status'",
        bmc='References come as {"Member": {...}}, the roll-up of health as HealthRollUp',
        action="Both shapes are read on every BMC",
        source="DEL-081, DEL-082, check_redfish:cr_module/mem.py; LambdaLabs exporter",
        test="tests/drivers/test_payload.py::test_only_paths_of_this_service_are_links",
        firmware=Range(generation="iDRAC8"),
    ),
    Quirk(
        id="port-named-as-its-adapter",
        title="A port's Id repeats its adapter's",
        standard="DSP0266 'Resource identification': Id is unique within its collection",
        bmc="Port.Id equals NetworkAdapter.Id",
        action="Parts are known by their paths, never by their Ids",
        source="DEL-083, idrac_exporter#92",
        test=f"{_TESTS}::test_ports_with_one_id_stay_apart",
    ),
    Quirk(
        id="macs-in-device-functions",
        title="EthernetInterfaces lacks MACs",
        standard="DSP0268 'ComputerSystem': EthernetInterfaces",
        bmc="The whole set of MACs is in NetworkDeviceFunctions only",
        action="Adapters are read down to their functions",
        source="DEL-085, infra-controller:crates/bmc-explorer/src/lib.rs",
        test="tests/inventory/test_devices_of_an_endpoint.py::"
        "test_partitions_of_a_port_are_ports_with_their_own_macs",
    ),
    Quirk(
        id="legacy-power-and-thermal-unfilled",
        title="The older Power and Thermal lack readings",
        standard="DSP0268: Power and Thermal are deprecated for the subsystems",
        bmc="An iDRAC10 fills PowerSubsystem, ThermalSubsystem and Sensors only",
        action="The subsystems are read first, the older resources where there are none",
        source="DEL-091, idrac_exporter#202",
        test="tests/inventory/test_reading_faults.py::"
        "test_where_the_new_resource_is_missing_the_older_is_read",
        firmware=Range(generation="iDRAC10"),
    ),
)
