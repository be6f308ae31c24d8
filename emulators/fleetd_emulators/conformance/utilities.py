"""What DMTF's redfish-utilities are made to do to a service, and what must be so afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final

import aiohttp

from fleetd_emulators.conformance.findings import Finding, Outcome, Tool
from fleetd_emulators.conformance.tools import Bench, Target

NEW_USER: Final = "conformance"
NEW_PASSWORD: Final = "A-long.Pass-9"  # noqa: S105 (of an account on an emulated BMC)
IMAGE: Final = "http://127.0.0.1/images/boot.iso"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a GET must show after a step.

    Attributes:
        collection: The resource to look at; with ``where`` the member of it that fits.
        value: The property, dotted.
        equals: What it must be.
        where: A property of the member and its value.
    """

    collection: str
    value: str
    equals: object
    where: tuple[str, object] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One program of redfish-utilities with its arguments; it must end well and be seen."""

    name: str
    program: str
    arguments: tuple[str, ...] = ()
    seen: Seen | None = None


_ACCOUNTS: Final = "/redfish/v1/AccountService/Accounts"
_SYSTEMS: Final = "/redfish/v1/Systems"
_NEW: Final = ("UserName", NEW_USER)


def _account(value: str, equals: object) -> Seen:
    return Seen(collection=_ACCOUNTS, value=value, equals=equals, where=_NEW)


def _system(value: str, equals: object) -> Seen:
    return Seen(collection=_SYSTEMS, value=value, equals=equals, where=("SystemType", "Physical"))


READING: Final = (
    Step(name="inventory", program="rf_sys_inventory.py", arguments=("--details",)),
    Step(name="sensors", program="rf_sensor_list.py"),
    Step(name="firmware", program="rf_firmware_inventory.py", arguments=("--details",)),
    Step(name="manager", program="rf_manager_config.py", arguments=("info",)),
    Step(name="manager interface", program="rf_manager_config.py", arguments=("getnet",)),
)
ACCOUNTS: Final = (
    Step(
        name="add account",
        program="rf_accounts.py",
        arguments=("--add", NEW_USER, NEW_PASSWORD, "Operator"),
        seen=_account("RoleId", "Operator"),
    ),
    Step(
        name="change role",
        program="rf_accounts.py",
        arguments=("--setrole", NEW_USER, "ReadOnly"),
        seen=_account("RoleId", "ReadOnly"),
    ),
    Step(
        name="disable account",
        program="rf_accounts.py",
        arguments=("--disable", NEW_USER),
        seen=_account("Enabled", equals=False),
    ),
    Step(
        name="delete account",
        program="rf_accounts.py",
        arguments=("--delete", NEW_USER),
        seen=_account("UserName", None),
    ),
)
SERVER: Final = (
    Step(name="event service", program="rf_event_service.py", arguments=("info",)),
    Step(name="BIOS settings", program="rf_bios_settings.py"),
    Step(name="virtual media", program="rf_virtual_media.py", arguments=("info",)),
    Step(
        name="insert media",
        program="rf_virtual_media.py",
        arguments=("insert", "--image", IMAGE),
    ),
    Step(
        name="one-time boot",
        program="rf_boot_override.py",
        arguments=("--target", "Pxe"),
        seen=_system("Boot.BootSourceOverrideTarget", "Pxe"),
    ),
    Step(
        name="force off",
        program="rf_power_reset.py",
        arguments=("--type", "ForceOff"),
        seen=_system("PowerState", "Off"),
    ),
    Step(
        name="power on",
        program="rf_power_reset.py",
        arguments=("--type", "On"),
        seen=_system("PowerState", "On"),
    ),
)
# What the standard personality alone is asked for: OEMs' BMCs have several logs and interfaces.
ALONE: Final = (
    Step(name="logs", program="rf_logs.py", arguments=("--manager",)),
    Step(
        name="static address",
        program="rf_manager_config.py",
        arguments=(
            *("setnet", "--dhcpv4", "Off", "--ipv4address", "192.0.2.10"),
            *("--ipv4netmask", "255.255.255.0", "--ipv4gateway", "192.0.2.1"),
            *("--hostname", "conformance-bmc"),
        ),
        seen=Seen(
            collection="/redfish/v1/Managers/BMC/EthernetInterfaces",
            value="HostName",
            equals="conformance-bmc",
            where=("Name", "Manager Ethernet Interface"),
        ),
    ),
)
OUTLETS: Final = (
    Step(name="list", program="rf_power_equipment.py", arguments=("list",)),
    Step(
        name="outlets",
        program="rf_power_equipment.py",
        arguments=("outlets", "--type", "RackPDU"),
    ),
    Step(
        name="outlet",
        program="rf_power_equipment.py",
        arguments=("outletinfo", "--type", "RackPDU", "--outlet", "1"),
    ),
    Step(
        name="mains",
        program="rf_power_equipment.py",
        arguments=("mainsinfo", "--type", "RackPDU"),
    ),
)


def of_system(steps: tuple[Step, ...], system: str) -> tuple[Step, ...]:
    """The steps for a service with several systems: each is told which one is meant."""
    return tuple(
        step
        if step.program == "rf_event_service.py"
        else replace(step, arguments=("--system", system, *step.arguments))
        for step in steps
    )


async def utilities(bench: Bench, target: Target, steps: tuple[Step, ...]) -> Outcome:
    """Run the steps in their order; each tells for itself whether it went well."""
    folder = bench.scratch(target, Tool.UTILITIES)
    findings = []
    async with _session(target) as session:
        for step in steps:
            ran = await bench.run(folder, step.program, *bench.credentials(target), *step.arguments)
            wrong = ran.last_line if ran.status else await _unseen(session, step.seen)
            if wrong is not None:
                findings.append(Finding(check=step.name, place=step.program, message=wrong))
    return Outcome(
        target=target.name,
        tool=Tool.UTILITIES,
        passed=len(steps) - len(findings),
        findings=tuple(findings),
    )


def _session(target: Target) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        base_url=target.url,
        headers={"Authorization": aiohttp.encode_basic_auth(target.username, target.password)},
        connector=aiohttp.TCPConnector(ssl=False),
    )


async def _unseen(session: aiohttp.ClientSession, seen: Seen | None) -> str | None:
    """What is not as it must be; None where all is well."""
    if seen is None:
        return None
    found = _dotted(await _resource(session, seen), seen.value)
    if found == seen.equals:
        return None
    return f"{seen.value} is {found!r} afterwards, not {seen.equals!r}"


async def _resource(session: aiohttp.ClientSession, seen: Seen) -> Mapping[str, Any]:
    document = await _get(session, seen.collection)
    if seen.where is None:
        return document
    name, value = seen.where
    for member in document.get("Members", ()):
        resource = await _get(session, member["@odata.id"])
        if resource.get(name) == value:
            return resource
    return {}


async def _get(session: aiohttp.ClientSession, path: str) -> Mapping[str, Any]:
    async with session.get(path) as response:
        if response.status != HTTPStatus.OK:
            return {}
        document: Mapping[str, Any] = await response.json()
        return document


def _dotted(document: Mapping[str, Any], name: str) -> object:
    value: Any = document
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value
