"""Seagate storage arrays (Exos X).

Sources: Seagate's tutorials for its Redfish services 1 and 2 (github.com/Seagate/SystemsRedfishPy,
tutorial-redfish-service-v1.md and -v2.md), which show what arrays answer; DSP0268; Swordfish 1.2.
"""

from __future__ import annotations

from typing import Final

from fleetd.domain.device import Json
from fleetd.driverkit.effects import Document, Patch
from fleetd.driverkit.payload import value
from fleetd.driverkit.spec import Driver
from fleetd.driverkit.standard import GENERIC

_EXAMPLE_UUID: Final = "92384634-2938-2342-8820-489239905423"
_TESTS: Final = "tests/drivers/test_seagate.py"


def without_the_example_uuid(root: Document) -> Document:
    """A service root without the UUID that DMTF's example has."""
    if str(root.get("UUID", "")).lower() != _EXAMPLE_UUID:
        return root
    return {name: said for name, said in root.items() if name != "UUID"}


def encryption_as_the_standard_writes_it(drive: Document) -> Document:
    """A drive whose EncryptionStatus lacks no letter."""
    if drive.get("EncryptionStatus") != "Unecrypted":
        return drive
    return {**drive, "EncryptionStatus": "Unencrypted"}


def without_the_enclosures_number(chassis: Document) -> Document:
    """A chassis whose Location says nothing of racks: what it calls a rack is its own number."""
    location = value(chassis, "Location")
    if not isinstance(location, dict) or value(location, "Placement/RackOffset") != 0:
        return chassis
    kept: dict[str, Json] = {name: said for name, said in location.items() if name != "Placement"}
    return {**chassis, "Location": kept}


ARRAY: Final[Driver] = (
    GENERIC.derive("seagate.array", title="Seagate storage arrays", vendor="Seagate")
    .matches(vendor=r"(?i)^Seagate\b")
    .matches(oem="Seagate")
    .matches(manufacturer=r"(?i)^Seagate\b")
    .quirk(
        "system-without-processors",
        title="The array shows itself as a ComputerSystem, and its storage twice",
        standard="Swordfish 1.2 'StorageSystem': an array is listed in StorageSystems; "
        "DSP0268 'Storage': one subsystem, one resource",
        bmc="Service 2 has one System with a reset and nothing to compute with; each controller's "
        "pools, volumes and drives are below it and below the root's Storage, under other paths; "
        "service 1 has StorageServices (with ClassesOfService) instead",
        action="A System without processors, memory or boot beside Swordfish's storage is storage; "
        "drives are known again by serial, controllers too, pools and volumes by their Id",
        source="STO-001, SystemsRedfishPy tutorials for services 1 and 2",
        test="tests/inventory/test_storage_swordfish.py::"
        "test_what_two_controllers_show_at_two_places_is_counted_once",
    )
    .quirk(
        "every-pool-lists-all-volumes",
        title="A pool's AllocatedVolumes and AllocatedPools lead to all there are",
        standard="Swordfish 1.2 'StoragePool': the volumes and pools allocated from this pool",
        bmc="Every pool links the subsystem's whole collections; what provides its capacity is "
        "written in CapacitySources, with the members of the linked collection in place",
        action="What two pools claim is nobody's; a capacity source's own members go first",
        source="SystemsRedfishPy tutorial-redfish-service-v2.md, StoragePools/A and dgA01",
        test="tests/inventory/test_storage_swordfish.py::"
        "test_what_two_controllers_show_at_two_places_is_counted_once",
    )
    .quirk(
        "bay-name-as-naa",
        title="A drive's durable name is its bay's name",
        standard="DSP0268 'Identifiers': NAA is a World Wide Name of 16 or 32 digits",
        bmc="'disk_00.00' with DurableNameFormat NAA",
        action="A World Wide Name that isn't one is left out, for every BMC",
        source="SystemsRedfishPy tutorial-redfish-service-v2.md, Drives/0.0",
        test="tests/inventory/test_storage_swordfish.py::"
        "test_an_array_that_shows_a_system_is_storage_and_no_server",
    )
    .quirk(
        "uuid-of-the-example",
        Patch("ServiceRoot", without_the_example_uuid),
        title="The service root's UUID is the one of DMTF's example",
        standard="DSP0268 'ServiceRoot': UUID is unique to the service",
        bmc=f"{_EXAMPLE_UUID}, whichever array it is",
        action="The UUID is left out",
        source="SystemsRedfishPy tutorial-redfish-service-v2.md, /redfish/v1",
        test=f"{_TESTS}::test_arrays_are_told_apart_though_their_roots_share_a_uuid",
    )
    .quirk(
        "unecrypted",
        Patch("Drive", encryption_as_the_standard_writes_it),
        title="EncryptionStatus lacks a letter",
        standard="DSP0268 'Drive': EncryptionStatus is Unencrypted, Unlocked, Locked or Foreign",
        bmc="'Unecrypted'",
        action="Read as Unencrypted",
        source="SystemsRedfishPy tutorial-redfish-service-v2.md, Drives/0.0",
        test=f"{_TESTS}::test_a_drive_is_unencrypted_with_all_its_letters",
    )
    .quirk(
        "enclosure-number-as-rack",
        Patch("Chassis", without_the_enclosures_number),
        title="The chassis' rack is the number of the enclosure",
        standard="DSP0268 'Location': Placement.Rack names the rack, RackOffset the unit",
        bmc="Rack '0' and RackOffset 0 on enclosure 0",
        action="A placement at unit 0, which no rack has, is left out",
        source="SystemsRedfishPy tutorial-redfish-service-v2.md, Chassis/enclosure_0",
        test=f"{_TESTS}::test_an_enclosures_number_is_no_rack",
    )
)
