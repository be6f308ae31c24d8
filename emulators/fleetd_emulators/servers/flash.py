"""Firmware being installed on one machine: staged, verified, written, and active in the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from fleetd_emulators.servers import updates
from fleetd_emulators.servers.documents.firmware import Firmware, Target
from fleetd_emulators.servers.refusal import Refused, wrong_state
from fleetd_emulators.servers.tasks import Task

if TYPE_CHECKING:
    from fleetd_emulators.servers.machine import Machine

UPDATE_S: Final = 3.0
Key = tuple[Target, int]


class Apply(StrEnum):
    """When an image takes effect (DSP0268 "OperationApplyTime")."""

    IMMEDIATE = "Immediate"
    ON_RESET = "OnReset"
    ON_START = "OnStartUpdateRequest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """An image on its way to a part."""

    entry: Firmware
    version: str
    apply: Apply | None
    label: str


class Flash:
    """The updates of one machine; a part takes one at a time."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._staged: dict[Key, Staged] = {}
        self._verified: list[Key] = []

    @property
    def is_busy(self) -> bool:
        """Whether an image is being checked or written, or waits to be started."""
        tasks = self._machine.tasks.jobs
        working = any(
            task.kind == "FirmwareUpdate" and task.finished is None and not task.waiting
            for task in tasks
        )
        return working or bool(self._verified)

    def begin(
        self, image: str, targets: Sequence[str], apply: Apply | None = None, label: str = ""
    ) -> Task:
        """Begin to install an image; one with ``corrupt`` in its name fails verification.

        Raises:
            Refused: A target cannot be updated, or it is being updated.
        """
        machine = self._machine
        if machine.habits.one_update_at_a_time and self.is_busy:
            raise Refused(
                machine.habits.busy_status, "ServiceInUnknownState", "Another update is under way."
            )
        entry = updates.choose(machine.server, machine.layout, image, targets)
        key = (entry.target, entry.index)
        if key in self._staged:
            raise wrong_state(f"an update of {entry.name} has not finished")
        version = updates.version_in(image, updates.active_version(machine.server, entry))
        self._staged[key] = Staged(entry=entry, version=version, apply=apply, label=label)
        if "corrupt" in updates.file_name(image).lower():
            return self._doomed(key)
        if apply is Apply.ON_START:
            return self._verify(key)
        return self._write(key)

    def start(self) -> list[Task]:
        """Write what was verified (DSP0268 "UpdateService.StartUpdate").

        Raises:
            Refused: Nothing waits for this.
        """
        if not self._verified:
            raise Refused(400, "ActionNotSupported", "No update waits to be started.")
        keys, self._verified = self._verified, []
        return [self._write(key) for key in keys]

    def cancel(self) -> None:
        """Forget images that were verified and not yet written."""
        for key in self._verified:
            self._staged.pop(key, None)
        self._verified = []

    def host_started(self) -> None:
        """What waited for the host's start is active; an image still being written holds it up."""
        for key, staged in list(self._staged.items()):
            if staged.entry.target is not Target.BMC and key not in self._verified:
                self._activate(key)

    def bmc_started(self) -> None:
        """The BMC runs its new image."""
        self._activate((Target.BMC, 0))
        self.cancel()

    def _waits(self, staged: Staged) -> bool:
        """Whether the image is taken in at the host's next start only."""
        if staged.entry.target is Target.BMC:
            return False
        return self._machine.layout.update_waits_for_reset or staged.apply is Apply.ON_RESET

    def _restarts(self, staged: Staged) -> bool:
        """Whether the BMC restarts by itself for its image."""
        if staged.apply is Apply.ON_RESET:
            return False
        return staged.apply is Apply.IMMEDIATE or self._machine.habits.restarts_for_own_update

    def _doomed(self, key: Key) -> Task:
        return self._machine.tasks.begin(
            _named(self._staged[key], "Update"),
            UPDATE_S / 2,
            lambda: self._rejected(key),
            failure="the image does not verify",
        )

    def _verify(self, key: Key) -> Task:
        """Check the image only; writing begins when it is asked for."""
        return self._machine.tasks.begin(
            _named(self._staged[key], "Verify"), UPDATE_S / 2, lambda: self._verified.append(key)
        )

    def _write(self, key: Key) -> Task:
        staged = self._staged[key]
        return self._machine.tasks.begin(
            _named(staged, "Update"),
            UPDATE_S,
            lambda: self._written(key),
            waits_for_reset=self._waits(staged),
            target=f"firmware/{staged.entry.target}/{staged.entry.index}",
            on_cancel=lambda: self._drop(key),
        )

    def _written(self, key: Key) -> None:
        """The image is on the part; whether it is active now depends on the part."""
        staged = self._staged.get(key)
        if staged is None:
            return
        machine = self._machine
        machine.note(f"Firmware of {staged.entry.name} was written.")
        if staged.entry.target is Target.BMC:
            if self._restarts(staged):
                machine.reset_bmc()
        elif self._waits(staged) or not machine.power.is_running:
            self._later(lambda: self._activate(key))

    def _later(self, action: Callable[[], None]) -> None:
        """At once, or when the lag is over with which this BMC shows a new version."""
        lag = self._machine.habits.version_lag_s
        if lag:
            self._machine.schedule.after(lag, action)
        else:
            action()

    def _drop(self, key: Key) -> None:
        self._staged.pop(key, None)

    def _rejected(self, key: Key) -> None:
        staged = self._staged.pop(key)
        self._machine.note(f"An image for {staged.entry.name} was rejected.")

    def _activate(self, key: Key) -> None:
        staged = self._staged.pop(key, None)
        if staged is not None:
            server = self._machine.server
            self._machine.server = updates.installed(server, staged.entry, staged.version)


def _named(staged: Staged, what: str) -> str:
    """What the task for it is called."""
    if staged.label:
        return f"{staged.label} {what}"
    return f"{what} of {staged.entry.name}"
