"""What was asked of the emulated BMCs, so that tests can count instead of guess."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import asdict, dataclass

from fleetd_emulators.protocol.problems import Json

KEPT_ENTRIES = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One request and its outcome; status 0 is a connection that was cut."""

    bmc: str
    method: str
    path: str
    query: str
    status: int
    duration_ms: float


class Journal:
    """The latest requests in order, and counts of all of them."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT_ENTRIES)
        self._counts: Counter[tuple[str, str, int]] = Counter()

    def record(self, entry: Entry) -> None:
        """Add one finished request."""
        self._entries.append(entry)
        self._counts[entry.bmc, entry.method, entry.status] += 1

    def entries(self, bmc: str | None = None) -> tuple[Entry, ...]:
        """The latest requests, of one BMC or of all, oldest first."""
        return tuple(entry for entry in self._entries if bmc in {None, entry.bmc})

    def count(
        self, *, bmc: str | None = None, method: str | None = None, status: int | None = None
    ) -> int:
        """How many requests fit; what is left out fits all."""
        wanted = (bmc, method, status)
        return sum(
            times
            for key, times in self._counts.items()
            if all(want in {None, have} for want, have in zip(wanted, key, strict=True))
        )

    def reset(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._counts.clear()

    def as_json(self, bmc: str | None = None) -> list[Json]:
        """The entries for the admin's side channel."""
        return [asdict(entry) for entry in self.entries(bmc)]

    def counters(self, bmc: str) -> Json:
        """Requests of one BMC by method and by status."""
        methods: Counter[str] = Counter()
        statuses: Counter[str] = Counter()
        for (name, method, status), times in self._counts.items():
            if name == bmc:
                methods[method] += times
                statuses[str(status)] += times
        return {"requests": methods.total(), "methods": methods, "statuses": statuses}
