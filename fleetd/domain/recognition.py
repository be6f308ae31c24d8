"""Which device is it: rules over UUID, serial, manager and address that survive what vendors do.

BMCs give empty, placeholder and duplicated identifiers, boards are swapped, addresses move. The
rules here decide; ``services/inventory`` supplies the candidates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from fleetd.domain.device import Description, Device, DeviceId, EndpointId, Identity


class Verdict(StrEnum):
    """What a description is to the devices that are known."""

    NEW = "new"
    SAME = "same"
    MOVED = "moved"
    REPLACED = "replaced"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """The verdict, the known device it speaks of, and why, in words for the history.

    ``board_swapped``: the same serial with another UUID, or with another BMC and none of the known
    MACs where no UUID tells. ``contested``: something speaks against it, so that two machines that
    only seem one are likely where both are there.
    """

    verdict: Verdict
    device: Device | None
    because: str
    board_swapped: bool = False
    contested: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Agreement:
    """How strongly two identities agree: above zero they are one machine.

    ``duplicated``: the UUID alone agrees, and MACs or the BMC's own identifier say otherwise.
    """

    score: int
    because: str
    board_swapped: bool
    contested: bool
    duplicated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """A description and a device that it may be; ``here`` is the same endpoint and path."""

    index: int
    device: Device
    here: bool
    agreement: _Agreement

    @property
    def rank(self) -> tuple[int, bool]:
        return self.agreement.score, self.here


# A serial outweighs what a board swap changes (UUID and MACs together), UUID and MACs together
# outweigh a serial that was rewritten, and a UUID alone, which vendors duplicate, does not.
_WEIGHTS: Final = {"serial": (4, -4), "uuid": (3, -2), "macs": (2, -1)}


def _agreement(identity: Identity, known: Identity) -> _Agreement:
    verdicts = {
        "serial": _same(identity.serial, known.serial),
        "uuid": _same_uuid(identity.uuid, known.uuid),
        "macs": bool(set(identity.macs) & set(known.macs))
        if identity.macs and known.macs
        else None,
    }
    if verdicts["serial"] and _same(identity.manufacturer, known.manufacturer) is False:
        verdicts["serial"] = None  # two makers number alike
    told = {name: same for name, same in verdicts.items() if same is not None}
    agreed = {name for name, same in told.items() if same}
    other_bmc = _same(identity.manager_id, known.manager_id) is False
    # Who has the same MAC is the same board, whatever was written on it meanwhile.
    contested = "macs" not in agreed and (
        agreed != told.keys() or (agreed == {"uuid"} and other_bmc)
    )
    return _Agreement(
        score=sum(_WEIGHTS[name][0 if same else 1] for name, same in told.items()),
        because=", ".join(f"{'same' if same else 'other'} {name}" for name, same in told.items()),
        board_swapped=_board_swapped(verdicts, other_bmc=other_bmc),
        contested=contested,
        duplicated=agreed == {"uuid"} and contested,
    )


def _board_swapped(verdicts: Mapping[str, bool | None], *, other_bmc: bool) -> bool:
    """Other MACs alone are another network card, and another BMC alone is another BMC."""
    if verdicts["serial"] is not True:
        return False
    if verdicts["uuid"] is None:
        return verdicts["macs"] is False and other_bmc
    return not verdicts["uuid"]


def _same(mine: str | None, theirs: str | None) -> bool | None:
    return mine.casefold() == theirs.casefold() if mine and theirs else None


def _same_uuid(mine: str | None, theirs: str | None) -> bool | None:
    """Also where a firmware took to the other of SMBIOS' two byte orders for its first half."""
    if mine and theirs and _swapped(mine) == theirs:
        return True
    return _same(mine, theirs)


def _swapped(text: str) -> str:
    try:
        return str(UUID(bytes=UUID(text).bytes_le))
    except ValueError:
        return text


