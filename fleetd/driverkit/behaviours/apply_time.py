"""When a change takes effect, and how that is asked for."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from fleetd.domain.device import Json
from fleetd.domain.errors import Unsupported
from fleetd.driverkit.documents import Resource
from fleetd.driverkit.payload import texts


class ApplyTime(StrEnum):
    """Redfish's ApplyTime (DSP0266 'Settings resource', 'Operation apply time')."""

    IMMEDIATE = "Immediate"
    ON_RESET = "OnReset"
    AT_MAINTENANCE_WINDOW_START = "AtMaintenanceWindowStart"
    IN_MAINTENANCE_WINDOW_ON_RESET = "InMaintenanceWindowOnReset"


SETTINGS: Final = "@Redfish.SettingsApplyTime"
OPERATION: Final = "@Redfish.OperationApplyTime"
_SUPPORT: Final = {
    SETTINGS: "@Redfish.Settings/SupportedApplyTimes",
    OPERATION: "@Redfish.OperationApplyTimeSupport/SupportedValues",
}


def asked(holder: Resource, at: ApplyTime | None, annotation: str) -> dict[str, Json]:
    """The annotation to send; empty where nothing is wished, or where the holder offers no choice.

    Raises:
        Unsupported: The holder offers other times only.
    """
    offered = texts(holder.body, _SUPPORT[annotation])
    if at is None or not offered:
        return {}
    if at not in offered:
        raise Unsupported(
            f"a change can't take effect {at} here, only {', '.join(offered)}",
            endpoint="",
            uri=holder.path,
        )
    if annotation == SETTINGS:
        return {annotation: {"ApplyTime": str(at)}}
    return {annotation: str(at)}
