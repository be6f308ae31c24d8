"""sushy as its users run it: one blocking service root a BMC, its models where it has them."""

from __future__ import annotations

from typing import Any, Final

import sushy
from sushy import auth
from sushy.resources.chassis import chassis
from sushy.resources.chassis.power import power
from sushy.resources.chassis.thermal import thermal
from sushy.resources.manager import manager
from sushy.resources.system import ethernet_interface, processor, system
from sushy.resources.system.storage import drive, storage, volume
from sushy.resources.updateservice import softwareinventory, updateservice

from bench.fleet import Target

MODELS: Final[dict[str, Any]] = {
    "ComputerSystemCollection": system.SystemCollection,
    "ComputerSystem": system.System,
    "ProcessorCollection": processor.ProcessorCollection,
    "Processor": processor.Processor,
    "EthernetInterfaceCollection": ethernet_interface.EthernetInterfaceCollection,
    "EthernetInterface": ethernet_interface.EthernetInterface,
    "StorageCollection": storage.StorageCollection,
    "Storage": storage.Storage,
    "Drive": drive.Drive,
    "VolumeCollection": volume.VolumeCollection,
    "Volume": volume.Volume,
    "ChassisCollection": chassis.ChassisCollection,
    "Chassis": chassis.Chassis,
    "Power": power.Power,
    "Thermal": thermal.Thermal,
    "ManagerCollection": manager.ManagerCollection,
    "Manager": manager.Manager,
    "UpdateService": updateservice.UpdateService,
    "SoftwareInventoryCollection": softwareinventory.SoftwareInventoryCollection,
    "SoftwareInventory": softwareinventory.SoftwareInventory,
}


def read_all(target: Target, plan: dict[str, str]) -> None:
    """Log in, read what the plan names (path: @odata.type), log out."""
    session = auth.SessionAuth(target.username, target.password)
    root = sushy.Sushy(target.url, auth=session, verify=False)
    connector = root._conn  # noqa: SLF001 - it gives no other way to what it has no model of
    for path, declared in plan.items():
        model = MODELS.get(declared.removeprefix("#").partition(".")[0])
        if path.rstrip("/") == "/redfish/v1":
            root.refresh()
        elif model is None:
            connector.get(path).json()  # sushy has no Memory, Sensor, Assembly ... of its own
        else:
            model(connector, path, redfish_version=root.redfish_version, registries=None, root=root)
    session.close()
