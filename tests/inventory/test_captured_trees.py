"""Every captured tree of real hardware is read whole, without an invention and without an error."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from fleetd.domain.attributes import ATTRIBUTES
from fleetd.domain.device import ComponentKind, Description
from fleetd.domain.identity import meaningful, normal_mac
from fleetd.driverkit.registry import Registry
from tests.support.trees import TreeReader, captured, captures, read

NAMES = captures()
ROOT = "/redfish/v1"

pytestmark = pytest.mark.skipif(not NAMES, reason="no captured trees on this machine")


def whole(name: str) -> Mapping[str, bytes]:
    documents = captured(name)
    if ROOT not in documents:
        pytest.skip("single bodies without a service root")
    return documents


def resolvable(documents: Mapping[str, bytes], place: str) -> bool:
    """A root collection has a member whose body is there."""
    try:
        root = json.loads(documents[ROOT])
        members = json.loads(documents[root[place]["@odata.id"].rstrip("/")])["Members"]
        return any(
            b'"error"' not in documents.get(item["@odata.id"].rstrip("/"), b'"error"')
            for item in members
        )
    except (KeyError, ValueError, TypeError):
        return False


@pytest.mark.asyncio
@pytest.mark.parametrize("name", NAMES)
async def test_a_captured_tree_gives_its_devices(name: str, registry: Registry) -> None:
    documents = whole(name)

    reading = await read(TreeReader(documents), registry)

    places = ("Systems", "Storage", "StorageServices")
    if any(resolvable(documents, place) for place in places):
        assert reading.descriptions
    assert reading.requests <= 2000
    for device in reading.descriptions:
        check_honest(device)


def check_honest(device: Description) -> None:
    """No placeholder, no unknown attribute, no key twice, no MAC in another form."""
    serials = [device.identity.serial, *(part.serial for part in device.components)]
    assert all(serial == meaningful(serial) for serial in serials if serial is not None)
    assert all(mac == normal_mac(mac) for mac in device.identity.macs)
    keys = [(part.kind, part.key) for part in device.components]
    assert len(keys) == len(set(keys))
    for part in device.components:
        assert set(part.attributes) <= set(ATTRIBUTES[part.kind]), part.key
        assert None not in part.attributes.values()


@pytest.mark.asyncio
@pytest.mark.parametrize("name", NAMES[::5])
async def test_reading_a_tree_again_changes_nothing(name: str, registry: Registry) -> None:
    documents = whole(name)

    first = await read(TreeReader(documents), registry)
    again = await read(TreeReader(documents), registry)

    assert again.descriptions == first.descriptions


def components(device: Description, kind: ComponentKind) -> int:
    return sum(part.kind is kind for part in device.components)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("name", "driver", "serial", "processors", "modules", "drives"),
    [
        ("dell-idrac9-6.00.30-r750-libredfish", "dell.idrac", "F54P1G3", 2, 16, 3),
        ("hpe-ilo6-1.66-dl380agen11-iloemu", "hpe.ilo", "2M2D2J00L4", 2, 16, 7),
        ("cisco-cimc-4.1.3d-c240m5sn-iserver", "cisco.cimc", "WZP23400AK4", 2, 12, 10),
        ("supermicro-openbmc-gb300-70.01-redfishctl", "nvidia.openbmc", "S964512X5913271", 2, 2, 0),
    ],
)
async def test_a_server_is_known_exactly(
    name: str,
    driver: str,
    serial: str,
    processors: int,
    modules: int,
    drives: int,
    registry: Registry,
) -> None:
    if name not in NAMES:
        pytest.skip("this tree isn't here")

    reading = await read(TreeReader(whole(name)), registry)

    server = reading.descriptions[0]
    assert (reading.driver, server.identity.serial) == (driver, serial)
    assert components(server, ComponentKind.PROCESSOR) == processors
    assert components(server, ComponentKind.MEMORY) == modules
    assert components(server, ComponentKind.DRIVE) == drives


@pytest.mark.asyncio
async def test_a_blade_chassis_is_one_device_and_its_modules_are_parts(registry: Registry) -> None:
    name = "cisco-ucsx-9508-4.2.2c-iserver"
    if name not in NAMES:
        pytest.skip("this tree isn't here")

    reading = await read(TreeReader(whole(name)), registry)

    assert [(str(item.kind), item.identity.serial) for item in reading.descriptions] == [
        ("chassis", "FOX2521P34M")
    ]


@pytest.mark.asyncio
async def test_nodes_that_share_a_serial_are_not_told_apart_by_it(registry: Registry) -> None:
    name = "hpecray-ex425-csm"
    if name not in NAMES:
        pytest.skip("this tree isn't here")

    reading = await read(TreeReader(whole(name)), registry)

    servers = [item for item in reading.descriptions if item.kind == "server"]
    assert [item.identity.serial for item in servers] == [None, None]
    assert len({item.identity.macs for item in servers}) == 2


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("name", "kind", "processors", "gpus"),
    [
        ("nvidia-dgxh100-ami-23.11.20-libredfish", "server", 2, 8),
        ("nvidia-openbmc-gh200-24.05-libredfish", "server", 2, 2),
        ("nvidia-nvlinkswitch-n5110ld-88.0002-libredfish", "switch", 0, 0),
    ],
)
async def test_a_baseboard_is_a_part_of_its_server_and_counts_nothing_twice(
    name: str, kind: str, processors: int, gpus: int, registry: Registry
) -> None:
    if name not in NAMES:
        pytest.skip("this tree isn't here")

    reading = await read(TreeReader(whole(name)), registry)

    (device,) = reading.descriptions
    assert str(device.kind) == kind
    assert components(device, ComponentKind.PROCESSOR) == processors
    assert components(device, ComponentKind.GPU) == gpus
