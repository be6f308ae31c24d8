"""Accounts, updates, tasks and volumes of an iLO, as HPE's driver knows them."""

from __future__ import annotations

import ssl
from typing import Any

import pytest

from fleetd.config.redfish import TlsSection, Trust
from fleetd.domain.errors import Unsupported
from fleetd.driverkit.behaviours.accounts import Accounts
from fleetd.driverkit.behaviours.event_subscriptions import EventSubscriptions
from fleetd.driverkit.behaviours.firmware import FirmwareUpdate, Image, UpdateWay
from fleetd.driverkit.behaviours.logs import Logs
from fleetd.driverkit.behaviours.tracking import Stage, Tracking
from fleetd.driverkit.behaviours.volumes import Volumes, VolumeWish
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry
from fleetd.redfish.trust import TrustStore
from tests.support.driving import ask, captured_document
from tests.support.operating import operated

ILO6 = "hpe-ilo6-1.66-dl380agen11-iloemu"
SIX = Facts(vendor="HPE", manager_model="iLO 6", manager_firmware="iLO 6 v1.66")
STORAGE = "/redfish/v1/Systems/1/Storage/DE00A000"
WISH = VolumeWish(raid_type="RAID1", drives=("/redfish/v1/d/1", "/redfish/v1/d/0"))


def behaviour(registry: Registry, kind: Any) -> Any:
    found = registry.choose(SIX).behaviour(kind)
    assert found is not None
    return found


@pytest.mark.asyncio
async def test_an_account_is_made_and_removed() -> None:
    async with operated(personality="hpe") as bmc:
        accounts = bmc.behaviour(Accounts)
        documents, _ = await bmc.gather(Accounts, ServiceRoot="/redfish/v1/")
        (service,) = documents.of_kind("AccountService")
        await bmc.send(*accounts.create(service, documents, "fleet", "Str0ng+secret", "Operator"))
        documents, _ = await bmc.gather(Accounts, ServiceRoot="/redfish/v1/")
        made = accounts.find(documents, "fleet")
        await bmc.send(*accounts.remove(documents, "fleet"))
        documents, _ = await bmc.gather(Accounts, ServiceRoot="/redfish/v1/")

        assert made is not None
        assert accounts.find(documents, "fleet") is None


def test_an_image_is_fetched_and_nothing_else_is_said(registry: Registry) -> None:
    service = Resource(
        "/redfish/v1/UpdateService", captured_document(ILO6, "/redfish/v1/UpdateService")
    )
    update = behaviour(registry, FirmwareUpdate)
    image = Image(name="ilo.bin", uri="https://192.0.2.1/ilo.bin", targets=("/redfish/v1/x",))

    (request,) = update.update(service, Documents(), image, way=UpdateWay.PULL)

    assert update.ways(service, Documents()) == (UpdateWay.PULL,)
    assert request.body == {"ImageURI": "https://192.0.2.1/ilo.bin"}


@pytest.mark.asyncio
async def test_an_update_of_an_emulated_ilo_can_be_followed() -> None:
    async with operated(personality="hpe") as bmc:
        update = bmc.behaviour(FirmwareUpdate)
        documents, _ = await bmc.gather(FirmwareUpdate, ServiceRoot="/redfish/v1/")
        (service,) = documents.of_kind("UpdateService")
        image = Image(name="ilo.bin", uri="http://192.0.2.1/bmc-2.0.bin")

        (answer,) = await bmc.send(*update.update(service, documents, image, way=UpdateWay.PULL))

        follower = bmc.behaviour(Tracking)
        place = follower.place(answer.status, answer.headers, answer.body)
        assert place is not None
        assert follower.progress(await bmc.get(place)).stage is not Stage.UNKNOWN


