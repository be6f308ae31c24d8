"""Identities that look real and never collide: serials, UUIDs and MACs from a number."""

from __future__ import annotations

import functools
import uuid
from typing import Final

from fleetd_emulators.hardware import Personality

_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_GOLDEN: Final = 0.6180339887
_NAMESPACE: Final = uuid.UUID("6f5a4c1e-58a4-4a37-9d2b-5f1f8a1c0e11")
_OUIS: Final = {
    Personality.DELL: "b07b25",
    Personality.HPE: "5cba2c",
    Personality.SUPERMICRO: "7cc255",
    Personality.LENOVO: "0894ef",
    Personality.OPENBMC: "b4055d",
    Personality.AMI: "18c04d",
    Personality.NVIDIA: "b83fd2",
    Personality.FUJITSU: "901b0e",
    Personality.HUAWEI: "04f938",
    Personality.GENERIC: "525400",
}
_BMC_PLACE: Final = 15
MAX_NUMBER: Final = 2**20 - 1


def code(number: int, width: int, salt: int = 0) -> str:
    """A serial's changing part: letters and digits, another for every number below 34**width."""
    value = ((number + 1) * _stride(width) + salt * 7_919) % len(_ALPHABET) ** width
    letters = []
    for _ in range(width):
        value, rest = divmod(value, len(_ALPHABET))
        letters.append(_ALPHABET[rest])
    return "".join(reversed(letters))


@functools.cache
def _stride(width: int) -> int:
    """A step that spreads numbers and has no factor of the alphabet's 34, so they never meet."""
    stride = int(len(_ALPHABET) ** width * _GOLDEN) | 1
    return stride if stride % 17 else stride + 2


def system_uuid(personality: Personality, number: int) -> str:
    """The UUID of a server's system board."""
    return str(uuid.uuid5(_NAMESPACE, f"{personality}/{number}"))


def mac(personality: Personality, number: int, place: int) -> str:
    """The MAC of the port at ``place`` (0 to 14) of a server."""
    digits = f"{_OUIS[personality]}{number:05x}{place:x}"
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2))


def bmc_mac(personality: Personality, number: int) -> str:
    """The MAC of a server's BMC."""
    return mac(personality, number, _BMC_PLACE)
