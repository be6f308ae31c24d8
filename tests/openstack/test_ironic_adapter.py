"""The adapter against a real Ironic: who is let in, what goes wrong, and what is never shown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

import fleetd.openstack.ironic as adapter_module
from fleetd.config.daemon import IronicAuth
from fleetd.domain.enrollment import CreateNode, PatchNode, Provision, Verb
from fleetd.domain.errors import (
    CloudConflict,
    CloudError,
    CloudRefused,
    CloudUnauthorised,
    CloudUnavailable,
    Next,
)
from fleetd.openstack.ironic import Ironic
from fleetd.openstack.session import Access
from fleetd.services.enrollment.difference import creation
from fleetd_emulators.lab import IronicEndpoint
from tests.support.enrollment import desired_node
from tests.support.ironic import IronicProxy

pytestmark = [pytest.mark.lab, pytest.mark.asyncio]


@asynccontextmanager
async def adapter(access: Access, *, call_timeout_s: float = 20) -> AsyncIterator[Ironic]:
    opened = Ironic(access, call_timeout_s=call_timeout_s, concurrency=2)
    try:
        yield opened
    finally:
        opened.close()


def created(mark: str, **changes: object) -> CreateNode:
    return creation(desired_node(mark, **changes), taken_names=frozenset())


async def test_a_node_is_read_as_it_was_created(bare_metal: Ironic, mark: str) -> None:
    await bare_metal.perform(created(mark))

    nodes = {one.uuid: one for one in await bare_metal.nodes()}

    wanted = desired_node(mark)
    node = nodes[wanted.uuid]
    assert node.provision_state == "enroll"
    assert node.device_id == wanted.device_id
    assert node.driver_info["redfish_password"] == "******"
    assert wanted.driver_info.items() <= node.driver_info.items()
    assert node.interfaces["deploy"] == "fake"


async def test_long_listings_are_read_to_the_end(
    bare_metal: Ironic, mark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter_module, "PAGE", 2)
    marks = [f"{mark[:-1]}{digit}" for digit in "01234"]
    for one in marks:
        await bare_metal.perform(created(one))

    names = [node.name for node in await bare_metal.nodes()]

    assert {f"server-{one}" for one in marks} <= set(names)
    assert len(names) == len(set(names))


async def test_only_the_drivers_that_are_enabled_are_told(bare_metal: Ironic) -> None:
    drivers = await bare_metal.drivers()

    assert set(drivers) == {"redfish", "idrac", "fake-hardware"}
    assert "redfish" in drivers["redfish"]["inspect"]
    assert "idrac-redfish" not in drivers["redfish"]["inspect"]
    assert drivers["fake-hardware"]["deploy"] >= {"fake"}


async def test_a_wrong_password_is_for_a_person_to_put_right(access: Access) -> None:
    async with adapter(replace(access, password="wrong")) as ironic:
        with pytest.raises(CloudUnauthorised) as refused:
            await ironic.nodes()

    assert refused.value.next is Next.HUMAN
    assert "wrong" not in str(refused.value)


async def test_a_caller_without_credentials_is_refused(access: Access) -> None:
    async with adapter(Access(auth=IronicAuth.NONE, url=access.url)) as ironic:
        with pytest.raises(CloudUnauthorised):
            await ironic.nodes()


# of openstacksdk's own, about a feature that is not used here
@pytest.mark.filterwarnings("ignore::openstack.warnings.RemovedInSDK60Warning")
async def test_a_cloud_of_clouds_yaml_is_used(
    access: Access, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud = {
        "auth_type": "http_basic",
        "auth": {
            "endpoint": access.url,
            "username": access.username,
            "password": access.password,
        },
    }
    file = tmp_path / "clouds.yaml"
    file.write_text(yaml.safe_dump({"clouds": {"lab": cloud}}))
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(file))

    async with adapter(Access(auth=IronicAuth.KEYSTONE, cloud="lab")) as ironic:
        assert "redfish" in await ironic.drivers()


async def test_a_cloud_that_is_not_configured_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "clouds.yaml"
    file.write_text(yaml.safe_dump({"clouds": {}}))
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(file))

    async with adapter(Access(auth=IronicAuth.KEYSTONE, cloud="nowhere")) as ironic:
        with pytest.raises(CloudRefused, match="nowhere"):
            await ironic.nodes()


async def test_an_ironic_that_is_not_there_is_for_later(unused_tcp_port: int) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}"

    async with adapter(Access(auth=IronicAuth.NONE, url=url)) as ironic:
        with pytest.raises(CloudUnavailable) as failure:
            await ironic.nodes()

    assert failure.value.next is Next.LATER


async def test_a_silent_ironic_is_not_waited_for_longer_than_said(
    access: Access, proxy: IronicProxy
) -> None:
    async with adapter(access, call_timeout_s=0.5) as ironic:
        await ironic.drivers()
        proxy.disturb("GET", "/v1/nodes", silent_s=3)
        began = asyncio.get_running_loop().time()
        with pytest.raises(CloudUnavailable):
            await ironic.nodes()
        took = asyncio.get_running_loop().time() - began

    assert took < 2


async def test_one_slow_answer_does_not_hold_the_event_loop(
    bare_metal: Ironic, proxy: IronicProxy
) -> None:
    proxy.disturb("GET", "/v1/nodes", silent_s=0.5, status=503)
    asking = asyncio.create_task(bare_metal.nodes())
    beats = 0

    while not asking.done():
        await asyncio.sleep(0.01)
        beats += 1

    assert isinstance(asking.exception(), CloudUnavailable)
    assert beats > 20


@pytest.mark.parametrize(
    ("status", "expected", "following"),
    [
        (400, CloudRefused, Next.HUMAN),
        (401, CloudUnauthorised, Next.HUMAN),
        (403, CloudUnauthorised, Next.HUMAN),
        (404, CloudRefused, Next.HUMAN),
        (409, CloudConflict, Next.LATER),
        (429, CloudUnavailable, Next.LATER),
        (500, CloudUnavailable, Next.LATER),
        (503, CloudUnavailable, Next.LATER),
    ],
)
async def test_a_refusal_says_what_to_do_next(
    bare_metal: Ironic,
    proxy: IronicProxy,
    mark: str,
    status: int,
    expected: type[CloudError],
    following: Next,
) -> None:
    proxy.disturb("PUT", mark, status=status, message="because")

    with pytest.raises(expected, match=rf"^Ironic did not manage node {mark}: .*because") as error:
        await bare_metal.perform(Provision(uuid=mark, verb=Verb.MANAGE))

    assert error.value.next is following
    assert len(proxy.paths) == 2, "the version, and the one request: it is not repeated"


async def test_a_conflict_of_ironics_own_is_for_later(bare_metal: Ironic, mark: str) -> None:
    await bare_metal.perform(created(mark))

    with pytest.raises(CloudConflict):
        await bare_metal.perform(created(mark))


async def test_what_is_no_ironic_is_told_apart(access: Access, proxy: IronicProxy) -> None:
    proxy.disturb("GET", "/v1", status=200, message="some other service")

    async with adapter(access) as ironic:
        with pytest.raises(CloudUnavailable, match="not Ironic"):
            await ironic.nodes()


async def test_a_password_is_in_no_log_error_or_representation(
    bare_metal: Ironic, proxy: IronicProxy, mark: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = f"secret-{mark}"
    action = created(mark)
    await bare_metal.perform(action)
    entry = {"op": "add", "path": "/driver_info/redfish_password", "value": secret}
    patch = PatchNode(uuid=action.uuid, patch=(entry,), sends_password=True)
    await bare_metal.perform(patch)
    proxy.disturb("PATCH", action.uuid, status=400, message=f"{secret} is too short")

    with pytest.raises(CloudRefused, match=r"\*\*\* is too short") as refused:
        await bare_metal.perform(patch)

    assert secret not in str(refused.value)
    assert secret not in repr(action) + repr(patch) + repr(desired_node(mark))
    assert secret not in caplog.text


async def test_the_access_does_not_show_its_password(
    access: Access, ironic: IronicEndpoint
) -> None:
    assert str(ironic.password) not in repr(access)
