"""How one BMC behaves over time: what its tasks, restarts and locks are like.

A personality has its vendor's habits, and a rule in FLEET.yaml gives any of them to any BMC.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fleetd_emulators.hardware import Personality


class Pointer(StrEnum):
    """What the Location of a 202 leads to."""

    MONITOR = "monitor"
    TASK = "task"
    NOTHING = "nothing"


class Takes(StrEnum):
    """When a new certificate is served."""

    AT_ONCE = "at-once"
    RESTARTING = "restarting"
    AT_RESTART = "at-restart"


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """Times are emulated seconds.

    Attributes:
        accepted_location: What the Location of a 202 leads to; without one only the body tells.
        task_appears_after_s: How long a task that was announced answers 404 (quirk DEL-055).
        task_kept_s: How long an ended task is kept (quirk DEL-054); None is until it is pushed out.
        tasks_kept: How many tasks there are at most; the oldest goes (quirk OBM-001).
        monitor_read_once: A monitor read at the end takes the task with it (quirk LEN-005).
        monitor_stays_open: A monitor says 202 though its task has ended (quirk DEL-056).
        tasks_end_with_bmc: Tasks are gone after the BMC's restart (quirks OBM-004, AMI-010).
        restarts_for_own_update: The BMC restarts by itself after its own update (quirk DEL-068).
        one_update_at_a_time: A second update is refused while one runs (quirk OBM-009).
        busy_status: How that is answered.
        version_lag_s: How long after the task's end the old version shows (quirk LEN-009).
        job_lag_s: How long after the host's start a job that waited for it ends (quirk DEL-031).
        post_s: How long the host is in POST after it got power.
        locked_in_post: Boot, BIOS and secure boot cannot be changed in POST (quirk HPE-020).
        bios_needs_job: Pending BIOS settings lie until a job is made for them (quirk DEL-027).
        bios_checked_at_boot: Wrong BIOS values are taken, and dropped at the next start.
        lifecycle_lag_s: How long after a start no jobs are taken (quirk DEL-051).
        media_lag_s: How long a virtual drive says it is full after an eject (quirk DEL-041).
        fetches: Images are really asked for at their URI before they are taken.
        certificate_takes: When a new certificate is served: at once, by a restart that the BMC
            makes itself, or at the next one (quirk DEL-104).
        licensed: Whether the licence for configuration and updates is installed.
    """

    accepted_location: Pointer = Pointer.MONITOR
    task_appears_after_s: float = 0.0
    task_kept_s: float | None = None
    tasks_kept: int = 32
    monitor_read_once: bool = False
    monitor_stays_open: bool = False
    tasks_end_with_bmc: bool = False
    restarts_for_own_update: bool = True
    one_update_at_a_time: bool = False
    busy_status: int = 409
    version_lag_s: float = 0.0
    job_lag_s: float = 0.0
    post_s: float = 0.0
    locked_in_post: bool = False
    bios_needs_job: bool = False
    bios_checked_at_boot: bool = False
    lifecycle_lag_s: float = 0.0
    media_lag_s: float = 0.0
    fetches: bool = False
    certificate_takes: Takes = Takes.AT_ONCE
    licensed: bool = True


STANDARD: Final = Habits()
HABITS: Final[dict[Personality, Habits]] = {
    Personality.DELL: Habits(
        accepted_location=Pointer.TASK,
        job_lag_s=1.0,
        post_s=2.0,
        bios_needs_job=True,
        certificate_takes=Takes.AT_RESTART,
        lifecycle_lag_s=2.0,
    ),
    Personality.HPE: Habits(
        post_s=3.0,
        locked_in_post=True,
        bios_checked_at_boot=True,
        one_update_at_a_time=True,
        busy_status=400,
        certificate_takes=Takes.RESTARTING,
    ),
    Personality.SUPERMICRO: Habits(
        post_s=2.0, tasks_end_with_bmc=True, one_update_at_a_time=True, busy_status=400
    ),
    Personality.LENOVO: Habits(post_s=2.0, monitor_read_once=True, version_lag_s=1.0),
    Personality.OPENBMC: Habits(
        tasks_kept=100,
        restarts_for_own_update=False,
        monitor_read_once=True,
        tasks_end_with_bmc=True,
        one_update_at_a_time=True,
        busy_status=503,
    ),
    Personality.AMI: Habits(tasks_end_with_bmc=True, one_update_at_a_time=True, busy_status=503),
    Personality.NVIDIA: Habits(
        tasks_kept=100,
        monitor_read_once=True,
        tasks_end_with_bmc=True,
        restarts_for_own_update=False,
    ),
    Personality.FUJITSU: Habits(post_s=2.0),
    Personality.HUAWEI: Habits(post_s=2.0, one_update_at_a_time=True, busy_status=400),
    Personality.GENERIC: STANDARD,
}


def habits_of(personality: Personality) -> Habits:
    """The vendor's own."""
    return HABITS.get(personality, STANDARD)
