"""The driver for whatever nobody claims: Redfish as the standard has it."""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.spec import Driver

GENERIC: Final = Driver(name="generic", title="Any Redfish service")
"""Every family derives from this one; it's chosen where no driver's match is met."""
