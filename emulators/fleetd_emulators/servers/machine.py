"""The live state of one server: what changes while its BMC is asked and ordered about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from fleetd_emulators.hardware import Server
from fleetd_emulators.servers import updates
from fleetd_emulators.servers.documents import LAYOUTS, Document, documents
from fleetd_emulators.servers.documents.firmware import Firmware, Target
from fleetd_emulators.servers.power import Power
from fleetd_emulators.servers.refusal import wrong_state
from fleetd_emulators.servers.schedule import Clock, Schedule
from fleetd_emulators.servers.tasks import Task, Tasks
from fleetd_emulators.servers.volumes import Volumes

BMC_RESET_S: Final = 3.0
UPDATE_S: Final = 3.0
LOG_KEPT: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What the host boots next, as DSP0268 'ComputerSystem.Boot' has it."""

    enabled: str = "Disabled"
    target: str = "None"
    mode: str = "UEFI"
    http_uri: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """What is in a virtual drive; the password is not kept, only that there was one."""

    image: str | None = None
    write_protected: bool = True
    user_name: str | None = None
    verify_certificate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One line of the system log."""

    number: int
    at: float
    message: str


class Machine:
    """One server that runs, boots, updates and remembers; everything synchronous.

    Args:
        server: The hardware, and whether it runs at the start.
        clock: Monotonic seconds.
        pace: How many of the clock's seconds one emulated second takes.
    """

    def __init__(self, server: Server, clock: Clock, pace: float) -> None:
        self.layout = LAYOUTS[server.personality]
        self.schedule = Schedule(clock, pace)
        self.power = Power(
            self.schedule, self.layout, powered_on=server.powered_on, on_boot=self._boot
        )
        self.tasks = Tasks(self.schedule, self.layout)
        self.volumes = Volumes(self)
        self.override = Override()
        self.booted_from = "Hdd"
        self.bios: dict[str, Any] = dict(server.bios_attributes)
        self.pending_bios: dict[str, Any] = {}
        self.secure_boot = False
        self.secure_boot_current = False
        self.indicator = "Off"
        self.asset_tag = server.asset_tag
        self.boot_order: list[str] | None = None
        self.host_clock: tuple[str, str] | None = None
        self.media = {identity: Media() for identity, _, _ in self.layout.virtual_media}
        self.log: list[Record] = []
        self._records = 0
        self._factory_bios = dict(server.bios_attributes)
        self._server = server
        self._staged: dict[tuple[Target, int], tuple[Firmware, str]] = {}
        self._back_at = 0.0
        self._documents: tuple[Server, dict[str, Document]] | None = None

    @property
    def server(self) -> Server:
        """The hardware as it is now: its power state, firmware and volumes."""
        if self._server.powered_on != self.power.is_running:
            self._server = replace(self._server, powered_on=self.power.is_running)
        return self._server

    @server.setter
    def server(self, server: Server) -> None:
        self._server = server

    @property
    def documents(self) -> dict[str, Document]:
        """The tree of the hardware as it is now; shared, not to be changed."""
        server = self.server
        if self._documents is None or self._documents[0] is not server:
            self._documents = (server, documents(server))
        return self._documents[1]

    @property
    def is_away(self) -> bool:
        """Whether the BMC itself restarts and answers nobody; safe to ask from any thread."""
        return self.schedule.elapsed < self._back_at

    def reset_bios(self) -> None:
        """Have the factory's BIOS settings at the next start."""
        self.pending_bios = dict(self._factory_bios)

    def reset_bmc(self) -> None:
        """Restart the BMC: it goes away, and staged BMC firmware is active when it is back."""
        self._back_at = self.schedule.now + BMC_RESET_S
        self.schedule.after(BMC_RESET_S, self._bmc_back, "bmc")

    def update(self, image: str, targets: list[str]) -> Task:
        """Begin to install an image; one with ``corrupt`` in its name fails verification.

        Raises:
            Refused: A target cannot be updated, or it is being updated.
        """
        entry = updates.choose(self.server, self.layout, image, targets)
        key = (entry.target, entry.index)
        if key in self._staged:
            raise wrong_state(f"an update of {entry.name} has not finished")
        version = updates.version_in(image, updates.active_version(self.server, entry))
        self._staged[key] = (entry, version)
        if "corrupt" in updates.file_name(image).lower():
            return self.tasks.begin(
                f"Update of {entry.name}",
                UPDATE_S / 2,
                lambda: self._rejected(key),
                failure="the image does not verify",
            )
        waits = self.layout.update_waits_for_reset and entry.target is not Target.BMC
        return self.tasks.begin(
            f"Update of {entry.name}",
            UPDATE_S,
            lambda: self._written(entry),
            waits_for_reset=waits,
        )

    def insert(self, device: str, media: Media) -> None:
        """Put an image into a virtual drive.

        Raises:
            Refused: One is in it.
        """
        if self.media[device].image is not None:
            raise wrong_state(f"{device} holds an image")
        self.media[device] = media

    def eject(self, device: str) -> None:
        """Empty a virtual drive; an empty one stays empty."""
        verify = self.media[device].verify_certificate
        self.media[device] = Media(verify_certificate=verify)

    def note(self, message: str) -> None:
        """Write a line into the system log."""
        self._records += 1
        self.log.append(Record(number=self._records, at=self.schedule.now, message=message))
        del self.log[:-LOG_KEPT]

    def _written(self, entry: Firmware) -> None:
        """The image is on the part; whether it is active now depends on the part."""
        self.note(f"Firmware of {entry.name} was written.")
        if entry.target is Target.BMC:
            if self.layout.bmc_resets_itself:
                self.reset_bmc()
        elif not self.power.is_running or self.layout.update_waits_for_reset:
            self._activate((entry.target, entry.index))

    def _rejected(self, key: tuple[Target, int]) -> None:
        entry, _ = self._staged.pop(key)
        self.note(f"An image for {entry.name} was rejected.")

    def _activate(self, key: tuple[Target, int]) -> None:
        staged = self._staged.pop(key, None)
        if staged is not None:
            entry, version = staged
            self.server = updates.installed(self.server, entry, version)

    def _bmc_back(self) -> None:
        self._activate((Target.BMC, 0))
        self.note("The BMC was restarted.")

    def _boot(self) -> None:
        """The host starts: what waited for this takes effect.

        An image still being written holds up the start, so it is active too.
        """
        self.bios.update(self.pending_bios)
        self.pending_bios = {}
        self.secure_boot_current = self.secure_boot
        self.tasks.host_restarted()
        for key in [key for key in self._staged if key[0] is not Target.BMC]:
            self._activate(key)
        override = self.override
        self.booted_from = "Hdd" if override.enabled == "Disabled" else override.target
        if override.enabled == "Once":
            self.override = Override(mode=override.mode)
        self.note(f"The system was started from {self.booted_from}.")
