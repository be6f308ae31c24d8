"""Documents of MegaRAC as the standard would have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fleetd.driverkit.payload import link, value

Body = Mapping[str, Any]

_SETTINGS: Final = "@Redfish.Settings"


def with_named_settings(body: Body) -> Body:
    """Name the settings resource, /SD, where the annotation is there and doesn't."""
    settings = value(body, _SETTINGS)
    own = link(body)
    if not isinstance(settings, dict) or "SettingsObject" in settings or own is None:
        return body
    named = {**settings, "SettingsObject": {"@odata.id": f"{own.rstrip('/')}/SD"}}
    return {**body, _SETTINGS: named}
