"""The live state of one server: what changes while its BMC is asked and ordered about."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from fleetd_emulators.hardware import Server
from fleetd_emulators.protocol.tls import self_signed
from fleetd_emulators.servers.bios import Bios
from fleetd_emulators.servers.documents import LAYOUTS, Document, documents
from fleetd_emulators.servers.flash import Flash
from fleetd_emulators.servers.habits import Habits, habits_of
from fleetd_emulators.servers.power import Power
from fleetd_emulators.servers.refusal import wrong_state
from fleetd_emulators.servers.schedule import Clock, Schedule
from fleetd_emulators.servers.tasks import Tasks
from fleetd_emulators.servers.tls import Tls
from fleetd_emulators.servers.volumes import Volumes

BMC_RESET_S: Final = 3.0
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
    severity: str = "OK"


class Machine:
    """One server that runs, boots, updates and remembers; everything synchronous.

    Args:
        server: The hardware, and whether it runs at the start.
        clock: Monotonic seconds.
        pace: How many of the clock's seconds one emulated second takes.
        habits: Other than the vendor's own.
        certificate: What the web server serves at the start, in PEM.
    """

    def __init__(
        self,
        server: Server,
        clock: Clock,
        pace: float,
        *,
        habits: Habits | None = None,
        certificate: bytes | None = None,
    ) -> None:
        self.layout = LAYOUTS[server.personality]
        self.habits = habits or habits_of(server.personality)
        self.schedule = Schedule(clock, pace)
        self.power = Power(
            self.schedule,
            self.layout,
            powered_on=server.powered_on,
            on_boot=self._boot,
            on_off=lambda: self.note("The system was switched off."),
        )
        self.tasks = Tasks(self.schedule, self.layout, self.habits)
        self.volumes = Volumes(self)
        self.flash = Flash(self)
        self.bios = Bios(
            server.bios,
            needs_job=self.habits.bios_needs_job,
            checked_at_boot=self.habits.bios_checked_at_boot,
        )
        self.tls = Tls(certificate or self_signed(server.serial, server.name, ()).pem)
        self.override = Override()
        self.booted_from = "Hdd"
        self.secure_boot = False
        self.secure_boot_current = False
        self.secure_boot_keys = True
        self.indicator = "Off"
        self.asset_tag = server.asset_tag
        self.boot_order: list[str] | None = None
        self.host_clock: tuple[str, str] | None = None
        self.media = {identity: Media() for identity, _, _ in self.layout.virtual_media}
        self.kept: dict[str, dict[str, Any]] = {}
        self.log: list[Record] = []
        self._records = 0
        self._server = server
        self._started_at = float("-inf")
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

    @property
    def is_in_post(self) -> bool:
        """Whether the host has power and its firmware has not yet handed over."""
        return self.power.is_running and self.since_start < self.habits.post_s

    @property
    def since_start(self) -> float:
        """Emulated seconds since the host last got power."""
        return self.schedule.now - self._started_at

    def reset_bmc(self) -> None:
        """Restart the BMC: it goes away, and staged BMC firmware is active when it is back."""
        # Nobody sees it before the BMC is back, and then it must be there at once.
        self.tls.serve()
        self._back_at = self.schedule.now + BMC_RESET_S
        self.schedule.after(BMC_RESET_S, self._bmc_back, "bmc")

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
        if self.habits.media_lag_s and self.media[device].image is not None:
            self.schedule.after(self.habits.media_lag_s, lambda: self._emptied(device))
        else:
            self._emptied(device)

    def forget_mode(self) -> None:
        """Have the boot mode fall back to what the BIOS says."""
        self.override = replace(self.override, mode="UEFI")

    def note(self, message: str, severity: str = "OK") -> None:
        """Write a line into the system log."""
        self._records += 1
        self.log.append(
            Record(number=self._records, at=self.schedule.now, message=message, severity=severity)
        )
        del self.log[:-LOG_KEPT]

    def _emptied(self, device: str) -> None:
        self.media[device] = Media(verify_certificate=self.media[device].verify_certificate)

    def _bmc_back(self) -> None:
        if self.habits.tasks_end_with_bmc:
            self.tasks.forget()
        self.flash.bmc_started()
        self.note("The BMC was restarted.")

    def _boot(self) -> None:
        """The host starts: what waited for this takes effect."""
        self._started_at = self.schedule.now
        self.bios.start()
        self.secure_boot_current = self.secure_boot and self.secure_boot_keys
        self.tasks.host_restarted()
        self.flash.host_started()
        override = self.override
        self.booted_from = "Hdd" if override.enabled == "Disabled" else override.target
        if override.enabled == "Once":
            self.override = Override(mode=override.mode)
        self.note(f"The system was started from {self.booted_from}.")
