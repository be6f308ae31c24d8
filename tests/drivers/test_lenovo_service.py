"""Accounts, updates, tasks and media of an XCC, as Lenovo's driver knows them."""

from __future__ import annotations

from typing import Any

import pytest

from fleetd.domain.errors import Unsupported
from fleetd.driverkit.behaviours.accounts import Accounts
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate, Image, UpdateWay
from fleetd.driverkit.behaviours.logs import Logs
from fleetd.driverkit.behaviours.tracking import Tracking
from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry
from fleetd.driverkit.request import Method
from tests.support.driving import ask
from tests.support.operating import operated

XCC2 = Facts(vendor="Lenovo", manager_model="Lenovo XClarity Controller 2")
TSM = Facts(vendor="AMI", oem=frozenset({"Ami"}), manufacturer="Lenovo", model="ThinkSystem SR635")
SERVICE = "/redfish/v1/UpdateService"
MANAGER = "/redfish/v1/Managers/1"


def behaviour(registry: Registry, kind: Any, facts: Facts = XCC2) -> Any:
    found = registry.choose(facts).behaviour(kind)
    assert found is not None
    return found


@pytest.mark.asyncio
async def test_an_account_fills_a_slot_of_an_xcc() -> None:
    """The emulated XCC demands If-Match, which the driver's trait has sent."""
    async with operated(personality="lenovo") as bmc:
        accounts = bmc.behaviour(Accounts)
        documents, _ = await bmc.gather(Accounts, ServiceRoot="/redfish/v1/")
        (service,) = documents.of_kind("AccountService")
        (request,) = accounts.create(service, documents, "fleet", "Str0ng+secret", "Operator")
        await bmc.send(request)
        filled = await bmc.get(request.path)
        documents, _ = await bmc.gather(Accounts, ServiceRoot="/redfish/v1/")
        await bmc.send(*accounts.remove(documents, "fleet"))

        assert request.method is Method.PATCH
        assert (filled["UserName"], filled["Enabled"]) == ("fleet", True)
        assert (await bmc.get(request.path))["UserName"] == ""


def test_an_account_is_made_where_no_slot_is_shown(registry: Registry) -> None:
    service = Resource("/redfish/v1/a", {"Accounts": {"@odata.id": "/redfish/v1/a/Accounts"}})
    documents = Documents()
    documents.put("ManagerAccount", "/redfish/v1/a/Accounts/1", {"UserName": "USERID"})

    (request,) = behaviour(registry, Accounts).create(
        service, documents, "fleet", "Str0ng+secret", "Operator"
    )

    assert (request.method, request.path) == (Method.POST, "/redfish/v1/a/Accounts")


def test_an_upload_claims_the_service_and_lets_go(registry: Registry) -> None:
    service = Resource(SERVICE, {"HttpPushUri": "/fwupdate", "HttpPushUriTargetsBusy": False})
    image = Image(name="bmc.uxz", targets=(f"{SERVICE}/FirmwareInventory/BMC-Backup",))

    claim, upload, end = behaviour(registry, FirmwareUpdate).update(
        service, Documents(), image, way=UpdateWay.HTTP_PUSH
    )

    assert claim.body == {
        "HttpPushUriTargetsBusy": True,
        "HttpPushUriTargets": [f"{SERVICE}/FirmwareInventory/BMC-Backup"],
    }
    assert (upload.path, upload.sends_image) == ("/fwupdate", True)
    assert end.body == {"HttpPushUriTargetsBusy": False, "HttpPushUriTargets": []}


@pytest.mark.asyncio
@pytest.mark.parametrize("way", [UpdateWay.HTTP_PUSH, UpdateWay.MULTIPART])
async def test_an_emulated_xcc_takes_an_upload_that_claims_it(way: UpdateWay) -> None:
    async with operated(personality="lenovo") as bmc:
        update = bmc.behaviour(FirmwareUpdate)
        documents, _ = await bmc.gather(FirmwareUpdate, ServiceRoot="/redfish/v1/")
        (service,) = documents.of_kind("UpdateService")

        answers = await bmc.send(
            *update.update(service, documents, Image(name="uefi.uxz"), way=way)
        )

        assert [answer.status for answer in answers] == [204, 202, 204]
        assert (await bmc.get(service.path))["HttpPushUriTargetsBusy"] is False


