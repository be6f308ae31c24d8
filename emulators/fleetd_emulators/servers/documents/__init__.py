"""The whole Redfish tree of one server as its personality presents it."""

from __future__ import annotations

from fleetd_emulators.hardware import Server
from fleetd_emulators.servers.documents.bmc import bmc
from fleetd_emulators.servers.documents.certificates import certificates
from fleetd_emulators.servers.documents.compute import compute
from fleetd_emulators.servers.documents.enclosure import enclosure
from fleetd_emulators.servers.documents.layout import ROOT, Layout
from fleetd_emulators.servers.documents.network import network
from fleetd_emulators.servers.documents.oem import oem
from fleetd_emulators.servers.documents.personalities import LAYOUTS
from fleetd_emulators.servers.documents.registry import registry
from fleetd_emulators.servers.documents.services import services
from fleetd_emulators.servers.documents.storage import storage
from fleetd_emulators.servers.documents.tree import Document, Names, Tree

__all__ = ["LAYOUTS", "ROOT", "Document", "Layout", "documents"]


def documents(server: Server) -> dict[str, Document]:
    """Every resource of the server by its path.

    Paths carry no trailing slash, even where the OEM writes one in its links (HPE); the
    service root is at ``/redfish/v1``. The documents follow from the server alone: another
    power state or firmware version is another ``Server`` value. Nested values may be shared,
    so copy what you change. Sessions and accounts are the front's;
    tasks and logs are empty collections that live state fills.
    """
    layout = LAYOUTS[server.personality]
    tree, names = Tree(layout), Names(server, layout)
    for part in (services, registry, compute, network, storage, enclosure, bmc, certificates, oem):
        part(tree, names)
    return tree.documents
