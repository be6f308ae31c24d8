"""Power of one server: transitions take time, and each start boots the host."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from fleetd_emulators.servers.documents import Layout
from fleetd_emulators.servers.refusal import Refused
from fleetd_emulators.servers.schedule import Schedule

POWERING_ON_S: Final = 1.0
POWERING_OFF_S: Final = 0.2
SHUTDOWN_S: Final = 1.5
CYCLE_PAUSE_S: Final = 0.5
_GROUP: Final = "power"
_STARTS: Final = frozenset({"On", "ForceOn"})
_STOPS: Final = {"ForceOff": POWERING_OFF_S, "GracefulShutdown": SHUTDOWN_S}
_RESTARTS: Final = {
    "ForceRestart": POWERING_OFF_S,
    "PowerCycle": POWERING_OFF_S,
    "GracefulRestart": SHUTDOWN_S,
}


class Power:
    """The power state, and what may be asked of it.

    Args:
        schedule: The machine's own.
        layout: Which reset types there are and how impossible ones are answered.
        powered_on: The state at the start.
        on_boot: Called each time the host starts.
        on_off: Called each time it has lost its power.
    """

    def __init__(
        self,
        schedule: Schedule,
        layout: Layout,
        *,
        powered_on: bool,
        on_boot: Callable[[], None],
        on_off: Callable[[], None],
    ) -> None:
        self._schedule = schedule
        self._layout = layout
        self._on_boot = on_boot
        self._on_off = on_off
        self._state = "On" if powered_on else "Off"

    @property
    def state(self) -> str:
        """On, Off, or on the way, as this BMC words it."""
        if self._layout.powering:
            return self._state
        return {"PoweringOn": "Off", "PoweringOff": "On"}.get(self._state, self._state)

    @property
    def is_running(self) -> bool:
        """Whether the host has power."""
        return self._state in {"On", "PoweringOff"}

    def reset(self, reset_type: str) -> None:
        """Begin what the reset type asks for.

        Raises:
            Refused: The type is not offered, or makes no sense in this state.
        """
        if reset_type not in self._layout.reset_types:
            raise Refused(
                400,
                "ActionParameterNotSupported",
                f"The reset type {reset_type} is not one this system offers.",
            )
        if reset_type == "PushPowerButton":
            reset_type = "GracefulShutdown" if self._is_or_will_be_on else "On"
        if reset_type in _STARTS:
            self._start(reset_type)
        elif reset_type in _STOPS:
            self._stop(reset_type)
        elif reset_type in _RESTARTS:
            self._restart(reset_type)
        elif not self.is_running:
            raise self._impossible(reset_type)

    @property
    def _is_or_will_be_on(self) -> bool:
        return self._state in {"On", "PoweringOn"}

    def _start(self, reset_type: str) -> None:
        if self._is_or_will_be_on:
            self._refuse_or_ignore(reset_type)
            return
        self._schedule.cancel(_GROUP)
        self._power_on()

    def _stop(self, reset_type: str) -> None:
        if self._state == "Off":
            self._refuse_or_ignore(reset_type)
            return
        self._schedule.cancel(_GROUP)
        self._state = "PoweringOff"
        self._schedule.after(_STOPS[reset_type], self._now_off, _GROUP)

    def _restart(self, reset_type: str) -> None:
        if self._state == "Off":
            if self._layout.needless_reset is not None:
                raise self._impossible(reset_type)
            self._power_on()
            return
        self._schedule.cancel(_GROUP)
        self._state = "PoweringOff"
        down = _RESTARTS[reset_type]
        self._schedule.after(down, self._now_off, _GROUP)
        self._schedule.after(down + CYCLE_PAUSE_S, self._power_on, _GROUP)

    def _power_on(self) -> None:
        self._state = "PoweringOn"
        self._schedule.after(POWERING_ON_S, self._now_on, _GROUP)

    def _now_on(self) -> None:
        self._state = "On"
        self._on_boot()

    def _now_off(self) -> None:
        self._state = "Off"
        self._on_off()

    def _refuse_or_ignore(self, reset_type: str) -> None:
        if self._layout.needless_reset is not None:
            raise self._impossible(reset_type)

    def _impossible(self, reset_type: str) -> Refused:
        status = self._layout.needless_reset or HTTPStatus.CONFLICT
        message_id = (
            "iLO.2.23.InvalidOperationForSystemState"
            if status == HTTPStatus.BAD_REQUEST
            else "ResourceInStandby"
        )
        return Refused(
            status,
            message_id,
            f"{reset_type} cannot be done while the power state is {self.state}.",
        )
