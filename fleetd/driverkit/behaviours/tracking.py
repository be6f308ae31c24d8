"""What became of work that a BMC took on: its task or job, its progress, its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import ClassVar, Final
from urllib.parse import urlsplit

from fleetd.domain.device import Json
from fleetd.driverkit.behaviours.behaviour import Behaviour
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import entries, integer, link, text, texts
from fleetd.driverkit.plan import Follow


class Stage(StrEnum):
    """How far the work is; ``unknown`` is a word that nobody knows, and no end."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a task or job says of itself; ``said`` is the BMC's own word for the stage.

    A succeeded task is no proof: what it was to change is read back.
    """

    stage: Stage
    said: str | None = None
    percent: int | None = None
    messages: tuple[str, ...] = ()


_STAGES: Final = {
    **dict.fromkeys(("new", "pending", "starting", "suspended"), Stage.WAITING),
    **dict.fromkeys(("running", "stopping", "cancelling", "service", "interrupted"), Stage.RUNNING),
    "completed": Stage.SUCCEEDED,
    **dict.fromkeys(("exception", "killed", "interrupted by reset"), Stage.FAILED),
    "cancelled": Stage.CANCELLED,
}


class Tracking(Behaviour):
    """Tasks (DSP0266 'Asynchronous operations'; DSP0268 'Task')."""

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        "ServiceRoot": (Follow("Tasks", "TaskService"),),
        "TaskService": (Follow("Tasks", "Task"),),
    }

    def place(self, status: int, headers: Mapping[str, str], body: Json) -> str | None:
        """The resource to look at after an answer of that kind; None where it names none.

        202 gives a monitor in Location and should give the task as its body; the task says more.

        Args:
            status: The answer's HTTP status.
            headers: Its headers, with names in any case.
            body: Its JSON, or None.
        """
        task = link(body) if isinstance(body, dict) else None
        if task is not None and self.is_task(body):
            return task
        if status not in {HTTPStatus.ACCEPTED, HTTPStatus.CREATED, HTTPStatus.OK}:
            return None
        location = next((item for name, item in headers.items() if name.lower() == "location"), "")
        return link(urlsplit(location).path) if location else None

    def is_task(self, body: Json) -> bool:
        """The document is a task or a job, and not what the work was done on."""
        declared = text(body, "@odata.type") or ""
        return (
            declared.partition(".")[0] in {"#Task", "#Job"} or text(body, "TaskState") is not None
        )

    def progress(self, task: Mapping[str, Json]) -> Progress:
        """What the task or job says."""
        said = text(task, "TaskState", "JobState")
        stage = _STAGES.get((said or "").lower(), Stage.UNKNOWN)
        if stage is Stage.SUCCEEDED and text(task, "TaskStatus", "JobStatus") == "Critical":
            stage = Stage.FAILED
        return Progress(
            stage=stage,
            said=said,
            percent=_percent(task),
            messages=tuple(
                found
                for item in entries(task, "Messages")
                if (found := text(item, "Message", "MessageId"))
            ),
        )

    def moved_to(self, task: Mapping[str, Json]) -> str | None:
        """The job that goes on with the task's work (TaskEvent 'OperationTransitionedToJob')."""
        for item in entries(task, "Messages"):
            told = (text(item, "MessageId") or "").rpartition(".")[2]
            if told == "OperationTransitionedToJob":
                return next((path for path in texts(item, "MessageArgs") if link(path)), None)
        return None

    def lasting(self, place: str, documents: Documents) -> str | None:
        """Where the work is told of still when its place is gone; None where nowhere else."""
        del place, documents
        return None

    def begun(self, before: Iterable[Resource], after: Iterable[Resource]) -> Resource | None:
        """The one task that is there since; None where there's none, or several to choose from.

        For BMCs that take on work without saying where (202 without Location).
        """
        known = {item.path for item in before}
        new = [item for item in after if item.path not in known]
        return new[0] if len(new) == 1 else None


def _percent(task: Mapping[str, Json]) -> int | None:
    found = integer(task, "PercentComplete")
    return found if found is not None and 0 <= found <= 100 else None  # noqa: PLR2004
