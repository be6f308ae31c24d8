"""HPE Cray EX controllers: chassis management modules, Slingshot routers and node cards.

Sources: DSP0268 (properties), and those that each quirk names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from fleetd.driverkit.effects import Patch
from fleetd.driverkit.payload import entries, is_absent, text, value
from fleetd.driverkit.spec import Driver
from fleetd.driverkit.standard import GENERIC

Body = Mapping[str, Any]

# Gigabyte's boards in Cray's machines keep Gigabyte's firmware.
_NOT_CRAY_S: Final = ("GBTChassisOemProperty",)
_NUMBER: Final = re.compile(r"#/?PowerSupplies/(\d+)$")


def present_while_on(body: Body) -> Body:
    """A chassis that is powered on is there, whatever its State says."""
    if not is_absent(body) or text(body, "PowerState") != "On":
        return body
    status = value(body, "Status")
    return {**body, "Status": {name: said for name, said in status.items() if name != "State"}}


def supplies_in_order(body: Body) -> Body:
    """The entries of Power in the order of the numbers that they have at their fragments."""
    supplies = entries(body, "PowerSupplies")
    ordered = sorted(supplies, key=_fragment_number)
    return body if ordered == supplies else {**body, "PowerSupplies": ordered}


def _fragment_number(supply: Body) -> int:
    found = _NUMBER.search(text(supply, "@odata.id") or "")
    return int(found.group(1)) if found else 0


CONTROLLER: Final[Driver] = (
    GENERIC.derive("cray.controller", title="HPE Cray EX controllers", vendor="HPE")
    .matches(manufacturer=r"^Cray\b", without_oem=_NOT_CRAY_S)
    .matches(manufacturer=r"^Cray\b", oem="Ami", without_oem=_NOT_CRAY_S)
    .matches(oem="TriggeredAlarms|CrayVoltageMargins")
    .quirk(
        "absent-while-on",
        Patch("Chassis", present_while_on),
        title="A router's chassis is Absent while it runs",
        standard="DSP0268 'Resource': Status.State Absent is for what isn't there",
        bmc="The Slingshot router's Enclosure has PowerState On and State Absent",
        action="What is powered on is there",
        source="cray-slingshot-routerbmc-smd capture",
        test="tests/drivers/test_power_drivers.py::test_a_cray_router_that_runs_is_there",
    )
    .quirk(
        "router-is-a-chassis",
        title="A Slingshot router is a chassis with network adapters",
        standard="DSP0268 'Fabric': Switches",
        bmc="No Fabrics and no System; the Enclosure is the switch, with NetworkAdapters",
        action="A chassis with network adapters and no system is a switch",
        source="ICF-011, hms-smd:pkg/redfish/rfendpoints.go",
        test="tests/drivers/test_power_drivers.py::test_a_cray_router_with_adapters_is_a_switch",
    )
    .quirk(
        "supplies-in-any-order",
        Patch("Power", supplies_in_order),
        title="A chassis' rectifiers are listed in an order that changes",
        standard="DSP0268 'Power': PowerSupplies/{index} is the fragment of an entry",
        bmc="Entries name themselves Power#/PowerSupplies/200, 300 ..., in changing order",
        action="They are put into the order of these numbers, so each keeps its place",
        source="cray-cmm-smd, hpecray-cmm-csm captures",
        test="tests/drivers/test_power_drivers.py::test_rectifiers_are_the_supplies_of_a_cray_chassis",
    )
    .quirk(
        "targets-are-members",
        title="An update's targets are members of the inventory",
        standard="DSP0268 'UpdateService': SimpleUpdate, Targets",
        bmc="Targets are the inventory's path and the member's name",
        action="They are sent as the members' own paths",
        source="ICF-009, hms-firmware-action:cmd/hms-firmware-action/updateScheduler.go",
        test="tests/drivers/test_cray.py::test_an_update_s_targets_are_members_of_the_inventory",
    )
    .quirk(
        "limits-at-deep-controls",
        title="Power limits are set all at once",
        standard="DSP0268 'Control': SetPoint",
        bmc="A node's limits are changed by one PATCH to Controls.Deep; 0 means no limit",
        action="Told to people (fleetctl driver explain): fleetd sets no power limits",
        source="ICF-010, hms-power-control:power-cap.go",
        test="tests/drivers/test_driver_laws.py::test_every_quirk_is_said_whole",
    )
)