def recognise(
    found: Sequence[Description],
    *,
    endpoint_id: EndpointId,
    candidates: Iterable[Device],
    present: Callable[[Device], bool] = lambda _: False,
) -> tuple[Match, ...]:
    """Decide which known device, if any, each description read at an endpoint is.

    A duplicated UUID alone never merges machines at two places whose serials, MACs or BMCs differ.
    Another machine at the same endpoint and path is a replacement, reported as one; the same
    machine at another endpoint or path has moved. A chassis that keeps its serial while its board
    changes stays the same device, and the match says that the board was swapped. Where neither
    side gives any identifier that the other gives too, only the place is left to go by. Who is who
    is decided over all of them, so that a blade that took another's slot replaces nobody who is
    still there.

    Args:
        found: What one reading of the endpoint gave.
        endpoint_id: Where it was read.
        candidates: The known devices that share a serial, a UUID, a MAC, or the endpoint.
        present: Whether a device is still there at another endpoint: then one that only seems to
            be the same is another.
    """
    devices = tuple(candidates)
    known = _Known(devices, endpoint_id)
    pairs = [
        pair
        for index, description in enumerate(found)
        for pair in _pairs(index, description, known, present)
    ]
    matches: dict[int, Match] = {}
    taken: set[DeviceId] = set()
    for pair in sorted(pairs, key=lambda pair: pair.rank, reverse=True):
        if pair.index not in matches and pair.device.id not in taken:
            taken.add(pair.device.id)
            matches[pair.index] = _match(pair)
    free = _Known((device for device in devices if device.id not in taken), endpoint_id)
    return tuple(
        matches.get(index) or _unmatched(free.at(description.identity.path))
        for index, description in enumerate(found)
    )


class _Known:
    """Known devices by their place at one endpoint, and by each thing that they are known as."""

    def __init__(self, devices: Iterable[Device], endpoint_id: EndpointId) -> None:
        self.endpoint_id = endpoint_id
        self._at: dict[str, Device] = {}
        self._by_sign: dict[str, list[Device]] = {}
        for device in devices:
            identity = device.description.identity
            if device.endpoint_id == endpoint_id:
                self._at[identity.path] = device
            for sign in _signs(identity):
                self._by_sign.setdefault(sign, []).append(device)

    def at(self, path: str) -> Device | None:
        """The device that is known at this path of the endpoint."""
        return self._at.get(path)

    def like(self, identity: Identity) -> Iterable[Device]:
        """Those with anything in common with an identity, and the one at its place; once each."""
        here = self.at(identity.path)
        found = {} if here is None else {here.id: here}
        for sign in _signs(identity):
            found.update((device.id, device) for device in self._by_sign.get(sign, ()))
        return found.values()


def _signs(identity: Identity) -> Iterator[str]:
    if identity.serial:
        yield identity.serial.casefold()
    if identity.uuid:
        yield from {identity.uuid.casefold(), _swapped(identity.uuid)}
    yield from identity.macs


def _pairs(
    index: int, description: Description, known: _Known, present: Callable[[Device], bool]
) -> Iterator[_Pair]:
    for device in known.like(description.identity):
        theirs = device.description.identity
        agreement = _agreement(description.identity, theirs)
        same_endpoint = device.endpoint_id == known.endpoint_id
        here = same_endpoint and theirs.path == description.identity.path
        if here and not agreement.because:
            yield _Pair(index=index, device=device, here=True, agreement=agreement)
        if agreement.score <= 0:
            continue
        same_kind = device.description.kind is description.kind
        seems = agreement.contested and not same_endpoint and present(device)
        if here or (same_kind and not agreement.duplicated and not seems):
            yield _Pair(index=index, device=device, here=here, agreement=agreement)


def _match(pair: _Pair) -> Match:
    agreement = pair.agreement
    return Match(
        verdict=Verdict.SAME if pair.here else Verdict.MOVED,
        device=pair.device,
        because=agreement.because or "same endpoint and path, and no identifier of its own",
        board_swapped=agreement.board_swapped,
        contested=agreement.contested,
    )


def _unmatched(occupant: Device | None) -> Match:
    if occupant is None:
        return Match(verdict=Verdict.NEW, device=None, because="never seen before")
    return Match(verdict=Verdict.REPLACED, device=occupant, because="another machine answers here")
