"""The service root and the services beside the hardware: updates, tasks, events."""

from __future__ import annotations

from fleetd_emulators.hardware import Server
from fleetd_emulators.servers.documents.bmc import manager_uuid
from fleetd_emulators.servers.documents.firmware import firmware
from fleetd_emulators.servers.documents.layout import ROOT, Layout
from fleetd_emulators.servers.documents.tree import OK, Document, Names, Tree


def services(tree: Tree, names: Names) -> None:
    """Add the service root and every service."""
    server, layout = names.server, names.layout
    _root(tree, server, layout)
    _updates(tree, server, layout)
    _tasks(tree)
    tree.add(
        f"{ROOT}/EventService",
        "EventService.v1_8_0",
        "Event Service",
        ServiceEnabled=True,
        DeliveryRetryAttempts=3,
        DeliveryRetryIntervalSeconds=30,
        RegistryPrefixes=["Base", "ResourceEvent", "TaskEvent"],
        ResourceTypes=["ComputerSystem", "Chassis", "Manager", "Task"],
        Subscriptions=tree.link(f"{ROOT}/EventService/Subscriptions"),
        Actions={
            "#EventService.SubmitTestEvent": {
                "target": layout.href(f"{ROOT}/EventService/Actions/EventService.SubmitTestEvent")
            }
        },
        Status=OK,
    )
    tree.collect(f"{ROOT}/EventService/Subscriptions", "EventDestination", "Subscriptions", [])
    tree.collect(f"{ROOT}/Registries", "MessageRegistryFile", "Registries", [])


def _root(tree: Tree, server: Server, layout: Layout) -> None:
    document = tree.add(
        ROOT,
        "ServiceRoot.v1_15_0",
        "Root Service",
        layout.root_id,
        RedfishVersion=layout.redfish_version,
        UUID=manager_uuid(server),
    )
    document["@odata.id"] = layout.href(ROOT)
    if layout.vendor is not None:
        document["Vendor"] = layout.vendor
    product = layout.product or (server.model if layout.vendor else None)
    if product is not None:
        document["Product"] = product
    for name in ("Systems", "Chassis", "Managers", "UpdateService"):
        document[name] = tree.link(f"{ROOT}/{name}")
    for name in ("EventService", "Registries"):
        document[name] = tree.link(f"{ROOT}/{name}")
    document["Tasks"] = tree.link(f"{ROOT}/TaskService")
    document["Links"] = {}
    expand: Document = {
        "ExpandAll": layout.expand.all,
        "Levels": layout.expand.levels,
        "Links": layout.expand.links,
        "NoLinks": layout.expand.no_links,
    }
    if layout.expand.max_levels is not None:
        expand["MaxLevels"] = layout.expand.max_levels
    document["ProtocolFeaturesSupported"] = {
        "ExpandQuery": expand,
        "ExcerptQuery": False,
        "FilterQuery": False,
        "OnlyMemberQuery": True,
        "SelectQuery": True,
    }


def _updates(tree: Tree, server: Server, layout: Layout) -> None:
    path = f"{ROOT}/UpdateService"
    target = layout.href(f"{path}/Actions/UpdateService.SimpleUpdate")
    document = tree.add(
        path,
        "UpdateService.v1_11_0",
        "Update Service",
        ServiceEnabled=True,
        MaxImageSizeBytes=419_430_400,
        FirmwareInventory=tree.link(f"{path}/FirmwareInventory"),
        Actions={
            "#UpdateService.SimpleUpdate": {
                "target": target,
                "TransferProtocol@Redfish.AllowableValues": ["HTTP", "HTTPS"],
            }
        },
        Status=OK,
    )
    if layout.start_update:
        start = layout.href(f"{path}/Actions/UpdateService.StartUpdate")
        document["Actions"]["#UpdateService.StartUpdate"] = {"target": start}
    if layout.push_uri is not None:
        document["HttpPushUri"] = layout.push_uri
    if layout.multipart_uri is not None:
        document["MultipartHttpPushUri"] = layout.multipart_uri
    members = []
    for entry in firmware(server):
        member = f"{path}/FirmwareInventory/{entry.identity}"
        members.append(member)
        tree.add(
            member,
            "SoftwareInventory.v1_10_0",
            entry.name,
            SoftwareId=entry.identity.partition("__")[2] or entry.identity,
            Version=entry.version,
            Updateable=True,
            Status=OK,
        )
    tree.collect(f"{path}/FirmwareInventory", "SoftwareInventory", "Firmware Inventory", members)


def _tasks(tree: Tree) -> None:
    path = f"{ROOT}/TaskService"
    tree.add(
        path,
        "TaskService.v1_2_0",
        "Task Service",
        ServiceEnabled=True,
        CompletedTaskOverWritePolicy="Oldest",
        LifeCycleEventOnTaskStateChange=False,
        Tasks=tree.link(f"{path}/Tasks"),
        Status=OK,
    )
    tree.collect(f"{path}/Tasks", "Task", "Tasks", [])
