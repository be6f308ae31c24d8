"""What classification and enrollment want to know of a server, drawn from its inventory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from fleetd.domain.device import Component, ComponentKind, Description, Json

GIB: Final = 2**30
MIB: Final = 2**20
GB: Final = 10**9
SMALLEST_DISK_BYTES: Final = 4 * GIB  # Ironic's inspection takes no smaller one for a root disk

# Ironic's cpu_arch by Redfish's InstructionSet (DSP0268 'Processor'), and by what a description
# may say of the architecture where no instruction set is given.
ARCHITECTURES: Final[Mapping[str, str]] = {
    "x86-64": "x86_64",
    "x86_64": "x86_64",
    "x86": "x86_64",
    "arm-a64": "aarch64",
    "aarch64": "aarch64",
    "arm64": "aarch64",
    "arm": "aarch64",
    "powerisa": "ppc64le",
    "power": "ppc64le",
    "ppc64le": "ppc64le",
    "riscv64": "riscv64",
    "risc-v": "riscv64",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PortFacts:
    """One NIC port of a server; names of the other side are as LLDP told."""

    mac: str
    nic: str = ""
    number: str = ""
    link_up: bool | None = None
    gbps: float = 0.0
    pxe_enabled: bool | None = None
    switch_id: str | None = None
    switch_port: str | None = None
    switch_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFacts:
    """One server; sizes that are unknown are 0 and are not passed on."""

    vendor: str
    manufacturer: str = ""
    model: str = ""
    sku: str = ""
    serial: str = ""
    architecture: str = ""
    site: str = ""
    rack: str = ""
    labels: Mapping[str, str]
    gpus: tuple[str, ...] = ()
    processors: tuple[str, ...] = ()
    threads: int = 0
    memory_bytes: int = 0
    drive_bytes: tuple[int, ...] = ()
    nvme_drives: int = 0
    root_disk_bytes: int = 0
    ports: tuple[PortFacts, ...] = ()

    @property
    def fastest_gbps(self) -> float:
        """Of all ports; 0 when no speed is known."""
        return max((port.gbps for port in self.ports), default=0.0)


def server_facts(
    description: Description, *, vendor: str, site: str | None, labels: Iterable[tuple[str, str]]
) -> ServerFacts:
    """Draw the facts from one description."""
    parts = _present(description.components)
    processors = parts.get(ComponentKind.PROCESSOR, [])
    drives = parts.get(ComponentKind.DRIVE, [])
    placement = description.placement
    return ServerFacts(
        vendor=vendor,
        manufacturer=description.identity.manufacturer or "",
        model=description.identity.model or "",
        sku=description.sku or "",
        serial=description.identity.serial or "",
        architecture=_architecture(description, processors),
        site=placement.site or site or "",
        rack=placement.rack or "",
        labels=dict(labels),
        gpus=tuple(_title(part) for part in parts.get(ComponentKind.GPU, [])),
        processors=tuple(_title(part) for part in processors),
        threads=_threads(processors),
        memory_bytes=sum(_sizes(parts.get(ComponentKind.MEMORY, []))),
        drive_bytes=tuple(_sizes(drives)),
        nvme_drives=sum(part.attributes.get("protocol") == "NVMe" for part in drives),
        root_disk_bytes=_root_disk(_sizes(parts.get(ComponentKind.VOLUME, [])), _sizes(drives)),
        ports=_ports(parts),
    )


def _present(components: Iterable[Component]) -> dict[ComponentKind, list[Component]]:
    parts: dict[ComponentKind, list[Component]] = {}
    for part in components:
        if part.present:
            parts.setdefault(part.kind, []).append(part)
    return parts


def _title(part: Component) -> str:
    return " ".join(word for word in (part.manufacturer, part.model) if word)


def _architecture(description: Description, processors: Iterable[Component]) -> str:
    said = [part.attributes.get("instruction_set") for part in processors]
    for name in (*said, description.architecture):
        if isinstance(name, str) and name.lower() in ARCHITECTURES:
            return ARCHITECTURES[name.lower()]
    return ""


def _threads(processors: Iterable[Component]) -> int:
    """Logical processors, which is what Ironic counts; cores where threads are not told."""
    return sum(
        int(part.attributes.get("threads") or part.attributes.get("cores") or 1)
        for part in processors
    )


def _sizes(parts: Iterable[Component]) -> list[int]:
    sizes = (part.attributes.get("capacity_bytes") for part in parts)
    return [int(size) for size in sizes if size]


def _root_disk(volumes: Iterable[int], drives: Iterable[int]) -> int:
    """The smallest volume, else drive, that could hold a system: as Ironic's inspection chooses."""
    for sizes in (volumes, drives):
        fit = [size for size in sizes if size >= SMALLEST_DISK_BYTES]
        if fit:
            return min(fit)
    return 0


def _ports(parts: Mapping[ComponentKind, list[Component]]) -> tuple[PortFacts, ...]:
    nics = {part.key: part for part in parts.get(ComponentKind.NIC, [])}
    found: dict[str, PortFacts] = {}
    for part in parts.get(ComponentKind.PORT, []):
        mac = part.attributes.get("mac")
        if isinstance(mac, str) and _is_unicast(mac):
            nic = nics.get(str(part.attributes.get("nic")))
            # of two readings of one port (its NIC's and the system's) the one with a NIC says more
            if mac not in found or nic is not None:
                found[mac] = _port(mac, part.attributes, nic)
    return tuple(found.values())


def _port(mac: str, said: Mapping[str, Json], nic: Component | None) -> PortFacts:
    speed = said.get("speed_mbps") or said.get("max_speed_mbps") or 0
    return PortFacts(
        mac=mac,
        nic=" ".join((nic.name, str(nic.attributes.get("slot") or ""))).strip() if nic else "",
        number=str(said.get("number") or ""),
        link_up=said.get("link_up"),
        gbps=float(speed) / 1000,
        pxe_enabled=said.get("pxe_enabled"),
        switch_id=said.get("neighbour_chassis_id"),
        switch_port=said.get("neighbour_port_id"),
        switch_name=said.get("neighbour_system_name"),
    )


def _is_unicast(mac: str) -> bool:
    """A real address of one port: not all zero, not a group's (IEEE 802, the I/G bit)."""
    octets = mac.split(":")
    return len(octets) == 6 and mac != "00:00:00:00:00:00" and not int(octets[0], 16) & 1  # noqa: PLR2004
