"""What can befall a device without anybody asking: a breaker trips, a mains fails, water leaks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, runtime_checkable

Incident = Callable[[], Awaitable[None]]


@runtime_checkable
class Befallen(Protocol):
    """A backend whose device incidents can befall, by their names."""

    @property
    def incidents(self) -> Mapping[str, Incident]:
        """Every incident; awaiting one lets it happen."""


def incidents_of(backend: object) -> Mapping[str, Incident]:
    """The incidents that can befall what a backend stands for; none for most."""
    return backend.incidents if isinstance(backend, Befallen) else {}
