"""The configuration read again while the daemon runs: taken as a whole, or the old one stays."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import structlog
from pydantic import ValidationError

from fleetd.config.settings import Settings
from fleetd.daemon.notify import Notifier
from fleetd.domain.errors import ConfigError

NEED_RESTART: Final = frozenset(
    {
        "api.host",
        "api.port",
        "api.certificate",
        "api.key",
        "daemon.state_directory",
        "daemon.shutdown_timeout",
        "secrets",
        "store",
    }
)
"""Options and sections that a running daemon keeps: sockets and files are open on them."""

_log = structlog.get_logger(__name__)


class Reloader:
    """Holds the settings in force, and gives changed sections to those who subscribed."""

    def __init__(
        self,
        settings: Settings,
        *,
        read: Callable[[], Settings],
        notifier: Notifier,
        reloaded: Callable[[str], None],
    ) -> None:
        """Prepare.

        Args:
            settings: In force now.
            read: Reads the configuration anew; runs in a thread.
            notifier: Told when a reload begins and ends.
            reloaded: Told ``taken`` or ``refused``.
        """
        self.settings = settings
        self._read = read
        self._notifier = notifier
        self._reloaded = reloaded
        self._subscribers: dict[str, list[Callable[[Settings], None]]] = {}
        self._requested = asyncio.Event()

    def subscribe(self, section: str, apply: Callable[[Settings], None]) -> None:
        """Call ``apply`` with the new settings whenever this section changed.

        Raises:
            ValueError: There is no such section.
        """
        if section not in Settings.model_fields:
            raise ValueError(f"no section {section}")
        self._subscribers.setdefault(section, []).append(apply)

    def request(self) -> None:
        """Ask for a reload, from a signal handler; requests during a reload make one more."""
        self._requested.set()

    async def run(self) -> None:
        """Reload whenever asked, until cancelled."""
        while True:
            await self._requested.wait()
            self._requested.clear()
            await self.reload()

    async def reload(self) -> bool:
        """Read the configuration and put it in force; False: it was refused, the old one stays."""
        self._notifier.reloading()
        status = "Running on the old configuration: the new one was refused"
        try:
            wanted = await asyncio.to_thread(self._read)
            self._put_in_force(self._keeping_what_needs_a_restart(wanted))
            status = "Running; configuration reloaded"
        except ConfigError as error:
            _log.error("configuration_refused", reason=str(error))
            self._reloaded("refused")
            return False
        finally:
            self._notifier.ready(status)  # whatever happens: the manager waits for this word
        self._reloaded("taken")
        return True

    def _put_in_force(self, settings: Settings) -> None:
        changed = _changed_sections(self.settings, settings)
        self.settings = settings
        # One that subscribed to several sections hears once.
        for apply in dict.fromkeys(
            apply for section in changed for apply in self._subscribers.get(section, ())
        ):
            apply(settings)
        _log.info("configuration_reloaded", changed=changed)

    def _keeping_what_needs_a_restart(self, wanted: Settings) -> Settings:
        held = [
            name
            for name in _changed_options(self.settings, wanted)
            if not NEED_RESTART.isdisjoint({name, name.split(".")[0]})
            or name.split(".")[0] not in self._subscribers
        ]
        if not held:
            return wanted
        _log.warning("configuration_needs_restart", keys=held)
        try:
            return _with_old(wanted, self.settings, held)
        except ValidationError as error:
            reasons = "; ".join(one["msg"] for one in error.errors(include_input=False))
            message = f"{', '.join(held)} need a restart, and without them: {reasons}"
            raise ConfigError(message) from error


def _changed_options(old: Settings, new: Settings) -> list[str]:
    return [
        f"{section}.{option}"
        for section in _changed_sections(old, new)
        for option in type(getattr(old, section)).model_fields
        if getattr(getattr(old, section), option) != getattr(getattr(new, section), option)
    ]


def _changed_sections(old: Settings, new: Settings) -> list[str]:
    return [name for name in Settings.model_fields if getattr(old, name) != getattr(new, name)]


def _with_old(wanted: Settings, old: Settings, names: list[str]) -> Settings:
    """The wanted settings with the old values of these options, validated as a whole.

    Validated, since the mixture may be worse than either: no tokens, and not on loopback.
    """
    values = wanted.model_dump()
    before = old.model_dump()
    for name in names:
        section, option = name.split(".")
        values[section][option] = before[section][option]
    return Settings.model_validate(values)
