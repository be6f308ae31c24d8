"""What was asked of the emulated BMCs, so that tests can count instead of guess."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
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


class Gauge:
    """How many there are now, were at most, and were in all."""

    def __init__(self) -> None:
        self.now = self.peak = self.total = 0

    def up(self) -> None:
        """One more."""
        self.now += 1
        self.total += 1
        self.peak = max(self.peak, self.now)

    def down(self) -> None:
        """One less."""
        self.now -= 1

    @contextmanager
    def held(self) -> Iterator[None]:
        """One more for as long as the context lasts."""
        self.up()
        try:
            yield
        finally:
            self.down()

    def reset(self) -> None:
        """Begin the peak and the total anew with what is there now."""
        self.peak = self.total = self.now


class Journal:
    """The latest requests in order, counts of all of them, and what went on at once.

    ``connections`` and ``in_flight`` (requests) are by BMC; ``all_connections`` is the fleet's.
    """

    def __init__(self) -> None:
        self.all_connections = Gauge()
        self.connections: defaultdict[str, Gauge] = defaultdict(Gauge)
        self.in_flight: defaultdict[str, Gauge] = defaultdict(Gauge)
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
        for gauge in (
            self.all_connections,
            *self.connections.values(),
            *self.in_flight.values(),
        ):
            gauge.reset()

    def connected(self, bmc: str) -> None:
        """A client has connected to the BMC."""
        self.all_connections.up()
        self.connections[bmc].up()

    def disconnected(self, bmc: str) -> None:
        """A client's connection is gone."""
        self.all_connections.down()
        self.connections[bmc].down()

    def as_json(self, bmc: str | None = None) -> list[Json]:
        """The entries for the admin's side channel."""
        return [asdict(entry) for entry in self.entries(bmc)]

    def counters(self, bmc: str) -> Json:
        """Requests of one BMC by method and by status, its connections, and the peaks."""
        methods: Counter[str] = Counter()
        statuses: Counter[str] = Counter()
        for (name, method, status), times in self._counts.items():
            if name == bmc:
                methods[method] += times
                statuses[str(status)] += times
        return {
            "requests": methods.total(),
            "methods": methods,
            "statuses": statuses,
            "peak_in_flight": self.in_flight[bmc].peak,
            "connections": self.connections[bmc].total,
            "peak_connections": self.connections[bmc].peak,
        }
