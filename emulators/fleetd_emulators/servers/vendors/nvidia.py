"""NVIDIA's trays: standby power that is cut on order, and images that wait for it.

Source: NVIDIA's GB200 NVL documents; quirks NVD-017, NVD-023, NVD-027.
"""

from __future__ import annotations

from typing import Any

from fleetd_emulators.servers.actions import check_parameters
from fleetd_emulators.servers.extension import Extension, merged
from fleetd_emulators.servers.machine import Machine
from fleetd_emulators.servers.refusal import bad_parameter
from fleetd_emulators.servers.site import Site
from fleetd_emulators.servers.vendors.openbmc import strict_media

Body = dict[str, Any]


def nvidia(machine: Machine) -> Extension:
    """Everything a tray does of its own."""
    own = Extension(actions={"NvidiaChassis.AuxPowerReset": _aux_power})
    return merged(strict_media(machine), own)


def _aux_power(site: Site, resource: str, body: Body) -> None:
    """Everything loses its power, and images that waited for it are active after (NVD-017)."""
    action = "NvidiaChassis.AuxPowerReset"
    check_parameters(action, body, {"ResetType": str}, "ResetType")
    if body["ResetType"] not in {"AuxPowerCycle", "AuxPowerCycleForce"}:
        raise bad_parameter(action, "ResetType", body["ResetType"])
    machine = site.machine
    if machine.power.is_running:
        machine.power.reset("ForceOff")
    machine.flash.host_started()
    machine.reset_bmc()
