"""Shows one server deployed and released again, in Ironic's own hands.

The ramdisk deploy interface needs no agent (Ironic's 'ramdisk' deploy documentation); fleetd's
enrollment leaves an active node alone meanwhile.
"""

from __future__ import annotations

import asyncio
from typing import Final

from fleetd.config.daemon import IronicAuth
from fleetd.daemon.demo.watch import DemoFailed
from fleetd.daemon.demo.world import LabIronic, Say
from fleetd.domain.enrollment import ObservedNode, PatchNode, Provision, Verb
from fleetd.openstack.ironic import Ironic
from fleetd.openstack.session import Access

_STEP_S: Final = 120.0
_POLL_S: Final = 0.5
_CALL_S: Final = 30.0


async def deploy_and_release(lab: LabIronic, password: str | None, say: Say) -> str:
    """Bring the first available node to ``active`` and back; its name.

    Raises:
        DemoFailed: Ironic didn't get there; its last_error says why.
        CloudError: Ironic can't be talked to.
    """
    access = Access(
        auth=IronicAuth.HTTP_BASIC if lab.username else IronicAuth.NONE,
        url=lab.url,
        username=lab.username,
        password=password,
    )
    ironic = Ironic(access, call_timeout_s=_CALL_S, concurrency=1)
    try:
        node = await _first_available(ironic)
        name = node.name or node.uuid
        before = node.interfaces.get("deploy")
        say(f"{name}: deploying with deploy_interface=ramdisk")
        await ironic.perform(_patch(node.uuid, "ramdisk", lab.boot_iso))
        await ironic.perform(Provision(uuid=node.uuid, verb=Verb.DEPLOY))
        await _until(ironic, node.uuid, "active")
        say(f"{name}: active; releasing it")
        await ironic.perform(Provision(uuid=node.uuid, verb=Verb.UNDEPLOY))
        await _until(ironic, node.uuid, "available")
        await ironic.perform(_patch(node.uuid, before or "direct", None))
        return name
    finally:
        ironic.close()


def _patch(uuid: str, interface: str, boot_iso: str | None) -> PatchNode:
    entries: list[dict[str, object]] = [
        {"op": "add", "path": "/deploy_interface", "value": interface}
    ]
    if boot_iso is not None:
        info = {"boot_iso": boot_iso}
        entries.append({"op": "add", "path": "/instance_info", "value": info})
    return PatchNode(uuid=uuid, patch=tuple(entries))


async def _first_available(ironic: Ironic) -> ObservedNode:
    nodes = [node for node in await ironic.nodes() if node.provision_state == "available"]
    if not nodes:
        raise DemoFailed("no node is available to be deployed")
    return min(nodes, key=lambda node: node.name or node.uuid)


async def _until(ironic: Ironic, uuid: str, state: str) -> None:
    """Wait for a provision state; a state of failure ends the wait at once."""
    try:
        async with asyncio.timeout(_STEP_S):
            while True:
                node = next(one for one in await ironic.nodes() if one.uuid == uuid)
                if node.provision_state == state:
                    return
                if node.provision_state.endswith(("failed", "error")):
                    raise DemoFailed(
                        f"{node.name} is {node.provision_state} in Ironic: {node.last_error}"
                    )
                await asyncio.sleep(_POLL_S)
    except TimeoutError as error:
        raise DemoFailed(f"Ironic didn't bring {uuid} to {state} in {_STEP_S:g} s") from error
