"""What Ironic should know of a device: pure, from its inventory, its endpoint and the rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

from fleetd.config.classification import Classification, ServerClass
from fleetd.domain.bare_metal import Interfaces
from fleetd.domain.device import Device, DeviceId, Json
from fleetd.domain.endpoint import Endpoint
from fleetd.domain.enrollment import DesiredNode, DesiredPort
from fleetd.domain.lifecycle import State
from fleetd.domain.ports import Credential
from fleetd.driverkit.ironic import IronicHardware, IronicTraits
from fleetd.services.enrollment.classify import classify, classify_port
from fleetd.services.enrollment.facts import GIB, MIB, PortFacts, ServerFacts, server_facts

NODES: Final = UUID("2f0c6f52-2d0b-5b8e-9d0e-6c1f4b8f7a10")
"""The namespace of the UUIDs of nodes that fleetd creates (RFC 9562, version 5)."""
_NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9]+")
_MAC: Final = re.compile(r"^[0-9a-f]{2}(:[0-9a-f]{2}){5}$")
_LONGEST_NAME: Final = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is the same for all nodes of a pass.

    Attributes:
        drivers: The hardware types that Ironic has enabled, and their interfaces.
        family: What the driver of this name says of its family's place in Ironic.
        verify_ca: Ironic's ``redfish_verify_ca``: a path on the conductors, True or False. Ironic
            cannot pin a fingerprint as fleetd does, so this is said apart from fleetd's own trust.
    """

    classification: Classification
    drivers: Mapping[str, Interfaces]
    verify_ca: str | bool
    family: Callable[[str], IronicTraits]
    owner: str | None = None


def desired_node(
    device: Device,
    endpoint: Endpoint,
    credential: Credential,
    surroundings: Surroundings,
    *,
    sole_system: bool,
) -> DesiredNode | None:
    """The node for a server; None where Ironic has none of its hardware types enabled."""
    facts = server_facts(
        device.description, vendor=device.vendor, site=endpoint.site, labels=endpoint.labels
    )
    given = classify(facts, surroundings.classification)
    retired = device.state is State.RETIRED
    wanted = _hardware(given, surroundings.family(device.driver))
    # which driver no longer matters to a node that is to go
    hardware = next(
        (one for one in wanted if retired or one.hardware_type in surroundings.drivers), None
    )
    if hardware is None or given.resource_class is None:
        return None
    driver = hardware.hardware_type
    return DesiredNode(
        device_id=device.id,
        uuid=node_uuid(device.id),
        system_uuid=device.description.identity.uuid,
        sole_system=sole_system,
        name=_name(facts, device.id),
        driver=driver,
        driver_info={
            "redfish_address": endpoint.address,
            "redfish_system_id": device.description.identity.path,
            "redfish_username": credential.username,
            "redfish_verify_ca": surroundings.verify_ca,
        },
        password=credential.password,
        interfaces=_interfaces(
            {
                **hardware.interfaces,
                **{str(kind): names for kind, names in given.interfaces.items()},
            },
            surroundings.drivers.get(driver, {}),
        ),
        properties=_properties(facts, given),
        capabilities=dict(given.capabilities),
        resource_class=given.resource_class,
        traits=frozenset(given.traits),
        known_traits=surroundings.classification.traits,
        ports=_ports(facts, surroundings.classification),
        conductor_group=given.conductor_group,
        owner=given.owner or surroundings.owner,
        retired=retired,
    )


def node_uuid(device_id: DeviceId) -> str:
    """The UUID of the node that fleetd creates for a device: always the same."""
    return str(uuid5(NODES, device_id))


def _name(facts: ServerFacts, device_id: DeviceId) -> str:
    """``vendor-serial``: known to people, unique, and the same after a move or a renaming."""
    parts = (facts.vendor or "server", facts.serial or device_id)
    slug = "-".join(_NOT_IN_NAMES.sub("-", part.lower()).strip("-") for part in parts)
    return slug[:_LONGEST_NAME].strip("-")


def _hardware(given: ServerClass, family: IronicTraits) -> tuple[IronicHardware, ...]:
    """The hardware types to choose from: those of the rules, else the family's."""
    if given.drivers is None:
        return family.hardware
    known = {one.hardware_type: one for one in family.hardware}
    return tuple(known.get(name, IronicHardware(hardware_type=name)) for name in given.drivers)


def _interfaces(wanted: Mapping[str, Sequence[str]], enabled: Interfaces) -> dict[str, str]:
    """The first of each kind that Ironic takes; a kind without one is left to Ironic."""
    chosen: dict[str, str] = {}
    for kind, names in wanted.items():
        name = next((one for one in names if one in enabled.get(kind, ())), None)
        if name is not None:
            chosen[kind] = name
    return chosen


def _properties(facts: ServerFacts, given: ServerClass) -> Mapping[str, Json]:
    """What is known, in Ironic's units; rules win over the inventory."""
    measured: dict[str, Json] = {
        "cpu_arch": facts.architecture,
        "cpus": facts.threads,
        "memory_mb": facts.memory_bytes // MIB,
        # one less than the disk has, as Ironic's inspection says it
        "local_gb": max(facts.root_disk_bytes // GIB - 1, 0),
        "vendor": facts.vendor,
    }
    known = {name: value for name, value in measured.items() if value}
    return {**known, **given.properties}


def _ports(facts: ServerFacts, classification: Classification) -> tuple[DesiredPort, ...]:
    guess = _likely_boot_port(facts.ports)
    desired = []
    for port in facts.ports:
        given = classify_port(port, site=facts.site, rules=classification.ports)
        pxe = port.pxe_enabled if given.pxe_enabled is None else given.pxe_enabled
        desired.append(
            DesiredPort(
                address=port.mac,
                pxe_enabled=port.mac == guess if pxe is None else pxe,
                pxe_guessed=pxe is None,
                physical_network=given.physical_network,
                local_link=_local_link(port),
            )
        )
    return tuple(desired)


def _likely_boot_port(ports: Sequence[PortFacts]) -> str | None:
    """Where neither rule nor BMC says it: the first port with a link, else the first."""
    linked = (port.mac for port in ports if port.link_up)
    return next(linked, None) or next((port.mac for port in ports), None)


def _local_link(port: PortFacts) -> dict[str, str] | None:
    """Ironic takes a switch by MAC only (or OpenFlow id), and never without the port's name."""
    if not port.switch_port or not port.switch_id or not _MAC.fullmatch(port.switch_id.lower()):
        return None
    link = {"switch_id": port.switch_id.lower(), "port_id": port.switch_port}
    return {**link, "switch_info": port.switch_name} if port.switch_name else link