@pytest.mark.parametrize(
    ("message", "stage"),
    [
        ("iLO.2.15.Success", Stage.SUCCEEDED),
        ("iLO.2.15.UpdateInterrupted", Stage.FAILED),
    ],
)
def test_a_monitor_is_followed_to_its_message(
    message: str, stage: Stage, registry: Registry
) -> None:
    follower = behaviour(registry, Tracking)
    monitor = "/redfish/v1/TaskService/TaskMonitors/17"
    ended = {"error": {"@Message.ExtendedInfo": [{"MessageId": message}]}}

    progress = follower.progress(ended)

    assert follower.place(200, {}, {"TaskMonitor": monitor}) == monitor
    assert (progress.stage, progress.said) == (stage, message.rpartition(".")[2])


def storage(**more: Any) -> Resource:
    return Resource(STORAGE, {"Volumes": {"@odata.id": f"{STORAGE}/Volumes"}, **more})


def test_volumes_are_made_where_the_standard_holds(registry: Registry) -> None:
    volumes = behaviour(registry, Volumes)
    modern, smart = storage(), storage(AdapterType="SmartArray")

    (request,) = volumes.create(modern, Documents(), WISH)

    assert request.body == {
        "RAIDType": "RAID1",
        "Links": {"Drives": [{"@odata.id": "/redfish/v1/d/1"}, {"@odata.id": "/redfish/v1/d/0"}]},
    }
    with pytest.raises(Unsupported, match="SmartStorageConfig"):
        volumes.create(smart, Documents(), WISH)


def test_a_boot_controllers_volume_is_not_deleted_alone(registry: Registry) -> None:
    volumes = behaviour(registry, Volumes)
    volume = Resource(f"{STORAGE}/Volumes/1", {})
    reset = {"#Storage.ResetToDefaults": {"target": f"{STORAGE}/r"}}
    documents = {}
    for model in ("HPE NS204i-u Gen11", "HPE MR416i-o Gen11"):
        documents[model] = Documents()
        body = {"StorageControllers": [{"Model": model}], "Actions": reset}
        documents[model].put("Storage", STORAGE, body)

    (request,) = volumes.delete(volume, documents["HPE MR416i-o Gen11"])

    assert request.path == volume.path
    with pytest.raises(Unsupported, match="ResetToDefaults"):
        volumes.delete(volume, documents["HPE NS204i-u Gen11"])


@pytest.mark.asyncio
async def test_entries_without_a_time_are_entries(registry: Registry) -> None:
    log = "/redfish/v1/Managers/1/LogServices/IEL"
    tree = {
        log: {"Entries": {"@odata.id": f"{log}/Entries"}},
        f"{log}/Entries": {
            "Members": [{"@odata.id": f"{log}/Entries/1"}, {"@odata.id": f"{log}/Entries/2"}]
        },
        f"{log}/Entries/1": {"Message": "Server reset.", "Created": None},
        f"{log}/Entries/2": {"Message": "Server power restored.", "Created": "0"},
    }

    asked = await ask(registry, SIX, Logs, tree, LogService=log)

    lines = list(asked.behaviour.lines(asked.documents, asked.begun["LogService"]))
    assert [line.message for line in lines] == ["Server reset.", "Server power restored."]
    assert lines[0].created is None


def test_a_subscription_says_no_more_than_it_must(registry: Registry) -> None:
    service = {
        "Subscriptions": {"@odata.id": "/redfish/v1/EventService/Subscriptions"},
        "RegistryPrefixes": ["iLOEvents"],
        "EventTypesForSubscription": ["Alert"],
        "DeliveryRetryAttempts": 3,
    }

    (request,) = behaviour(registry, EventSubscriptions).subscribe(
        Resource("/e", service), "https://192.0.2.1/events", "fleetd"
    )

    assert request.body == {
        "Destination": "https://192.0.2.1/events",
        "Protocol": "Redfish",
        "Context": "fleetd",
    }


@pytest.mark.asyncio
async def test_nothing_older_than_tls_1_2_is_spoken() -> None:
    context = await TrustStore().tls(TlsSection(trust=Trust.CA), None)

    assert isinstance(context, ssl.SSLContext)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
