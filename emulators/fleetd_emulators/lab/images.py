"""Images small enough to make on the spot: nothing boots from them, Ironic only passes them on."""

from __future__ import annotations

from pathlib import Path
from typing import Final

SECTOR: Final = 2048
SYSTEM_AREA_SECTORS: Final = 16
BLANK_BYTES: Final = 4096


def make_images(directory: Path) -> None:
    """Write ``kernel``, ``ramdisk`` and ``boot.iso`` unless they are there."""
    images = {"kernel": bytes(BLANK_BYTES), "ramdisk": bytes(BLANK_BYTES), "boot.iso": _iso()}
    for name, content in images.items():
        path = directory / name
        if not path.exists() or path.stat().st_size != len(content):
            path.write_bytes(content)


def _iso() -> bytes:
    """The least that Ironic's image inspection takes for an ISO.

    Source: ECMA-119, "Volume descriptors": after 16 sectors a primary descriptor (type 1) and a
    set terminator (type 255), both with the identifier CD001 and version 1.
    """
    primary, terminator = (bytes([kind]) + b"CD001\x01" for kind in (1, 255))
    descriptors = b"".join(part.ljust(SECTOR, b"\0") for part in (primary, terminator))
    return bytes(SYSTEM_AREA_SECTORS * SECTOR) + descriptors
