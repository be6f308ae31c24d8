"""What an iLO's inventory says otherwise than the standard."""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.effects import Effect, Patch, Reads
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.quirk import Quirk
from fleetd.driverkit.version import Range
from fleetd_drivers.hpe.smart_storage import (
    adapter_of_base_adapter,
    drive_of_disk_drive,
    storage_of_array_controller,
    volume_of_logical_drive,
)
from fleetd_drivers.told import told

_TESTS: Final = "tests/drivers/test_hpe.py"
_FAULTS: Final = "tests/inventory/test_reading_faults.py"


def _smart_storage(*places: str) -> tuple[Effect, ...]:
    return (
        *(Reads("ComputerSystem", Follow(place, "StorageGroup")) for place in places),
        Reads("StorageGroup", Follow("Links/ArrayControllers", "Storage")),
        Reads("Volume", Follow("Links/DataDrives", "Drive")),
        Patch("Storage", storage_of_array_controller),
        Patch("Drive", drive_of_disk_drive),
        Patch("Volume", volume_of_logical_drive),
    )


def _cards(*places: str) -> tuple[Effect, ...]:
    return (
        *(Reads("ComputerSystem", Follow(place, "NetworkAdapter")) for place in places),
        Patch("NetworkAdapter", adapter_of_base_adapter),
    )


QUIRKS: Final = (
    Quirk(
        id="base-network-adapters",
        effects=_cards("Oem/Hpe/Links/NetworkAdapters"),
        title="Network cards are in an Oem collection",
        standard="DSP0268 'Chassis': NetworkAdapters",
        bmc="Cards stand in Systems/1/BaseNetworkAdapters, with their ports written inside",
        action="They are read as network adapters with ports",
        source="HPE-044, redfishdocs ilo6_changelog",
        test=f"{_TESTS}::test_a_card_in_the_older_place_is_a_card",
        firmware=Range(generation="iLO 5"),
    ),
    Quirk(
        id="smart-storage",
        effects=_smart_storage("Oem/Hpe/Links/SmartStorage"),
        title="Smart Array controllers are in an Oem tree",
        standard="DSP0268 'ComputerSystem': Storage",
        bmc="SmartStorage/ArrayControllers holds SR controllers and drives that Storage lacks; "
        "MR and NS controllers are in Storage only",
        action="Both are read, the Oem tree in the words of Storage, Drive and Volume",
        source="HPE-040, STO-004, check_redfish#87; SNIA/Swordfish-Powershell-Toolkit#19",
        test=f"{_TESTS}::test_smart_arrays_read_like_any_other_storage",
        firmware=Range(generation="iLO 5"),
    ),
    Quirk(
        id="older-places",
        effects=(
            *_smart_storage("Oem/Hp/Links/SmartStorage", "Oem/Hp/links/SmartStorage"),
            *_cards("Oem/Hp/Links/NetworkAdapters", "Oem/Hp/links/NetworkAdapters"),
        ),
        title="An iLO 4 has cards and storage in Oem places only",
        standard="DSP0268 'ComputerSystem': Storage, NetworkInterfaces",
        bmc="They're below Oem.Hp.Links (links in older builds): SmartStorage, NetworkAdapters",
        action="They're read as on an iLO 5",
        source="HPE-007, check_redfish:cr_module/storage.py; redfishdocs",
        test=f"{_TESTS}::test_an_ilo_4_is_read_at_its_older_places",
        firmware=Range(generation="iLO 4"),
    ),
    Quirk(
        id="ports-in-two-places",
        title="Ports moved, and neighbours with them",
        standard="DSP0268 'NetworkAdapter': Ports, NetworkPorts before",
        bmc="Since iLO 6, NetworkPorts (with HpeLLDP) is deprecated for Ports (with LLDPReceive)",
        action="Ports are read, and NetworkPorts where there are none; HpeLLDP isn't",
        source="HPE-045, redfishdocs:ilo6_adaptation.md",
        test="tests/drivers/test_hpe.py::test_ports_are_read_where_they_were_before",
    ),
    Quirk(
        id="adapters-refused-before-the-os",
        title="Network adapters aren't to be had until the OS runs",
        standard="DSP0266 'Status codes'",
        bmc="NetworkAdapters answers 400, or is empty, before; some cards say nothing at all",
        action="What can't be read stays as it was, and is read by the next sweep",
        source="HPE-046, HPE-047, ironic:drivers/modules/redfish/firmware.py; SMD; idrac_exporter",
        test=f"{_FAULTS}::"
        "test_a_collection_that_fails_leaves_its_sections_stale_and_the_rest_whole",
    ),
    Quirk(
        id="padded-serials",
        title="Serials are padded, and members lose their links",
        standard="DSP0266 'Reference properties'",
        bmc="Trailing blanks; PCIe members without @odata.id while power changes; UEFI paths that "
        "begin with Acpi(",
        action="Padding is no part of a value, and a member without a link is passed over",
        source="HPE-049, infra-controller:crates/bmc-explorer/src/computer_system.rs",
        test="tests/drivers/test_hpe.py::test_a_member_without_a_link_is_passed_over",
    ),
    told(
        "numbered-firmware",
        title="Firmware is numbered, and the numbers change",
        standard="DSP0266 'Resource identification': an Id is stable",
        bmc="Members of FirmwareInventory are 1 to n in an order that changes; cards of one model "
        "share a name and differ in Oem.Hpe.DeviceContext",
        advice="fleetd knows firmware by its place, so a change of order is told as parts that "
        "changed; compare by name",
        source="HPE-036, bmclib; metal-operator",
    ),
    told(
        "server-devices",
        title="What is in the slots is told in an Oem collection too",
        standard="DSP0268 'Chassis': PCIeDevices",
        bmc="Oem.Hpe.Links.Devices lists cards with their serials, often without a model",
        advice="fleetd reads the standard's PCIeDevices, processors and adapters; look there for "
        "what these lack",
        source="HPE-048, Cray-HPE/hms-smd:pkg/redfish/rfcomponents-hpe.go",
    ),
    told(
        "power-subsystem-unfilled",
        title="The power subsystem may be empty while Power is live",
        standard="DSP0268: Power is deprecated for PowerSubsystem",
        bmc="An iLO 6 may say Absent and 0.0 there; an iLO 4 says firmware 0.00 and no State",
        advice="a supply that's absent there is absent in fleetd; compare with Chassis/1/Power",
        source="HPE-050, HPE-051, sapcc/redfish-exporter; idrac_exporter",
    ),
)
