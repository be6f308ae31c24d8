"""Cisco UCS: CIMC of the C-series and X-series and of the X-series' chassis; OpenBMC's boards.

Sources: DSP0268 (properties), and those that each quirk names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from fleetd.domain.errors import Unsupported
from fleetd.driverkit.actions import find_action
from fleetd.driverkit.behaviours.logs import LogLine, Logs
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.effects import Patch, Replace
from fleetd.driverkit.payload import value
from fleetd.driverkit.quirk import Quirk
from fleetd.driverkit.request import Request
from fleetd.driverkit.spec import Axis, Driver
from fleetd.driverkit.standard import GENERIC
from fleetd_drivers.told import told

Body = Mapping[str, Any]

_TESTS: Final = "tests/drivers/test_cisco.py"
_SEVERITIES: Final = {"Normal": "OK", "Informational": "OK"}
_ALLOWABLE: Final = "@Redfish.AllowableValues"
_SENTENCE: Final = re.compile(r"\s\w+\s")


def without_sentences(body: Body) -> Body:
    """Remove allowable values that explain a parameter instead of listing its values."""
    actions = value(body, "Actions")
    if not isinstance(actions, dict):
        return body
    repaired = {
        name: {key: item for key, item in said.items() if not _explains(key, item)}
        if isinstance(said, dict)
        else said
        for name, said in actions.items()
    }
    return body if repaired == actions else {**body, "Actions": repaired}


def _explains(key: str, item: Any) -> bool:
    listed = item if isinstance(item, list) else []
    return key.endswith(_ALLOWABLE) and any(_SENTENCE.search(str(entry)) for entry in listed)


class MildLogs(Logs):
    """Severities that the standard doesn't know mean that all is well."""

    def lines(self, documents: Documents, service: Resource) -> Iterator[LogLine]:
        """The entries, with severities in the standard's words."""
        for line in super().lines(documents, service):
            yield replace(line, severity=_SEVERITIES.get(line.severity or "", line.severity))


class InsertableMedia(VirtualMedia):
    """Slots of the console stand beside those that fetch an image."""

    def slots(self, documents: Documents, media_type: str) -> tuple[Resource, ...]:
        """Where media of the type can be inserted by an action, the empty first."""
        return tuple(
            slot
            for slot in super().slots(documents, media_type)
            if find_action(slot, "VirtualMedia.InsertMedia", documents)
        )

    def insert(self, slot: Resource, documents: Documents, uri: str) -> tuple[Request, ...]:
        """The requests that insert the image.

        Raises:
            Unsupported: The slot is the console's.
        """
        if find_action(slot, "VirtualMedia.InsertMedia", documents) is None:
            raise Unsupported("this slot is the console's", endpoint="", uri=slot.path)
        return super().insert(slot, documents, uri)


_MEDIA_QUIRK: Final = Quirk(
    id="slots-of-the-console",
    effects=(Replace(VirtualMedia, by=InsertableMedia),),
    title="Some slots are the console's",
    standard="DSP0268 'VirtualMedia': InsertMedia",
    bmc="Slots of vKVM answer 400, proxies' 405 or have no action; some take DVDs only",
    action="Slots without the action are left out; of those that remain, the next is tried",
    source="CSC-003, CSC-004, ironic:drivers/modules/redfish/boot.py",
    test=f"{_TESTS}::test_slots_without_the_action_are_left_out",
)

