"""How Dell's driver changes BIOS attributes: by a job, exactly one."""

from __future__ import annotations

from typing import Any

import pytest

from fleetd.domain.errors import Unsupported
from fleetd.driverkit.behaviours.apply_time import ApplyTime
from fleetd.driverkit.behaviours.bios import BiosSettings
from fleetd.driverkit.facts import Facts
from fleetd.driverkit.registry import Registry
from fleetd.driverkit.request import Method
from tests.support.driving import Asked, ask
from tests.support.operating import operated

SYSTEM = "/redfish/v1/Systems/System.Embedded.1"
BIOS = f"{SYSTEM}/Bios"
JOBS = "/redfish/v1/Managers/iDRAC.Embedded.1/Jobs"


def idrac(model: str, firmware: str) -> Facts:
    return Facts(vendor="Dell", manager_model=model, manager_firmware=firmware)


async def bios(registry: Registry, times: list[str], jobs: str | None = JOBS) -> Asked:
    settings: dict[str, Any] = {"SettingsObject": {"@odata.id": f"{BIOS}/Settings"}}
    if times:
        settings["SupportedApplyTimes"] = times
    own = {"Oem": {"Dell": {"Jobs": {"@odata.id": jobs}}}} if jobs else {}
    tree = {
        BIOS: {
            "Attributes": {"ProcVirtualization": "Disabled"},
            "@Redfish.Settings": settings,
            "Actions": {"#Bios.ResetBios": {"target": f"{BIOS}/Actions/Bios.ResetBios"}},
        },
        f"{BIOS}/Settings": {"Attributes": {}, **own},
    }
    known = idrac("13G Monolithic", "2.83.83.83")
    return await ask(registry, known, BiosSettings, tree, Bios=BIOS)


@pytest.mark.asyncio
async def test_a_change_has_exactly_one_job(registry: Registry) -> None:
    change = {"ProcVirtualization": "Enabled"}
    new = await bios(registry, ["OnReset", "Immediate"])
    old = await bios(registry, [])

    (at_once,) = new.behaviour.change(new.begun["Bios"], new.documents, change)
    staged, job = old.behaviour.change(old.begun["Bios"], old.documents, change)

    assert at_once.body == {
        "Attributes": change,
        "@Redfish.SettingsApplyTime": {"ApplyTime": "OnReset"},
    }
    assert (staged.method, staged.body) == (Method.PATCH, {"Attributes": change})
    assert (job.method, job.path) == (Method.POST, JOBS)
    assert job.body == {"TargetSettingsURI": f"{BIOS}/Settings"}


@pytest.mark.asyncio
async def test_a_change_that_no_job_would_carry_out_is_refused(registry: Registry) -> None:
    asked = await bios(registry, [], jobs=None)

    with pytest.raises(Unsupported, match="queue"):
        asked.behaviour.change(asked.begun["Bios"], asked.documents, {"A": "B"})


@pytest.mark.asyncio
async def test_a_time_that_is_not_offered_is_refused(registry: Registry) -> None:
    asked = await bios(registry, ["OnReset"])

    with pytest.raises(Unsupported, match="OnReset"):
        asked.behaviour.change(
            asked.begun["Bios"], asked.documents, {"A": "B"}, ApplyTime.IMMEDIATE
        )


@pytest.mark.asyncio
async def test_an_emulated_idrac_makes_the_job_for_a_change() -> None:
    async with operated(personality="dell") as bmc:
        before = {item["@odata.id"] for item in (await jobs(bmc))["Members"]}
        behaviour = bmc.behaviour(BiosSettings)
        documents, _ = await bmc.gather(BiosSettings, ComputerSystem=bmc.system)
        (resource,) = documents.of_kind("Bios")
        name, setting = next(
            (name, setting)
            for name, setting in behaviour.attributes(resource).items()
            if setting in {"Enabled", "Disabled"}
        )
        other = "Disabled" if setting == "Enabled" else "Enabled"

        await bmc.send(*behaviour.change(resource, documents, {name: other}))

        after = {item["@odata.id"] for item in (await jobs(bmc))["Members"]}
        assert len(after - before) == 1


async def jobs(bmc: Any) -> dict[str, Any]:
    manager = await bmc.get(bmc.manager)
    found: dict[str, Any] = await bmc.get(manager["Links"]["Oem"]["Dell"]["Jobs"]["@odata.id"])
    return found


@pytest.mark.asyncio
async def test_defaults_are_asked_for_with_a_body(registry: Registry) -> None:
    asked = await bios(registry, ["OnReset"])

    (request,) = asked.behaviour.restore_defaults(asked.begun["Bios"], asked.documents)

    assert request.body == {}


def test_a_build_without_bios_has_no_bios_settings(registry: Registry) -> None:
    early = registry.choose(idrac("13G Monolithic", "2.40.40.40"))
    later = registry.choose(idrac("13G Monolithic", "2.50.50.50"))

    assert early.behaviour(BiosSettings) is None
    assert later.behaviour(BiosSettings) is not None
