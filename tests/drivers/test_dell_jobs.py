"""How Dell's driver follows jobs, and hands firmware over."""

from __future__ import annotations

from typing import Any

import pytest

from fleetd.driverkit.behaviours.apply_time import ApplyTime
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate, Image, UpdateWay
from fleetd.driverkit.behaviours.tracking import Stage, Tracking
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry
from tests.support.driving import captured_document
from tests.support.operating import operated

NINE = Facts(vendor="Dell", manager_model="15G Monolithic", manager_firmware="4.40.00.00")
MANAGER = "/redfish/v1/Managers/iDRAC.Embedded.1"
QUEUE = f"{MANAGER}/Oem/Dell/Jobs"


def tracking(registry: Registry) -> Tracking:
    found = registry.choose(NINE).behaviour(Tracking)
    assert found is not None
    return found


def documents_with_queue() -> Documents:
    documents = Documents()
    links = {"Oem": {"Dell": {"Jobs": {"@odata.id": QUEUE}}}}
    documents.put("Manager", MANAGER, {"Links": links})
    return documents


@pytest.mark.parametrize(
    "task",
    [
        "/redfish/v1/TaskService/Tasks/JID_102241909559",
        "/redfish/v1/TaskService/TaskMonitors/JID_102241909559",
        f"{QUEUE}/JID_102241909559",
    ],
)
def test_a_task_that_is_gone_has_a_job_still(task: str, registry: Registry) -> None:
    behaviour = tracking(registry)

    assert behaviour.place(202, {"Location": task}, None) == task
    assert behaviour.lasting(task, documents_with_queue()) == f"{QUEUE}/JID_102241909559"
    assert behaviour.lasting("/redfish/v1/TaskService/Tasks/7", documents_with_queue()) is None


@pytest.mark.parametrize(
    ("said", "stage"),
    [
        ("New", Stage.RUNNING),
        ("Scheduled", Stage.WAITING),
        ("Downloading", Stage.RUNNING),
        ("Completed", Stage.SUCCEEDED),
        ("CompletedWithErrors", Stage.FAILED),
        ("Failed", Stage.FAILED),
        ("Enchanted", Stage.UNKNOWN),
    ],
)
def test_words_of_jobs_are_stages(said: str, stage: Stage, registry: Registry) -> None:
    body = {"@odata.type": "#DellJob.v1_2_0.DellJob", "JobState": said, "Message": "So it is."}

    progress = tracking(registry).progress(body)

    assert (progress.stage, progress.said, progress.messages) == (stage, said, ("So it is.",))


def test_a_captured_job_is_understood(registry: Registry) -> None:
    job = captured_document("dell-idrac9-6.00.30-r750-libredfish", f"{QUEUE}/JID_102241909559")

    progress = tracking(registry).progress(job)

    assert tracking(registry).is_task(job)
    assert (progress.stage, progress.percent) == (Stage.SUCCEEDED, 100)
    assert progress.messages == ("Job completed successfully.",)


def test_the_one_new_job_is_the_one_that_was_begun(registry: Registry) -> None:
    old, new = Resource(f"{QUEUE}/JID_1", {}), Resource(f"{QUEUE}/JID_2", {})

    begun = tracking(registry).begun([old], [old, new])

    assert begun is new


def update_service(**more: Any) -> Resource:
    return Resource("/redfish/v1/UpdateService", more)


def updating(registry: Registry) -> FirmwareUpdate:
    found = registry.choose(NINE).behaviour(FirmwareUpdate)
    assert found is not None
    return found


def test_an_upload_has_every_parameter_and_no_target(registry: Registry) -> None:
    service = update_service(MultipartHttpPushUri="/redfish/v1/UpdateService/MultipartUpload")
    image = Image(name="BIOS.EXE", targets=("/redfish/v1/UpdateService/FirmwareInventory/X",))

    (request,) = updating(registry).update(
        service, Documents(), image, way=UpdateWay.MULTIPART, at=ApplyTime.ON_RESET
    )

    assert request.parts[0].json == {
        "Targets": [],
        "@Redfish.OperationApplyTime": "OnReset",
        "Oem": {},
    }


def test_only_ways_that_are_offered_are_offered(registry: Registry) -> None:
    service = update_service(HttpPushUri="/redfish/v1/UpdateService/FirmwareInventory")

    assert updating(registry).ways(service, Documents()) == (UpdateWay.HTTP_PUSH,)
    assert updating(registry).ways(update_service(), Documents()) == ()


@pytest.mark.asyncio
async def test_an_upload_to_an_emulated_idrac_is_a_job_that_can_be_followed() -> None:
    async with operated(personality="dell") as bmc:
        behaviour = bmc.behaviour(FirmwareUpdate)
        documents, _ = await bmc.gather(FirmwareUpdate, ServiceRoot="/redfish/v1/")
        (service,) = documents.of_kind("UpdateService")
        image = Image(name="image.exe")

        answer = (
            await bmc.send(*behaviour.update(service, documents, image, way=UpdateWay.MULTIPART))
        )[-1]

        follower = bmc.behaviour(Tracking)
        place = follower.place(answer.status, answer.headers, answer.body)
        assert place is not None
        found, _ = await bmc.gather(Tracking, Manager=bmc.manager)
        lasting = follower.lasting(place, found)
        assert lasting is not None
        assert follower.progress(await bmc.get(lasting)).stage is not Stage.UNKNOWN