CIMC: Final[Driver] = (
    GENERIC.derive("cisco.cimc", title="Cisco CIMC (UCS C, S and X)", vendor="Cisco")
    .matches(vendor="^Cisco", without_oem=("OpenBmc", "Ami"))
    .matches(oem="Cisco", without_oem=("OpenBmc", "Ami"))
    .matches(oem="Cisco", manager_model="^UCS", without_oem=("OpenBmc", "Ami"))
    .matches(manager_model="^UCS", manufacturer="^Cisco", without_oem=("OpenBmc", "Ami"))
    .matches(vendor="^Cisco", oem="Cisco", manager_model="^UCS", without_oem=("OpenBmc", "Ami"))
    .also(
        Quirk(
            id="no-maker-in-the-root",
            title="The root names nobody",
            standard="DSP0268 'ServiceRoot': Vendor, Oem",
            bmc="UCS-X and older CIMC have neither; the manager is called CIMC or CMC",
            action="Model and Oem key of manager and system are enough, after the login",
            source="CSC-001, check_redfish:cr_module/classes/redfish.py",
            test=f"{_TESTS}::test_every_captured_ucs_is_claimed",
        ),
        Quirk(
            id="managers-that-manage-nothing",
            title="Network cards are managers without attributes",
            standard="DSP0268 'Manager'",
            bmc="A second member has no Status, model or firmware",
            action="The manager that says its firmware is the BMC",
            source="CSC-007, check_redfish:cr_module/bmc.py",
            test=f"{_TESTS}::test_a_card_among_the_managers_is_not_the_bmc",
        ),
        Quirk(
            id="sentences-for-values",
            effects=(
                Patch("UpdateService", without_sentences),
                Patch("VirtualMedia", without_sentences),
                Patch("Manager", without_sentences),
            ),
            title="Allowable values are sentences",
            standard="DSP0266 'Allowable values for action parameters'",
            bmc='"Path to Image File : Format - …" stands where values would be listed',
            action="Such lists are left out, so that every value may be sent",
            source="cisco-cimc-4.1.2g-c220m4s capture",
            test=f"{_TESTS}::test_a_sentence_limits_no_value",
        ),
        _MEDIA_QUIRK,
        Quirk(
            id="macs-in-adapters-only",
            title="Blades have no EthernetInterfaces",
            standard="DSP0268 'ComputerSystem': EthernetInterfaces",
            bmc="UCSB and UCSX show MACs in the chassis' NetworkAdapters only",
            action="Adapters are read down to their functions",
            source="CSC-005, ironic:drivers/modules/redfish/management.py",
            test=f"{_TESTS}::test_a_blade_has_its_macs_from_its_adapters",
        ),
        Quirk(
            id="objects-for-lists",
            title="One object stands for a list, and numbers are texts",
            standard="DSP0268 'Power': PowerControl; 'Storage': StorageControllers",
            bmc="Where there's one entry, it's no list",
            action="Both shapes are read on every BMC",
            source="CSC-006, check_redfish:cr_module/common.py",
            test=f"{_TESTS}::test_one_object_is_a_list_of_one",
        ),
        Quirk(
            id="own-severities",
            effects=(Replace(Logs, by=MildLogs),),
            title="Severities are of its own",
            standard="DSP0268 'LogEntry': Severity",
            bmc="Normal and Informational",
            action="They're read as OK",
            source="CSC-008, check_redfish:event.py",
            test=f"{_TESTS}::test_severities_are_the_standards",
        ),
        Quirk(
            id="absent-drives-listed",
            title="Absent drives are members, and firmware is incomplete",
            standard="DSP0268 'Status'; 'UpdateService': FirmwareInventory",
            bmc="Empty or disabled bays are listed, volumes have no Status; drives and power "
            "supplies are missing from the firmware inventory",
            action="What's absent is no part, and a part's firmware is read from the part",
            source="CSC-009, CSC-010, check_redfish:storage.py, firmware.py",
            test="tests/inventory/test_reading_faults.py::test_an_empty_slot_is_no_component",
        ),
        told(
            "logout-fails",
            title="Ending a session may fail",
            standard="DSP0266 'Session management'",
            bmc="DELETE of a session has trouble",
            advice="nothing is lost: fleetd names the BMC that it couldn't log out of, and the "
            "session times out",
            source="CSC-011, check_redfish#148",
        ),
    )
)

BOARD: Final[Driver] = (
    GENERIC.derive(
        "cisco.board", title="Cisco boards under OpenBMC", vendor="Cisco", axis=Axis.BOARD
    )
    .matches(manufacturer="^Cisco")
    .also(
        _MEDIA_QUIRK,
        Quirk(
            id="openbmc-under-cisco",
            title="C845A and C885A M8 have OpenBMC",
            standard="DSP0268 'ServiceRoot': Vendor",
            bmc="They're OpenBMC under Cisco's name, which many tools don't know",
            action="OpenBMC's driver is chosen, with this overlay",
            source="CSC-002, infra-controller#1475; ironic",
            test=f"{_TESTS}::test_an_m8_is_openbmc_under_ciscos_name",
        ),
    )
)
