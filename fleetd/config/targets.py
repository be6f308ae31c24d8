"""Files beside fleetd.yaml: more of the static list of endpoints, and the manifest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from fleetd.config.discovery import Address, DiscoverySection, EndpointEntry
from fleetd.config.document import Document, Fault, key_text, read_csv, read_yaml, refuse
from fleetd.config.section import Place, Section, contradictions
from fleetd.config.validation import validate
from fleetd.domain.device import DeviceKind
from fleetd.domain.discovery import Expected
from fleetd.domain.identity import normal_mac

_SUFFIXES: Final = frozenset({".csv", ".yaml", ".yml"})


class ExpectedEntry(Section):
    """A device that ought to be there, by serial, MAC or address."""

    name: Annotated[str, Field(min_length=1)]
    serial: str | None = None
    mac: str | None = None
    address: Address | None = None
    kind: DeviceKind | None = None

    @model_validator(mode="after")
    def _recognisable(self) -> Self:
        if self.serial is None and self.mac is None and self.address is None:
            raise ValueError("needs a serial, mac or address to be recognised by")
        if self.mac is not None and normal_mac(self.mac) is None:
            contradictions([(("mac",), f"{self.mac!r} is not a MAC address")])
        return self

    def expected(self) -> Expected:
        """As the domain has it."""
        return Expected(
            name=self.name,
            serial=self.serial,
            mac=normal_mac(self.mac),
            address=self.address,
            kind=self.kind,
        )


class _EndpointFile(Section):
    endpoints: tuple[EndpointEntry, ...] = ()


class _ManifestFile(Section):
    devices: tuple[ExpectedEntry, ...] = ()


def read_endpoints(section: DiscoverySection) -> tuple[EndpointEntry, ...]:
    """The whole static list: the entries of fleetd.yaml, then those of its endpoint files.

    Raises:
        ConfigError: A file is wrong, or an address is listed twice; every fault of the first
            wrong file, or every repeated address, is named by file and line.
    """
    seen = {entry.address: "the configuration" for entry in section.endpoints}
    credentials = frozenset(entry.name for entry in section.credentials)
    entries = list(section.endpoints)
    faults: list[Fault] = []
    for path in section.files:
        document = _document(path, "endpoints")
        found = validate(_EndpointFile, document, path.parent).endpoints
        for index, entry in enumerate(found):
            place: Place = ("endpoints", index)
            where = document.where(place) or str(path)
            faults.extend(_contradicting(entry, place, where, seen, credentials))
            seen.setdefault(entry.address, where)
        entries.extend(found)
    refuse(faults)
    return tuple(entries)


def _contradicting(
    entry: EndpointEntry,
    place: Place,
    where: str,
    seen: dict[str, str],
    credentials: frozenset[str],
) -> list[Fault]:
    faults = []
    if entry.address in seen:
        message = f"{entry.address} is listed twice, first in {seen[entry.address]}"
        faults.append(Fault(where=where, key=key_text((*place, "address")), message=message))
    if entry.credential is not None and entry.credential not in credentials:
        message = f"{entry.credential!r} is no name under discovery.credentials"
        faults.append(Fault(where=where, key=key_text((*place, "credential")), message=message))
    return faults


def read_manifest(path: Path) -> tuple[Expected, ...]:
    """The devices that ought to be there.

    Raises:
        ConfigError: The file is wrong, or names two devices alike; every fault is named.
    """
    document = _document(path, "devices")
    entries = validate(_ManifestFile, document, path.parent).devices
    first: dict[str, str] = {}
    faults: list[Fault] = []
    for index, entry in enumerate(entries):
        place: Place = ("devices", index, "name")
        where = document.where(place) or str(path)
        if entry.name in first:
            message = f"{entry.name} is listed twice, first in {first[entry.name]}"
            faults.append(Fault(where=where, key=key_text(place), message=message))
        first.setdefault(entry.name, where)
    refuse(faults)
    return tuple(entry.expected() for entry in entries)


def unreadable(path: Path) -> str | None:
    """Why the path can't be a file of endpoints or a manifest at all; None: it can."""
    if path.suffix.lower() not in _SUFFIXES:
        return f"{path} must end in .yaml, .yml or .csv"
    try:
        with path.open("rb"):
            return None
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}"


def _document(path: Path, key: str) -> Document:
    """The file's list under ``key``; a file may also be just the list, as CSV always is."""
    document = read_csv(path) if path.suffix.lower() == ".csv" else read_yaml(path)
    if isinstance(document.values, list):
        document.values = {key: document.values}
        document.places = {(key, *place): at for place, at in document.places.items()}
    return document
