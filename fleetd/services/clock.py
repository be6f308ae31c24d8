"""The system's clock, behind the domain's port."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """The time of this host."""

    def now(self) -> datetime:
        """The present moment, in UTC."""
        return datetime.now(UTC)
