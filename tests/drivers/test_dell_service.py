"""Accounts, readiness, events and logs of an iDRAC, as Dell's driver knows them."""

from __future__ import annotations

from typing import Any

import pytest

from fleetd.domain.errors import Conflict
from fleetd.driverkit.actions import find_action
from fleetd.driverkit.behaviours.account_slots import AccountSlots
from fleetd.driverkit.behaviours.accounts import Accounts
from fleetd.driverkit.behaviours.bmc_reset import BmcReset
from fleetd.driverkit.behaviours.event_subscriptions import EventSubscriptions
from fleetd.driverkit.behaviours.logs import Logs
from fleetd.driverkit.behaviours.power_control import PowerControl
from fleetd.driverkit.behaviours.readiness import Readiness
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry
from tests.support.driving import ask
from tests.support.operating import operated

MANAGER = "/redfish/v1/Managers/iDRAC.Embedded.1"
NINE = Facts(vendor="Dell", manager_model="15G Monolithic", manager_firmware="7.00.30.00")
TEN = Facts(vendor="Dell", manager_model="17G Monolithic", manager_firmware="1.20.50.52")


@pytest.mark.asyncio
async def test_an_account_fills_a_slot_and_leaves_it_empty() -> None:
    async with operated(personality="dell") as bmc:
        behaviour = bmc.behaviour(Accounts)
        documents, _ = await bmc.gather(Accounts, ServiceRoot="/redfish/v1/")
        (service,) = documents.of_kind("AccountService")
        (request,) = behaviour.create(service, documents, "fleet", "Str0ng+secret", "Operator")
        await bmc.send(request)
        filled = await bmc.get(request.path)

        documents, _ = await bmc.gather(Accounts, ServiceRoot="/redfish/v1/")
        await bmc.send(*behaviour.remove(documents, "fleet"))

        assert request.path.endswith("/3")
        assert (filled["UserName"], filled["RoleId"], filled["Enabled"]) == (
            "fleet",
            "Operator",
            True,
        )
        assert (await bmc.get(request.path))["UserName"] == ""


def test_a_full_house_takes_no_account(registry: Registry) -> None:
    documents = Documents()
    for number, name in (("1", ""), ("2", "root"), ("3", "other")):
        documents.put("ManagerAccount", f"/redfish/v1/a/{number}", {"UserName": name})
    behaviour = registry.choose(NINE).behaviour(Accounts)
    assert behaviour is not None

    with pytest.raises(Conflict):
        behaviour.create(Resource("/redfish/v1/a", {}), documents, "fleet", "Str0ng", "Operator")


def test_an_idrac10_makes_accounts_as_the_standard_says(registry: Registry) -> None:
    assert isinstance(registry.choose(NINE).behaviour(Accounts), AccountSlots)
    assert not isinstance(registry.choose(TEN).behaviour(Accounts), AccountSlots)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("lag_s", "waits"),
    [(0.0, None), (100_000.0, "the Lifecycle Controller is NotInitialized")],
)
async def test_the_lifecycle_controller_says_when_it_is_ready(
    lag_s: float, waits: str | None
) -> None:
    habits = {"post_s": 0.0, "lifecycle_lag_s": lag_s}
    async with operated(personality="dell", habits=habits) as bmc:
        readiness, power = bmc.behaviour(Readiness), bmc.behaviour(PowerControl)
        documents, begun = await bmc.gather(PowerControl, ComputerSystem=bmc.system)
        on = begun["ComputerSystem"].body["PowerState"] == "On"
        kind = "ForceRestart" if on else "On"
        await bmc.send(power.reset(begun["ComputerSystem"], documents, kind))
        await bmc.until(bmc.system, lambda body: body["PowerState"] == "On")
        documents, _ = await bmc.gather(Readiness, Manager=bmc.manager)

        question = readiness.question(documents)

        assert question is not None
        (answer,) = await bmc.send(question)
        assert readiness.answered(answer.body) == waits


def test_an_own_action_is_found_behind_any_prefix(registry: Registry) -> None:
    del registry
    for key in ("#DellManager.ClearPending", "DellManager.v1_0_0#DellManager.ClearPending"):
        target = "/redfish/v1/Bios/Settings/Actions/Oem/EID_674_DellManager.ClearPending"
        settings = Resource("/s", {"Actions": {"Oem": {key: {"target": target}}}})

        found = find_action(settings, "DellManager.ClearPending", Documents())

        assert found is not None
        assert found.target == target


def test_a_subscription_says_event_types_where_nothing_else_is_known(
    registry: Registry,
) -> None:
    behaviour = registry.choose(NINE).behaviour(EventSubscriptions)
    assert behaviour is not None
    place = "/redfish/v1/EventService/Subscriptions"
    old: dict[str, Any] = {
        "Subscriptions": {"@odata.id": place},
        "EventTypesForSubscription": ["StatusChange", "Alert"],
    }
    new = {**old, "RegistryPrefixes": ["IDRAC"]}

    (by_type,) = behaviour.subscribe(Resource("/e", old), "https://192.0.2.1/", "fleetd")
    (plain,) = behaviour.subscribe(Resource("/e", new), "https://192.0.2.1/", "fleetd")

    assert by_type.body is not None
    assert plain.body is not None
    assert by_type.body["EventTypes"] == ["Alert"]
    assert "EventTypes" not in plain.body


def test_the_idrac_is_restarted_gracefully(registry: Registry) -> None:
    behaviour = registry.choose(NINE).behaviour(BmcReset)
    assert behaviour is not None
    reset = {"target": f"{MANAGER}/r", "ResetType@Redfish.AllowableValues": ["GracefulRestart"]}
    manager = Resource(MANAGER, {"Actions": {"#Manager.Reset": reset}})

    assert behaviour.reset(manager, Documents()).body == {"ResetType": "GracefulRestart"}


@pytest.mark.asyncio
@pytest.mark.parametrize("place", ["LogServices/Sel", "Logs/Sel"])
async def test_logs_are_found_by_their_links(place: str, registry: Registry) -> None:
    services, sel = f"{MANAGER}/LogServices", f"{MANAGER}/{place}"
    tree = {
        MANAGER: {"LogServices": {"@odata.id": services}},
        services: {"Members": [{"@odata.id": sel}]},
        sel: {"Entries": {"@odata.id": f"{sel}/Entries"}},
        f"{sel}/Entries": {"Members": [{"@odata.id": f"{sel}/Entries/1"}]},
        f"{sel}/Entries/1": {"Message": "The lid is open.", "Severity": "Warning"},
    }

    asked = await ask(registry, NINE, Logs, tree, Manager=MANAGER)

    (service,) = asked.behaviour.services(asked.documents)
    (line,) = asked.behaviour.lines(asked.documents, service)
    assert (line.message, line.severity) == ("The lid is open.", "Warning")
