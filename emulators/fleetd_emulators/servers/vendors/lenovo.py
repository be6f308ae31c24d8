"""Lenovo XCC: the update service is claimed before it is used.

Source: Lenovo's XCC REST API guide; quirks LEN-007, LEN-036.
"""

from __future__ import annotations

from typing import Any, Final

from fleetd_emulators.protocol.exchange import Request
from fleetd_emulators.servers.actions import check_parameters
from fleetd_emulators.servers.changes import check_writable
from fleetd_emulators.servers.documents import ROOT, Document
from fleetd_emulators.servers.extension import Extension
from fleetd_emulators.servers.machine import Machine
from fleetd_emulators.servers.outcome import Outcome
from fleetd_emulators.servers.refusal import Refused, bad_parameter, wrong_type
from fleetd_emulators.servers.site import Site
from fleetd_emulators.servers.standard import push

Body = dict[str, Any]
UPDATE: Final = f"{ROOT}/UpdateService"
_BUSY, _TARGETS = "HttpPushUriTargetsBusy", "HttpPushUriTargets"


def lenovo(machine: Machine) -> Extension:
    """Everything XCC does of its own."""
    layout = machine.layout
    machine.kept[UPDATE] = {_BUSY: False, _TARGETS: []}
    return Extension(
        changes={UPDATE: _claim},
        actions={"LenovoComputerSystem.SystemReset": _ac_cycle},
        uploads={layout.push_uri or "": _push, layout.multipart_uri or "": _push},
        overlays={UPDATE: _show_claim},
    )


def _claim(site: Site, path: str, document: Document, body: Body) -> None:
    """Take the service for oneself, or give it back (LEN-007)."""
    check_writable(document, body, (_BUSY, _TARGETS))
    busy = body.get(_BUSY, document[_BUSY])
    targets = body.get(_TARGETS, document[_TARGETS])
    if not isinstance(busy, bool):
        raise wrong_type(_BUSY, busy)
    if not isinstance(targets, list) or not all(isinstance(one, str) for one in targets):
        raise wrong_type(_TARGETS, targets)
    if busy and document[_BUSY] and targets != document[_TARGETS]:
        raise Refused(409, "ResourceInUse", "The update service is claimed by another client.")
    site.machine.kept[UPDATE] = {_BUSY: busy, _TARGETS: targets if busy else []}


def _show_claim(machine: Machine, document: Document) -> Document:
    return {**document, **machine.kept[UPDATE]}


def _push(site: Site, request: Request) -> Outcome:
    """Only who claimed the service may push."""
    if not site.machine.kept[UPDATE][_BUSY]:
        raise Refused(400, "ResourceInStandby", f"Set {_BUSY} before an image is sent.")
    return push(site, request)


def _ac_cycle(site: Site, resource: str, body: Body) -> None:
    """Cuts the mains: host and BMC start anew (LEN-036)."""
    action = "LenovoComputerSystem.SystemReset"
    check_parameters(action, body, {"ResetType": str}, "ResetType")
    if body["ResetType"] != "ACPowerCycle":
        raise bad_parameter(action, "ResetType", body["ResetType"])
    machine = site.machine
    if machine.power.is_running:
        machine.power.reset("ForceRestart")
    machine.reset_bmc()
