"""The whole of fleetd.yaml as one frozen value."""

from __future__ import annotations

from fleetd.config.daemon import (
    ApiSection,
    DaemonSection,
    InventorySection,
    IronicSection,
    LoggingSection,
    SecretsSection,
    StoreSection,
)
from fleetd.config.discovery import DiscoverySection
from fleetd.config.redfish import RedfishSection
from fleetd.config.section import Section


class Settings(Section):
    """fleetd's configuration; ``config/load.py`` reads it, nothing else does."""

    daemon: DaemonSection = DaemonSection()
    api: ApiSection = ApiSection()
    store: StoreSection = StoreSection()
    secrets: SecretsSection = SecretsSection()
    logging: LoggingSection = LoggingSection()
    redfish: RedfishSection = RedfishSection()
    discovery: DiscoverySection = DiscoverySection()
    inventory: InventorySection = InventorySection()
    ironic: IronicSection = IronicSection()
