"""Where a change happens: the machine, and the way to it through sushy-tools."""

from __future__ import annotations

from typing import Any

from fleetd_emulators.servers.application import serve
from fleetd_emulators.servers.documents import ROOT
from fleetd_emulators.servers.drivers import Bench
from fleetd_emulators.servers.machine import Machine


class Site:
    """One machine and its bench."""

    def __init__(self, machine: Machine, bench: Bench) -> None:
        self.machine = machine
        self.bench = bench
        self.system = f"{ROOT}/Systems/{machine.layout.system}"

    def patch(self, path: str, body: dict[str, Any]) -> None:
        """Let sushy-tools' application make the change."""
        serve(self.bench, "PATCH", path, body)
