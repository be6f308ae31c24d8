"""History, discoveries and enrollments: in order, in pages, and pruned."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from fleetd.domain.device import Change, ChangeKind, DeviceId
from fleetd.domain.discovery import DiscoveryRun, RunState
from fleetd.domain.enrollment import Enrollment, PasswordDigest, Standing
from fleetd.domain.errors import Conflict
from fleetd.store.database import Database
from tests.support.stored import LATER, NOW, a_change, a_device, stored

pytestmark = pytest.mark.asyncio


def a_run(number: int, **minutes: float) -> DiscoveryRun:
    return DiscoveryRun(
        id=f"run-{number}",
        trigger="api",
        targets=("10.0.0.0/28", "ssdp"),
        state=RunState.RUNNING,
        started_at=NOW + timedelta(**(minutes or {"minutes": number})),
    )


async def test_a_change_comes_back_as_it_was_kept(database: Database) -> None:
    device = a_device()
    change = Change(
        device_id=device.id,
        kind=ChangeKind.CHANGED,
        subject="drive/Systems/1/Drives/1",
        field="attributes",
        before={"a": [1, None]},
        after=["x", 2.5, True],
        at=LATER,
        sweep_id="sweep-7",
    )

    await database.devices.save([stored(device, change)])

    assert (await database.devices.history(device.id, limit=1)).items == (change,)


async def test_history_is_newest_first_in_pages_and_of_one_device(database: Database) -> None:
    device, other = a_device("a"), a_device("b")
    changes = [a_change(device, after=number) for number in range(10)]
    for change in changes[:8]:
        await database.devices.save([stored(device, change)])
    await database.devices.save([stored(other, a_change(other)), stored(device, *changes[8:])])

    first = await database.devices.history(device.id, limit=4)
    await database.devices.save([stored(device, a_change(device, after="newer"))])
    second = await database.devices.history(device.id, limit=4, marker=first.marker)
    third = await database.devices.history(device.id, limit=4, marker=second.marker)

    found = [change.after for change in (*first.items, *second.items, *third.items)]
    assert found == list(range(9, -1, -1))
    assert third.marker is None


async def test_pruning_forgets_what_is_older_and_keeps_the_rest(database: Database) -> None:
    device = a_device()
    old = [a_change(device, after=number, at=NOW) for number in range(3)]
    new = a_change(device, at=LATER)
    await database.devices.save([stored(device, *old, new)])
    await database.discoveries.save_run(a_run(0))

    pruned = await database.prune(LATER)

    assert pruned == 4
    assert (await database.devices.history(device.id, limit=9)).items == (new,)
    assert await database.devices.device(device.id) == device
    assert await database.prune(LATER) == 0


async def test_markers_stay_good_when_the_newest_history_was_pruned(database: Database) -> None:
    device = a_device()
    await database.devices.save([stored(device, *(a_change(device, after=n) for n in range(4)))])
    page = await database.devices.history(device.id, limit=2)
    await database.prune(LATER)
    await database.devices.save([stored(device, a_change(device, at=LATER, after="later"))])

    rest = await database.devices.history(device.id, limit=2, marker=page.marker)

    assert rest.items == ()


async def test_a_discovery_comes_back_as_it_was_kept_last(database: Database) -> None:
    run = a_run(1)
    await database.discoveries.save_run(run)
    done = replace(
        run,
        state=RunState.SUCCEEDED,
        finished_at=LATER,
        addresses=14,
        probed=14,
        found=3,
        new=2,
        outcomes={"redfish": 3, "no-answer": 11},
        error="one was slow",
    )

    await database.discoveries.save_run(done)

    assert await database.discoveries.run(run.id) == done
    assert await database.discoveries.run("nobody") is None


async def test_discoveries_are_listed_newest_first_also_where_two_began_at_once(
    database: Database,
) -> None:
    for run in (a_run(2), a_run(0), a_run(1), a_run(3, minutes=1)):
        await database.discoveries.save_run(run)

    first = await database.discoveries.runs(limit=2)
    second = await database.discoveries.runs(limit=2, marker=first.marker)

    found = [run.id for run in (*first.items, *second.items)]
    assert found == ["run-2", "run-3", "run-1", "run-0"]
    assert second.marker is None


async def test_an_enrollment_comes_back_as_it_was_kept_last(database: Database) -> None:
    device = a_device()
    await database.devices.save([stored(device)])
    await database.enrollments.save_enrollments([Enrollment(device_id=device.id)])
    enrollment = Enrollment(
        device_id=device.id,
        standing=Standing.FAILED,
        node_uuid="11111111-2222-4333-8444-555555555555",
        provision_state="clean failed",
        reason="no power",
        failures=3,
        retry_at=LATER,
        password=PasswordDigest(salt=b"salt\x00", digest=b"\xff" * 32),
        updated_at=NOW,
    )

    await database.enrollments.save_enrollments([enrollment])

    assert await database.enrollments.enrollment(device.id) == enrollment
    assert await database.enrollments.enrollment(DeviceId("nobody")) is None


async def test_enrollments_are_listed_by_device_and_counted_by_standing(
    database: Database,
) -> None:
    devices = [a_device(name) for name in "dcba"]
    states = ["available", None, "available", "manageable"]
    await database.devices.save([stored(device) for device in devices])
    await database.enrollments.save_enrollments(
        [
            Enrollment(
                device_id=device.id,
                provision_state=state,
                standing=Standing.AVAILABLE if state == "available" else Standing.PENDING,
            )
            for device, state in zip(devices, states, strict=True)
        ]
    )

    first = await database.enrollments.enrollments(limit=3)
    second = await database.enrollments.enrollments(limit=3, marker=first.marker)
    available = await database.enrollments.enrollments(standing=Standing.AVAILABLE, limit=3)
    standings = await database.enrollments.standings()

    found = [entry.device_id for entry in (*first.items, *second.items)]
    assert found == ["device-a", "device-b", "device-c", "device-d"]
    assert [entry.device_id for entry in available.items] == ["device-b", "device-d"]
    assert standings == {Standing.AVAILABLE: 2, Standing.PENDING: 2}


async def test_an_enrollment_of_no_device_is_refused(database: Database) -> None:
    with pytest.raises(Conflict):
        await database.enrollments.save_enrollments([Enrollment(device_id=DeviceId("nobody"))])
