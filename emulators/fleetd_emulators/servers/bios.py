"""The BIOS settings of one machine: what is in force, what waits for a start, what is allowed.

Source: DSP0268 "Bios", "AttributeRegistry"; DSP0266 "Settings resource".
"""

from __future__ import annotations

from typing import Any, Final

from fleetd_emulators.hardware import BiosSetting
from fleetd_emulators.servers.refusal import (
    Refused,
    not_in_list,
    read_only,
    unknown_property,
    wrong_type,
)

Attributes = dict[str, Any]
_FIRST_OF_KIND: Final = "PropertyValueOutOfRange"


class Bios:
    """Settings that change with a start of the host.

    Args:
        settings: Every attribute as it left the factory.
        needs_job: Whether pending values wait for ``committed`` too.
        checked_at_boot: Whether wrong values are found out only then.
    """

    def __init__(
        self, settings: tuple[BiosSetting, ...], *, needs_job: bool, checked_at_boot: bool
    ) -> None:
        self._settings = {setting.name: setting for setting in settings}
        self._needs_job = needs_job
        self._checked_at_boot = checked_at_boot
        self.current: Attributes = {setting.name: setting.value for setting in settings}
        self.pending: Attributes = {}
        self.committed = False
        self.dropped: tuple[Refused, ...] = ()

    def stage(self, wanted: Attributes) -> None:
        """Let these values wait for the next start.

        Raises:
            Refused: One of them cannot be; then none is staged.
        """
        self.check(wanted)
        self.pending.update(wanted)

    def check(self, wanted: Attributes) -> None:
        """Refuse values that cannot be staged.

        Raises:
            Refused: 400 with the first of them.
        """
        for name, value in wanted.items():
            setting = self._settings.get(name)
            if setting is None:
                raise unknown_property(f"Attributes/{name}")
            if type(value) is not type(setting.value):
                raise wrong_type(f"Attributes/{name}", value)
            if not self._checked_at_boot:
                self._check_value(setting, value, {**self.current, **self.pending, **wanted})

    def reset(self) -> None:
        """Stage what the factory had set."""
        self.pending = {name: setting.value for name, setting in self._settings.items()}
        self.committed = True

    def discard(self) -> None:
        """Forget what is pending."""
        self.pending, self.committed = {}, False

    def start(self) -> None:
        """The host starts: what is pending takes effect, what cannot be is dropped."""
        if self._needs_job and not self.committed:
            return
        together = {**self.current, **self.pending}
        dropped = []
        for name, value in self.pending.items():
            try:
                self._check_value(self._settings[name], value, together)
            except Refused as refused:
                dropped.append(refused)
            else:
                self.current[name] = value
        self.dropped = tuple(dropped)
        self.discard()

    def _check_value(self, setting: BiosSetting, value: Any, together: Attributes) -> None:
        name = f"Attributes/{setting.name}"
        unchanged = value == self.current[setting.name]
        if setting.choices and value not in setting.choices:
            raise not_in_list(name, value)
        if setting.bounds is not None and not setting.bounds[0] <= value <= setting.bounds[1]:
            raise Refused(
                400, _FIRST_OF_KIND, f"The value '{value}' for {name} is out of its range."
            )
        if unchanged:
            return
        if setting.read_only:
            raise read_only(name)
        if setting.needs is not None and together[setting.needs[0]] != setting.needs[1]:
            raise read_only(name)
