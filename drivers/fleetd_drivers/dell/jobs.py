"""Work that an iDRAC took on: jobs, of which tasks are a passing view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Final

from fleetd.domain.device import Json
from fleetd.driverkit.behaviours.tracking import Progress, Stage, Tracking
from fleetd.driverkit.documents import Documents
from fleetd.driverkit.effects import Replace
from fleetd.driverkit.payload import link, text, value
from fleetd.driverkit.plan import Follow
from fleetd.driverkit.quirk import Quirk
from fleetd_drivers.told import told

_TESTS: Final = "tests/drivers/test_dell_jobs.py"
_TASKS: Final = "DSP0266 'Asynchronous operations'"
_STAGES: Final = {
    **dict.fromkeys(("scheduled", "scheduling", "rebootpending", "waiting"), Stage.WAITING),
    **dict.fromkeys(("paused", "readyforexecution", "pendingactivation"), Stage.WAITING),
    **dict.fromkeys(("new", "downloading", "downloaded"), Stage.RUNNING),
    "rebootcompleted": Stage.SUCCEEDED,
    **dict.fromkeys(("failed", "completedwitherrors", "rebootfailed"), Stage.FAILED),
}


class JobTracking(Tracking):
    """Jobs of the iDRAC's queue, with words of their own for how far they are."""

    reads: ClassVar[Mapping[str, tuple[Follow, ...]]] = {
        **Tracking.reads,
        "ServiceRoot": (*Tracking.reads["ServiceRoot"], Follow("Managers", "Manager")),
    }

    def is_task(self, body: Json) -> bool:
        """The document is a task or a job."""
        return super().is_task(body) or text(body, "JobState") is not None

    def progress(self, task: Mapping[str, Json]) -> Progress:
        """What the task or job says; ``Scheduled`` waits for a restart of the host."""
        found = super().progress(task)
        stage = _STAGES.get((found.said or "").lower(), found.stage)
        said = text(task, "Message")
        return replace(found, stage=stage, messages=found.messages or ((said,) if said else ()))

    def lasting(self, place: str, documents: Documents) -> str | None:
        """The job in the queue, which is there long after its task is gone."""
        job = place.rstrip("/").rpartition("/")[2]
        for manager in documents.of_kind("Manager"):
            queue = link(value(manager.body, "Links/Oem/Dell/Jobs"))
            if queue and job.startswith("JID_"):
                return f"{queue.rstrip('/')}/{job}"
        return None


QUIRKS: Final = (
    Quirk(
        id="tasks-vanish",
        effects=(Replace(Tracking, by=JobTracking),),
        title="Tasks vanish when they're done; jobs stay",
        standard=f"{_TASKS}: a completed task is kept for a while",
        bmc="A task is gone in seconds before 5.00, after ten minutes later, and a monitor may "
        "stay at 202 or vanish; the job of the same id stays in the queue",
        action="Where a task is gone, its job in the queue is looked at",
        source="DEL-054, DEL-056, DEL-060, DEL-069, dell#160, #275; ironic release notes; "
        "gofish:oem/dell; bmclib:providers/dell",
        test=f"{_TESTS}::test_a_task_that_is_gone_has_a_job_still",
    ),
    Quirk(
        id="words-of-jobs",
        title="Jobs say in words of their own how far they are",
        standard="DSP0268 'Job': JobState",
        bmc="Scheduled waits for a restart of the host, New runs, CompletedWithErrors failed",
        action="The words are read as stages",
        source="DEL-057, ironic:drivers/modules/drac/firmware.py; ironic fix-idrac-tasks",
        test=f"{_TESTS}::test_words_of_jobs_are_stages",
    ),
    Quirk(
        id="no-location",
        title="A change is accepted without saying where its job is",
        standard=f"{_TASKS}: 202 has a Location",
        bmc="R660-class machines answer 200 without Location",
        action="The one job that is new in the queue is it",
        source="DEL-032, infra-controller#2506",
        test=f"{_TESTS}::test_the_one_new_job_is_the_one_that_was_begun",
    ),
    told(
        "jobs-appear-late",
        title="A job is not to be seen at once, nor after every reboot",
        standard=_TASKS,
        bmc="For some seconds it answers 404; jobs of UEFI updates may be purged over a reboot",
        advice="ask three times in half a minute; where it's gone, compare versions",
        source="DEL-055, DEL-058, sushy:taskmonitor.py; infra-controller",
    ),
)
