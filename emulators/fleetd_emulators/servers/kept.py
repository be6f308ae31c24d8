"""Properties that a BMC just keeps: what a PATCH writes there is read again.

Source: DSP0268 "ManagerNetworkProtocol", "EthernetInterface".
"""

from __future__ import annotations

from typing import Any, Final

from fleetd_emulators.servers.documents import Document, Layout
from fleetd_emulators.servers.extension import Extension
from fleetd_emulators.servers.machine import Machine
from fleetd_emulators.servers.refusal import Refused, read_only, unknown_property, wrong_type
from fleetd_emulators.servers.site import Site

Body = dict[str, Any]
_PROTOCOL: Final = (
    *("HostName", "HTTP", "HTTPS", "SSDP", "IPMI", "SSH", "NTP", "SNMP", "KVMIP", "VirtualMedia"),
)
_INTERFACE: Final = (
    *("HostName", "FQDN", "DHCPv4", "DHCPv6", "IPv4StaticAddresses", "IPv4Addresses"),
    *("IPv6StaticAddresses", "StaticNameServers", "VLAN", "MTUSize", "InterfaceEnabled"),
    *("AutoNeg", "SpeedMbps", "FullDuplex"),
)


def kept_properties(layout: Layout) -> Extension:
    """The BMC's network protocols and interface."""
    manager = layout.manager_path
    return keeping(
        {
            f"{manager}/NetworkProtocol": _PROTOCOL,
            f"{manager}/EthernetInterfaces/{layout.manager_interface}": _INTERFACE,
        }
    )


def keeping(writable: dict[str, tuple[str, ...]]) -> Extension:
    """Let these properties be written at these paths."""

    def change(site: Site, path: str, document: Document, body: Body) -> None:
        _check_all(document, body, writable[path])
        kept = site.machine.kept.setdefault(path, {})
        for name, value in body.items():
            kept[name] = _merged(document.get(name), value)

    def overlay_at(path: str) -> Any:
        def overlay(machine: Machine, document: Document) -> Document:
            kept = machine.kept.get(path, {})
            changed = {name: _merged(document.get(name), value) for name, value in kept.items()}
            return {**document, **changed}

        return overlay

    return Extension(
        changes=dict.fromkeys(writable, change),
        overlays={path: overlay_at(path) for path in writable},
    )


def _check_all(document: Document, body: Body, writable: tuple[str, ...]) -> None:
    if not body:
        raise Refused(400, "EmptyJSON", "The request body is an empty JSON object.")
    for name, value in body.items():
        if name not in document:
            raise unknown_property(name)
        if name not in writable:
            raise read_only(name)
        _check(name, document[name], value)


def _check(name: str, present: object, wanted: object) -> None:
    """The same kind of value as what is there, all the way down.

    Raises:
        Refused: 400 with the property that is another or unknown.
    """
    if present is None or wanted is None:
        return
    if type(present) is not type(wanted):
        raise wrong_type(name, wanted)
    if isinstance(present, dict) and isinstance(wanted, dict):
        for key, value in wanted.items():
            if key not in present:
                raise unknown_property(f"{name}/{key}")
            _check(f"{name}/{key}", present[key], value)


def _merged(present: object, wanted: object) -> object:
    if isinstance(present, dict) and isinstance(wanted, dict):
        return {**present, **{key: _merged(present.get(key), v) for key, v in wanted.items()}}
    if isinstance(wanted, list):
        return _merged_array(present if isinstance(present, list) else [], wanted)
    return wanted


def _merged_array(present: list[Any], wanted: list[Any]) -> list[Any]:
    """DSP0266 "PATCH on array properties": null removes an element, {} leaves it as it is."""
    merged = []
    for place, value in enumerate(wanted):
        before = present[place] if place < len(present) else None
        if value == {} and before is not None:
            merged.append(before)
        elif value is not None and value != {}:
            merged.append(_merged(before, value))
    return merged