@pytest.mark.parametrize(
    ("said", "version"), [("ESX334M-4.20", "4.20"), ("4.20", "4.20"), (None, None)]
)
def test_a_version_is_told_without_the_builds_name(
    said: str | None, version: str | None, registry: Registry
) -> None:
    item = Resource(f"{SERVICE}/FirmwareInventory/BMC-Primary", {"Version": said})

    assert behaviour(registry, FirmwareUpdate).version(item) == version


def test_the_task_is_followed_and_not_its_monitor(registry: Registry) -> None:
    task = "/redfish/v1/TaskService/Tasks/7"
    body = {"@odata.type": "#Task.v1_5_0.Task", "@odata.id": task, "TaskState": "New"}
    headers = {"Location": "/redfish/v1/TaskService/TaskMonitor/7"}

    assert behaviour(registry, Tracking).place(202, headers, body) == task


def test_a_task_that_became_a_job_is_followed_there(registry: Registry) -> None:
    job = "/redfish/v1/JobService/Jobs/JobR000001-Update"
    message = {"MessageId": "TaskEvent.1.0.OperationTransitionedToJob", "MessageArgs": [job]}
    other = {"MessageId": "TaskEvent.1.0.TaskStarted", "MessageArgs": ["7"]}
    follower = behaviour(registry, Tracking)

    assert follower.moved_to({"Messages": [other, message]}) == job
    assert follower.moved_to({"Messages": [other]}) is None


@pytest.mark.asyncio
async def test_slots_that_fetch_come_first(registry: Registry) -> None:
    media = f"{MANAGER}/VirtualMedia"
    names = ("Remote1", "RDOC1", "EXT1", "EXT2")
    tree: dict[str, Any] = {
        "/redfish/v1/Systems/1": {},
        MANAGER: {"VirtualMedia": {"@odata.id": media}},
        media: {"Members": [{"@odata.id": f"{media}/{name}"} for name in names]},
    }
    for name in names:
        tree[f"{media}/{name}"] = {"MediaTypes": ["CD"], "Inserted": name == "EXT1"}

    asked = await ask(registry, XCC2, VirtualMedia, tree, Manager=MANAGER)

    slots = asked.behaviour.slots(asked.documents, "CD")
    (request,) = asked.behaviour.insert(slots[0], asked.documents, "http://192.0.2.1/a.iso")
    assert [slot.last for slot in slots] == ["EXT2", "EXT1", "Remote1", "RDOC1"]
    assert (request.method, request.path) == (Method.PATCH, f"{media}/EXT2")


@pytest.mark.asyncio
async def test_a_log_without_entries_is_empty(registry: Registry) -> None:
    tree = {f"{MANAGER}/LogServices/SEL": {"Name": "SEL"}}

    asked = await ask(registry, XCC2, Logs, tree, LogService=f"{MANAGER}/LogServices/SEL")

    assert list(asked.behaviour.lines(asked.documents, asked.begun["LogService"])) == []


def test_a_slow_board_is_given_time(registry: Registry) -> None:
    other = Facts(vendor="AMI", oem=frozenset({"Ami"}), manufacturer="Lenovo", model="HS350X V3")

    assert registry.choose(TSM).traits.request_timeout_s == 60.0
    assert registry.choose(other).traits.request_timeout_s != 60.0


def test_an_upload_to_an_ami_board_says_its_flash_type(registry: Registry) -> None:
    service = Resource(SERVICE, {"MultipartHttpPushUri": f"{SERVICE}/upload"})
    update = behaviour(registry, FirmwareUpdate, TSM)

    (request,) = update.update(
        service, Documents(), Image(name="u.cap", component="bios"), way=UpdateWay.MULTIPART
    )

    parts = {part.name: part.json for part in request.parts}
    assert parts["OemParameters"] == {"FlashType": "UEFIUpdate"}
    with pytest.raises(Unsupported, match="bios"):
        update.update(
            service, Documents(), Image(name="u.cap", component="nic"), way=UpdateWay.MULTIPART
        )
