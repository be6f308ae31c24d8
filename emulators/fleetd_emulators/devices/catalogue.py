"""Rack equipment to emulate: the same number always gives the same device."""

from __future__ import annotations

import uuid
from typing import Final, Literal

from fleetd_emulators.devices.enclosure import BLADES, Blade
from fleetd_emulators.devices.resources import Identity
from fleetd_emulators.devices.storage import Array
from fleetd_emulators.hardware import Drive

TERABYTE: Final = 10**12
DRIVES: Final = 20
SPARES: Final = 2
_NAMESPACE: Final = uuid.UUID("2f0b6a2e-9a0f-4b51-8f2b-37c3f3d4a9d1")
_MODELS: Final = {
    "storage": ("Contoso Storage", "Array 9200", "CS-9200", "7.4.2", "02:53:54"),
    "switch": ("Contoso Networks", "Leaf 4825", "CN-4825", "10.3.6", "02:53:57"),
    "pdu": ("Contoso Power", "Rack PDU 2432", "CP-2432", "3.1.0", "02:50:44"),
    "transfer-switch": ("Contoso Power", "Transfer 32", "CP-T32", "2.0.4", "02:50:54"),
    "power-shelf": ("Contoso Power", "Shelf 33", "CP-S33", "1.7.0", "02:50:53"),
    "cdu": ("Contoso Cooling", "CDU 80", "CC-80", "4.2.0", "02:43:44"),
    "enclosure": ("Contoso Systems", "Blade Enclosure 8", "CE-8", "5.1.0", "02:45:4e"),
}
# Storage stands above the servers, the switch on top, a PDU upright beside them.
_UNITS: Final = {
    "storage": 38,
    "switch": 42,
    "pdu": 0,
    "transfer-switch": 41,
    "power-shelf": 40,
    "cdu": 37,
    "enclosure": 28,
}
Kind = Literal["storage", "switch", "pdu", "transfer-switch", "power-shelf", "cdu", "enclosure"]


def identity(kind: Kind, number: int, name: str, rack: str = "R01") -> Identity:
    """The device of this kind with this number."""
    manufacturer, model, part_number, firmware, oui = _MODELS[kind]
    # Room of 64 addresses for each, as a switch's ports have their own.
    low = number * 64
    return Identity(
        name=name,
        manufacturer=manufacturer,
        model=model,
        part_number=part_number,
        serial=f"{part_number.replace('-', '')}{number:06d}",
        asset_tag="",
        uuid=str(uuid.uuid5(_NAMESPACE, f"{kind}/{number}")),
        firmware=firmware,
        mac=f"{oui}:{low >> 16 & 255:02x}:{low >> 8 & 255:02x}:{low & 255:02x}",
        rack=rack,
        unit=_UNITS[kind],
    )


def blades(number: int) -> tuple[Blade, ...]:
    """The blades in the enclosure with this number."""
    return tuple(
        Blade(
            serial=f"CEB{number:05d}{nth:02d}",
            uuid=str(uuid.uuid5(_NAMESPACE, f"blade/{number}/{nth}")),
            mac=f"02:42:4c:{number >> 8 & 255:02x}:{number & 255:02x}:{nth:02x}",
        )
        for nth in range(1, BLADES + 1)
    )


def array(number: int, name: str) -> Array:
    """The storage array with this number: twenty NVMe drives, two spares, and two volumes."""

    def drive(bay: int) -> Drive:
        return Drive(
            bay=str(bay),
            manufacturer="Contoso Flash",
            model="NV7680",
            serial=f"NV{number:05d}{bay:03d}",
            firmware="2.1.7",
            capacity_bytes=7 * TERABYTE,
        )

    return Array(
        identity=identity("storage", number, name),
        drives=tuple(drive(bay) for bay in range(1, DRIVES + 1)),
        spares=tuple(drive(bay) for bay in range(DRIVES + 1, DRIVES + SPARES + 1)),
        hosts=(("compute-1", f"nqn.2014-08.org.nvmexpress:uuid:{_host(number)}"),),
        volumes=(("images", 10 * TERABYTE), ("volumes", 40 * TERABYTE)),
        wwns=tuple(str(uuid.uuid5(_NAMESPACE, f"target/{number}/{side}")) for side in "AB"),
    )


def _host(number: int) -> uuid.UUID:
    """The host that an array knows from the start."""
    return uuid.uuid5(_NAMESPACE, f"host/{number}")
