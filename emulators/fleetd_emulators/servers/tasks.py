"""Long work on a BMC as Redfish tasks: they progress with time and end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from fleetd_emulators.servers.documents import ROOT, Document, Layout
from fleetd_emulators.servers.habits import Habits
from fleetd_emulators.servers.schedule import Schedule

TASKS_PATH: Final = f"{ROOT}/TaskService/Tasks"


@dataclass(slots=True, kw_only=True)
class Task:
    """One piece of work.

    ``waiting`` says that it goes on only when the host restarts; ``finished`` is when it ended,
    in emulated seconds. ``kind`` is what an iDRAC calls such a job, ``target`` what it is about.
    """

    identity: str
    name: str
    started: float
    duration: float
    kind: str = "FirmwareUpdate"
    target: str = ""
    waiting: bool = False
    finished: float | None = None
    will_fail: str | None = None
    failed: str | None = None
    cancelled: bool = False
    result: Document | None = None
    on_done: Callable[[], None] = field(default=lambda: None, repr=False)
    on_cancel: Callable[[], None] = field(default=lambda: None, repr=False)

    @property
    def path(self) -> str:
        """Where the task is found."""
        return f"{TASKS_PATH}/{self.identity}"


class Tasks:
    """The tasks of one BMC, as many of the newest as it keeps."""

    def __init__(self, schedule: Schedule, layout: Layout, habits: Habits) -> None:
        self._schedule = schedule
        self._layout = layout
        self._habits = habits
        self._numbers = iter(range(1, 1_000_000))
        self._tasks: dict[str, Task] = {}

    def begin(
        self,
        name: str,
        duration: float,
        on_done: Callable[[], None],
        *,
        waits_for_reset: bool = False,
        failure: str | None = None,
        kind: str = "FirmwareUpdate",
        target: str = "",
        on_cancel: Callable[[], None] = lambda: None,
    ) -> Task:
        """Start work that calls ``on_done`` at its end, which may wait for a host reset.

        With a ``failure`` the work ends in it, and ``on_done`` is called all the same.
        """
        identity = self._layout.task.format(number=next(self._numbers))
        task = Task(
            identity=identity,
            name=name,
            started=self._schedule.now,
            duration=duration,
            kind=kind,
            target=target,
            waiting=waits_for_reset,
            will_fail=failure,
            on_done=on_done,
            on_cancel=on_cancel,
        )
        self._tasks[identity] = task
        for old in list(self._tasks)[: -self._habits.tasks_kept]:
            del self._tasks[old]
        if not waits_for_reset:
            self._schedule.after(duration, lambda: self._finish(task))
        return task

    def host_restarted(self) -> None:
        """What waited for this goes on to its end."""
        for task in list(self._tasks.values()):
            if task.waiting:
                task.waiting = False
                self._end(task)

    def find(self, identity: str) -> Task | None:
        """The task with this id, where the BMC shows it now."""
        task = self._tasks.get(identity)
        return task if task is not None and self._shows(task) else None

    def job(self, identity: str) -> Task | None:
        """The same in the vendor's own queue, which shows it from the first to the last."""
        return self._tasks.get(identity)

    def remove(self, identity: str) -> None:
        """Forget a task."""
        self._tasks.pop(identity, None)

    def cancel(self, task: Task) -> None:
        """Take a task out of the queue; unfinished work is undone."""
        if task.finished is None:
            task.cancelled = True
            task.on_cancel()
        self.remove(task.identity)

    def forget(self) -> None:
        """Lose them all; the work goes on."""
        self._tasks.clear()

    @property
    def all(self) -> list[Task]:
        """Those the BMC shows now, oldest first."""
        return [task for task in self._tasks.values() if self._shows(task)]

    @property
    def jobs(self) -> list[Task]:
        """All of them, oldest first."""
        return list(self._tasks.values())

    def unfinished(self, target: str) -> Task | None:
        """The work that is under way or waits for this target."""
        return next(
            (t for t in self._tasks.values() if t.target == target and t.finished is None), None
        )

    def _shows(self, task: Task) -> bool:
        now, habits = self._schedule.now, self._habits
        if now < task.started + habits.task_appears_after_s:
            return False
        kept = habits.task_kept_s
        return kept is None or task.finished is None or now <= task.finished + kept

    def _end(self, task: Task) -> None:
        lag = self._habits.job_lag_s
        if lag:
            self._schedule.after(lag, lambda: self._finish(task))
        else:
            self._finish(task)

    def document(self, task: Task) -> Document:
        """The task as DSP0268 'Task' has it."""
        state, status = self._state(task)
        document: Document = {
            "@odata.type": "#Task.v1_7_0.Task",
            "@odata.id": self._layout.href(task.path),
            "Id": task.identity,
            "Name": task.name,
            "TaskState": state,
            "TaskStatus": status,
            "PercentComplete": self._percent(task),
            "Messages": [_message(task, state)],
            "TaskMonitor": f"{ROOT}/TaskService/TaskMonitors/{task.identity}",
        }
        return document

    def job_document(self, task: Task, path: str) -> Document:
        """The task as iDRAC's own job at the path."""
        state, _ = self._state(task)
        words = {"Starting": "Scheduled", "Exception": "Failed"}
        return {
            "@odata.type": "#DellJob.v1_5_0.DellJob",
            "@odata.id": path,
            "Id": task.identity,
            "Name": task.name,
            "JobState": words.get(state, state),
            "JobType": task.kind,
            "PercentComplete": self._percent(task),
            "Message": _message(task, state)["Message"],
            "CompletionTime": None,
        }

    def _finish(self, task: Task) -> None:
        if task.cancelled:
            return
        task.finished = self._schedule.now
        task.failed = task.will_fail
        task.on_done()

    def _state(self, task: Task) -> tuple[str, str]:
        if task.failed is not None:
            return "Exception", "Critical"
        if task.finished is not None:
            return "Completed", "OK"
        return ("Starting" if task.waiting else "Running"), "OK"

    def _percent(self, task: Task) -> int:
        if task.failed is not None:
            return 50
        if task.finished is not None:
            return 100
        if task.waiting or not task.duration:
            return 0
        return min(99, int(100 * (self._schedule.now - task.started) / task.duration))


def _message(task: Task, state: str) -> Document:
    texts = {
        "Exception": f"The task failed: {task.failed}.",
        "Completed": "The task completed successfully.",
        "Starting": "The task is scheduled and goes on when the system restarts.",
        "Running": "The task is running.",
    }
    message_id = "Base.1.18.Success" if state == "Completed" else f"TaskEvent.1.0.Task{state}"
    return {"MessageId": message_id, "Message": texts[state], "MessageArgs": []}
