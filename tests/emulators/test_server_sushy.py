"""OpenStack's own Redfish library over a socket: what Ironic does to a server, done here.

The order and the calls are those of Ironic's redfish interfaces (inspect, management, power,
boot by virtual media, BIOS, firmware, RAID).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
import sushy
from aiohttp import web
from sushy import auth

from fleetd_emulators.hardware import GIB, Personality, Server
from fleetd_emulators.protocol.exchange import Request
from fleetd_emulators.servers.catalogue import server
from fleetd_emulators.servers.documents import LAYOUTS
from fleetd_emulators.servers.emulated import ServerBackend, server_backend
from tests.support.servers import ALL, another_choice

PACE = 0.02
everywhere = pytest.mark.parametrize("personality", ALL)


@asynccontextmanager
async def listening(backend: ServerBackend) -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        asked = Request(
            method=request.method,
            path=request.path.rstrip("/"),
            headers=headers,
            body=await request.read(),
        )
        given = await backend.handle(asked)
        return web.Response(status=given.status, headers=given.headers, body=given.body)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()
        await backend.close()


async def with_sushy(hardware: Server, work: Callable[[sushy.Sushy, Any], None]) -> None:
    def run(url: str) -> None:
        root = sushy.Sushy(url, auth=auth.BasicAuth("admin", "password"), verify=False)
        with closing(root):
            work(root, root.get_system_collection().get_members()[0])

    async with listening(server_backend(hardware, pace=PACE)) as url:
        await asyncio.to_thread(run, url)


@contextmanager
def closing(root: sushy.Sushy) -> Iterator[None]:
    try:
        yield
    finally:
        root._conn.close()


def until(check: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not check():
        assert time.monotonic() < deadline
        time.sleep(PACE / 2)


def power_is(system: Any, state: Any) -> bool:
    system.refresh(force=True)
    return bool(system.power_state == state)


def start(system: Any) -> None:
    system.reset_system(sushy.RESET_ON)
    until(partial(power_is, system, sushy.POWER_STATE_ON))


@everywhere
@pytest.mark.asyncio
async def test_inspection_finds_memory_processors_interfaces_and_disks(
    personality: Personality,
) -> None:
    hardware = server(personality, 4)

    def inspect(root: Any, system: Any) -> None:
        count, architecture = system.processors.summary
        assert system.memory_summary.size_gib * GIB == hardware.memory_bytes
        assert count == sum(processor.threads for processor in hardware.processors)
        expected = sushy.ProcessorArchitecture(hardware.processors[0].architecture)
        assert architecture == expected
        macs = system.ethernet_interfaces.summary
        assert {mac.lower() for mac in macs} == set(hardware.macs)
        assert set(macs.values()) == {sushy.STATE_ENABLED}
        sizes = sorted(d.capacity_bytes for c in hardware.controllers for d in c.drives)
        assert sorted(system.storage.drives_sizes_bytes) == sizes
        made = sorted(v.capacity_bytes for c in hardware.controllers for v in c.volumes)
        assert sorted(system.storage.volumes_sizes_bytes) == made
        assert system.boot.mode == sushy.BOOT_SOURCE_MODE_UEFI
        assert len(system.pcie_devices.get_members()) == len(hardware.accelerators) == 4

    await with_sushy(hardware, inspect)


@pytest.mark.asyncio
async def test_an_aarch64_board_inspects_as_such() -> None:
    def inspect(root: Any, system: Any) -> None:
        processor = system.processors.get_members()[0]
        assert processor.instruction_set == sushy.InstructionSet.ARM_A64
        assert system.processors.summary.count == 128

    await with_sushy(server(Personality.OPENBMC, 3), inspect)


@everywhere
@pytest.mark.asyncio
async def test_a_server_boots_once_from_virtual_media(personality: Personality) -> None:
    target = {
        Personality.SUPERMICRO: sushy.BOOT_SOURCE_TARGET_USB_CD,
    }.get(personality, sushy.BOOT_SOURCE_TARGET_CD)

    def boot(root: Any, system: Any) -> None:
        drive = cd_of(system, system.managers[0])
        drive.insert_media("https://10.0.0.1/redfish/boot-1.iso")
        drive.refresh(force=True)
        assert (drive.inserted, drive.image) == (True, "https://10.0.0.1/redfish/boot-1.iso")
        system.set_system_boot_options(
            target=target,
            enabled=sushy.BOOT_SOURCE_ENABLED_ONCE,
            mode=sushy.BOOT_SOURCE_MODE_UEFI,
        )
        system.refresh(force=True)
        assert (system.boot.target, system.boot.enabled) == (target, sushy.BOOT_SOURCE_ENABLED_ONCE)
        start(system)
        assert system.boot.enabled == sushy.BOOT_SOURCE_ENABLED_DISABLED
        drive.eject_media()
        drive.refresh(force=True)
        assert not drive.inserted

    await with_sushy(server(personality, 0), boot)


def cd_of(*owners: Any) -> Any:
    for owner in owners:
        try:
            drives = owner.virtual_media.get_members()
        except sushy.exceptions.MissingAttributeError:
            continue
        return next(drive for drive in drives if sushy.VIRTUAL_MEDIA_CD in drive.media_types)
    raise AssertionError("no virtual media")


# sushy doesn't find MegaRAC's settings, whose annotation names no place (quirk AMI-006).
@pytest.mark.parametrize("personality", [p for p in ALL if p is not Personality.AMI])
@pytest.mark.asyncio
async def test_settings_made_while_it_runs_hold_after_a_restart(personality: Personality) -> None:
    hardware = replace(server(personality, 0), powered_on=True)
    name, wanted = another_choice(hardware)
    # An iDRAC takes one configuration at a time, and secure boot is one (quirk DEL-023).
    alone = personality is Personality.DELL

    def settle(root: Any, system: Any) -> None:
        assert system.bios.attributes == hardware.bios_attributes
        times = system.bios.supported_apply_times
        system.bios.set_attribute(
            name, wanted, apply_time=sushy.APPLY_TIME_ON_RESET if times else None
        )
        if not alone:
            system.secure_boot.set_enabled(True)
        system.reset_system(sushy.RESET_FORCE_RESTART)
        until(partial(changed, system))
        system.secure_boot.refresh(force=True)
        assert alone or system.secure_boot.current_boot == sushy.SECURE_BOOT_ENABLED

    def changed(system: Any) -> bool:
        system.bios.refresh(force=True)
        return bool(system.bios.attributes[name] == wanted)

    await with_sushy(hardware, settle)


# sushy says HTTP whatever the image's scheme is, and bmcweb pulls by HTTPS only (quirk OBM-006).
@pytest.mark.parametrize("personality", [p for p in ALL if p is not Personality.OPENBMC])
@pytest.mark.asyncio
async def test_firmware_is_updated_as_ironic_does_it(personality: Personality) -> None:
    """Ironic starts the update, sees its task begin, and restarts the host."""
    hardware = replace(server(personality, 0), powered_on=True)

    def update(root: Any, system: Any) -> None:
        service = root.get_update_service()
        monitor = service.simple_update("https://10.0.0.1/bios-9.8.7.bin")
        assert monitor.is_processing
        assert monitor.get_task().task_state in {
            sushy.TASK_STATE_STARTING,
            sushy.TASK_STATE_RUNNING,
        }
        system.reset_system(sushy.RESET_FORCE_RESTART)
        until(partial(updated, system))
        until(lambda: monitor.get_task().task_state == sushy.TASK_STATE_COMPLETED)
        inventory = root.get_update_service().firmware_inventory.get_members()
        assert system.bios_version in {entry.version for entry in inventory}

    def updated(system: Any) -> bool:
        system.refresh(force=True)
        return "9.8.7" in system.bios_version

    await with_sushy(hardware, update)


@pytest.mark.parametrize("personality", [Personality.HPE, Personality.LENOVO, Personality.GENERIC])
@pytest.mark.asyncio
async def test_a_volume_is_made_and_deleted(personality: Personality) -> None:
    def make(root: Any, system: Any) -> None:
        storage = system.storage.get_members()[-1]
        drive = storage.drives[-1].path
        made = storage.volumes.create(
            {"RAIDType": "RAID0", "Links": {"Drives": [{"@odata.id": drive}]}},
            apply_time=sushy.APPLY_TIME_IMMEDIATE,
        )
        assert made.raid_type == sushy.RAIDType.RAID0
        made.delete()
        with pytest.raises(sushy.exceptions.ResourceNotFoundError):
            made.refresh(force=True)

    await with_sushy(server(personality, 0), make)


@everywhere
@pytest.mark.asyncio
async def test_lights_and_the_bmc_obey(personality: Personality) -> None:
    def order(root: Any, system: Any) -> None:
        if personality is not Personality.HPE:
            system.set_indicator_led(sushy.INDICATOR_LED_LIT)
            system.refresh(force=True)
            assert system.indicator_led == sushy.INDICATOR_LED_LIT
        manager = system.managers[0]
        assert manager.firmware_version
        manager.reset_manager(
            sushy.RESET_MANAGER_FORCE_RESTART
            if "ForceRestart" in LAYOUTS[personality].manager_reset_types
            else sushy.RESET_MANAGER_GRACEFUL_RESTART
        )

    await with_sushy(server(personality, 0), order)
