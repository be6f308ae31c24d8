"""Which device is it: rules over UUID, serial, manager and address that survive what vendors do.

BMCs give empty, placeholder and duplicated identifiers, boards are swapped, addresses move. The
rules here decide; ``services/inventory`` supplies the candidates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fleetd.domain.device import Device, EndpointId, Identity

_PLACEHOLDERS: Final = frozenset(
    {
        "",
        "0123456789",
        "123456789",
        "1234567890",
        "00000000",
        "chassis serial number",
        "default string",
        "empty",
        "invalid",
        "n/a",
        "na",
        "none",
        "not applicable",
        "not available",
        "not present",
        "not set",
        "not specified",
        "null",
        "oem",
        "serial number",
        "system serial number",
        "system product name",
        "system manufacturer",
        "to be filled by o.e.m",
        "to be filled by oem",
        "unknown",
        "unspecified",
        "undefined",
    }
)
_REPEATED: Final = re.compile(r"^(?:0+|x+|f+|\.+|-+|\*+|#+|1{4,}|9{4,})$")
_UUID: Final = re.compile(r"^[0-9a-f]{32}$")
_KNOWN_UUIDS: Final = frozenset(
    {
        # The example of the SMBIOS specification's era of AMI boards, shipped on whole batches.
        "03000200040005000006000700080009",
        "12345678123412341234123456789012",
        "0123456789abcdef0123456789abcdef",
        "00112233445566778899aabbccddeeff",
        "ffffffffffffffffffffffffffffffff",
    }
)
_MAC: Final = re.compile(r"^[0-9a-f]{12}$")


def meaningful(text: object) -> str | None:
    """The text without padding, or None where it's absent or a manufacturer's placeholder."""
    if not isinstance(text, str):
        return None
    stripped = " ".join(text.split()).strip("\x00")
    plain = stripped.lower().rstrip(".")
    if plain in _PLACEHOLDERS or _REPEATED.match(plain.replace(" ", "").replace("-", "") or "0"):
        return None
    return stripped


def normal_uuid(text: object) -> str | None:
    """The UUID in lower case with dashes, or None where it's absent, malformed or a placeholder.

    A UUID that is zero but for a MAC in its last 48 bits (some Supermicro boards) tells machines
    apart and is kept.
    """
    if not isinstance(text, str):
        return None
    digits = text.strip().lower().removeprefix("urn:uuid:").strip("{}").replace("-", "")
    if not _UUID.match(digits) or digits in _KNOWN_UUIDS or len(set(digits)) == 1:
        return None
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def normal_mac(text: object) -> str | None:
    """The MAC in lower case with colons, or None where it's absent, malformed, zero or broadcast.

    An EUI-64 or InfiniBand GUID is no MAC and gives None.
    """
    if not isinstance(text, str):
        return None
    digits = re.sub(r"[:\-. ]", "", text.strip().lower())
    if not _MAC.match(digits) or digits in {"0" * 12, "f" * 12}:
        return None
    return ":".join(digits[i : i + 2] for i in range(0, 12, 2))


class Verdict(StrEnum):
    """What an identity is to the devices that are known."""

    NEW = "new"
    SAME = "same"
    MOVED = "moved"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The verdict, the known device it speaks of, and why, in words for the history."""

    verdict: Verdict
    device: Device | None
    because: str


def _score(identity: Identity, known: Identity) -> tuple[int, list[str]]:
    """How strongly two identities agree; negative where they contradict each other."""
    score = 0
    reasons: list[str] = []
    for name, mine, theirs, weight in (
        ("serial", identity.serial, known.serial, 4),
        ("uuid", identity.uuid, known.uuid, 3),
    ):
        if mine and theirs:
            agree = mine.casefold() == theirs.casefold()
            score += weight if agree else -weight
            reasons.append(f"{'same' if agree else 'other'} {name}")
    if identity.macs and known.macs:
        shared = set(identity.macs) & set(known.macs)
        score += 2 if shared else -2
        reasons.append("shared MACs" if shared else "other MACs")
    return score, reasons


def _contradicts(identity: Identity, known: Identity) -> bool:
    """Both say what they are, and they're different machines."""
    return bool(
        identity.serial
        and known.serial
        and (identity.manufacturer or "") == (known.manufacturer or "")
        and identity.serial.casefold() != known.serial.casefold()
    )


def recognise(
    identity: Identity, *, endpoint_id: EndpointId, candidates: Iterable[Device]
) -> Match:
    """Decide which known device, if any, an identity read at an endpoint is.

    ``candidates`` are the known devices of that kind that share the serial, the UUID, a MAC, or
    the endpoint. A duplicated UUID alone never merges two machines whose serials differ; a new
    serial at the same endpoint and path is a replacement, reported as one; the same machine at
    another endpoint has moved. A chassis that keeps its serial while its board (UUID, MACs)
    changes stays the same device.
    """
    ranked: list[tuple[int, bool, Device, list[str]]] = []
    occupant: Device | None = None
    for device in candidates:
        known = device.description.identity
        here = device.endpoint_id == endpoint_id and known.path == identity.path
        if here:
            occupant = device
        if _contradicts(identity, known):
            continue
        score, reasons = _score(identity, known)
        if score > 0 or (here and score == 0 and _anonymous(identity, known)):
            ranked.append((score, here, device, reasons))
    if ranked:
        ranked.sort(key=lambda row: (row[0], row[1]), reverse=True)
        _, here, device, reasons = ranked[0]
        because = ", ".join(reasons) or "same endpoint and path, and no identifier of its own"
        verdict = Verdict.SAME if here else Verdict.MOVED
        return Match(verdict=verdict, device=device, because=because)
    if occupant is not None:
        return Match(
            verdict=Verdict.REPLACED, device=occupant, because="another machine answers here"
        )
    return Match(verdict=Verdict.NEW, device=None, because="never seen before")


def _anonymous(identity: Identity, known: Identity) -> bool:
    """No identifier that both give: only the place is left to go by."""
    return not (
        (identity.serial and known.serial)
        or (identity.uuid and known.uuid)
        or (identity.macs and known.macs)
    )
