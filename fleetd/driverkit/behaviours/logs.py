"""The device's logs: where they are, their entries, and clearing them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from fleetd.driverkit.actions import action
from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import text, texts
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One entry: ``created`` as the BMC writes it, since many write no ISO date."""

    key: str
    message: str
    severity: str | None = None
    created: str | None = None
    message_id: str | None = None
    arguments: tuple[str, ...] = ()


class Logs(Behaviour):
    """LogServices of systems, managers and chassis (DSP0268 'LogService', 'LogEntry')."""

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        **dict.fromkeys(
            ("ComputerSystem", "Manager", "Chassis"), (Follow("LogServices", "LogService"),)
        ),
        "LogService": (Follow("Entries", "LogEntry"),),
    }

    def services(self, documents: Documents) -> tuple[Resource, ...]:
        """Every log."""
        return documents.of_kind("LogService")

    def lines(self, documents: Documents, service: Resource) -> Iterator[LogLine]:
        """The entries of a log that were read, in the BMC's order."""
        for entry in documents.follow(service.body, "Entries"):
            yield LogLine(
                key=entry.key,
                message=text(entry.body, "Message", "MessageId", "Name") or "",
                severity=text(entry.body, "Severity"),
                created=text(entry.body, "Created", "EventTimestamp"),
                message_id=text(entry.body, "MessageId"),
                arguments=tuple(texts(entry.body, "MessageArgs")),
            )

    def clear(self, service: Resource, documents: Documents) -> tuple[Request, ...]:
        """The requests that empty the log.

        Raises:
            Unsupported: The BMC can't.
        """
        return (action(service, "LogService.ClearLog", documents).request(),)
