"""What a client may change by PATCH, checked strictly before anything changes.

Source: DSP0266 'Update (PATCH)'; DSP0268 for each resource's writable properties.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from fleetd_emulators.servers.documents import ROOT, Document, Layout
from fleetd_emulators.servers.extension import Change
from fleetd_emulators.servers.machine import Machine, Override
from fleetd_emulators.servers.refusal import (
    Refused,
    not_in_list,
    read_only,
    unknown_property,
    wrong_type,
)
from fleetd_emulators.servers.site import Site

Body = dict[str, Any]

_INDICATOR: Final = ("Lit", "Blinking", "Off")
_OVERRIDES: Final = {
    "BootSourceOverrideTarget": "target",
    "BootSourceOverrideEnabled": "enabled",
    "BootSourceOverrideMode": "mode",
    "HttpBootUri": "http_uri",
}


def changes(layout: Layout) -> dict[str, Change]:
    """By path, what a PATCH does there; anywhere else it is not allowed."""
    found: dict[str, Change] = {
        layout.system_path: _change_system,
        layout.chassis_path: _change_chassis,
        layout.manager_path: _change_manager,
        layout.bios_settings_path: _change_bios,
        f"{layout.system_path}/SecureBoot": _change_secure_boot,
    }
    for identity, _, _ in layout.virtual_media:
        found[f"{layout.media_path}/{identity}"] = _change_media
    return found


def check_writable(document: Document, body: Body, writable: tuple[str, ...]) -> None:
    """Refuse properties that are unknown here or cannot be written.

    Raises:
        Refused: 400 with the first such property.
    """
    for name in body:
        if name in writable:
            continue
        raise read_only(name) if name in document else unknown_property(name)
    if not body:
        raise Refused(400, "EmptyJSON", "The request body submitted is an empty JSON object.")


def _string(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise wrong_type(name, value)
    return value


def _boolean(name: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise wrong_type(name, value)
    return value


def _change_system(site: Site, path: str, document: Document, body: Body) -> None:
    check_writable(document, body, ("Boot", "AssetTag", *site.machine.layout.locators))
    override, order = None, None
    if "Boot" in body:
        override, order = _override(site.machine, document["Boot"], body["Boot"])
    _locate(site, body)
    if override is not None:
        _set_override(site, override)
    if order is not None:
        site.machine.boot_order = order


def _override(
    machine: Machine, present: Document, wanted: object
) -> tuple[Override | None, list[str] | None]:
    """The override and the boot order that the request asks for."""
    if not isinstance(wanted, dict):
        raise wrong_type("Boot", wanted)
    changed: dict[str, Any] = {}
    for name, value in wanted.items():
        if name != "BootOrder":
            _check_boot(present, name, value)
            changed[_OVERRIDES[name]] = value
    order = _order(wanted, present) if "BootOrder" in wanted else None
    if not changed:
        return None, order
    return _completed(machine, replace(machine.override, **changed), changed), order


def _check_boot(present: Document, name: str, value: object) -> None:
    """One property of Boot, alone."""
    if name not in present:
        raise unknown_property(f"Boot/{name}")
    if name not in _OVERRIDES:
        raise read_only(f"Boot/{name}")
    allowed = present.get(f"{name}@Redfish.AllowableValues")
    if allowed is not None and value not in allowed:
        raise not_in_list(f"Boot/{name}", value)
    if value is not None and not isinstance(value, str):
        raise wrong_type(f"Boot/{name}", value)


def _order(wanted: Document, present: Document) -> list[str]:
    order = wanted["BootOrder"]
    if not isinstance(order, list) or not all(isinstance(entry, str) for entry in order):
        raise wrong_type("Boot/BootOrder", order)
    if sorted(order) != sorted(present["BootOrder"]):
        raise not_in_list("Boot/BootOrder", order)
    return order


def _completed(machine: Machine, override: Override, changed: Body) -> Override:
    """What a partial request means for the rest of the override."""
    if "target" in changed and "enabled" not in changed:
        # Supermicro falls back when Enabled is left out (quirk SMC-004); others take it as Once.
        left_out = "Disabled" if machine.layout.boot_enabled_required else "Once"
        override = replace(override, enabled=left_out)
    if override.target == "None" or override.enabled == "Disabled":
        return Override(mode=override.mode)
    return override


def _set_override(site: Site, override: Override) -> None:
    """Through sushy-tools what it knows, and the rest beside it."""
    boot = {
        "BootSourceOverrideTarget": override.target,
        "BootSourceOverrideMode": override.mode,
    }
    if override.http_uri is not None and override.target == "UefiHttp":
        boot["HttpBootUri"] = override.http_uri
    site.patch(site.system, {"Boot": boot})
    site.machine.override = override


def _locate(site: Site, body: Body) -> None:
    """The locator light, in the old words or the new, and the asset tag."""
    led = body.get("IndicatorLED")
    if "IndicatorLED" in body and led not in _INDICATOR:
        raise not_in_list("IndicatorLED", led)
    if "AssetTag" in body:
        site.machine.asset_tag = _string("AssetTag", body["AssetTag"])
    if "LocationIndicatorActive" in body:
        active = _boolean("LocationIndicatorActive", body["LocationIndicatorActive"])
        led = "Lit" if active else "Off"
    if led is not None:
        site.patch(site.system, {"IndicatorLED": led})


def _change_chassis(site: Site, path: str, document: Document, body: Body) -> None:
    check_writable(document, body, ("AssetTag", *site.machine.layout.locators))
    _locate(site, body)


def _change_manager(site: Site, path: str, document: Document, body: Body) -> None:
    check_writable(document, body, ("DateTime", "DateTimeLocalOffset"))
    moment = _string("DateTime", body.get("DateTime", document["DateTime"]))
    offset = _string("DateTimeLocalOffset", body.get("DateTimeLocalOffset", "+00:00"))
    manager = f"{ROOT}/Managers/{site.machine.layout.manager}"
    site.patch(manager, {"DateTime": moment, "DateTimeLocalOffset": offset})


def _change_bios(site: Site, path: str, document: Document, body: Body) -> None:
    check_writable(document, body, ("Attributes",))
    stage_bios(site, body)


def stage_bios(site: Site, body: Body) -> None:
    """Let BIOS values wait for the next start.

    Raises:
        Refused: 400; one of them cannot be.
    """
    wanted = body.get("Attributes")
    if not isinstance(wanted, dict):
        raise wrong_type("Attributes", wanted)
    site.machine.bios.check(wanted)
    site.patch(f"{site.system}/BIOS/Settings", {"Attributes": wanted})


def _change_secure_boot(site: Site, path: str, document: Document, body: Body) -> None:
    check_writable(document, body, ("SecureBootEnable",))
    enable = _boolean("SecureBootEnable", body["SecureBootEnable"])
    site.patch(f"{site.system}/SecureBoot", {"SecureBootEnable": enable})


def _change_media(site: Site, path: str, document: Document, body: Body) -> None:
    check_writable(document, body, ("VerifyCertificate",))
    verify = _boolean("VerifyCertificate", body["VerifyCertificate"])
    device = path.rpartition("/")[2]
    site.patch(f"{site.system}/VirtualMedia/{device}", {"VerifyCertificate": verify})
