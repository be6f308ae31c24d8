"""What may differ between two OEMs' services: ids, places and dialect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ROOT: Final = "/redfish/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expand:
    """What the service root says of ``$expand``; all of it false is no support."""

    all: bool = False
    levels: bool = False
    links: bool = False
    no_links: bool = False
    max_levels: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One personality's ids, places and dialect.

    The templates take what their names say: ``socket`` counts from 1, ``number`` and ``index``
    are a position from 1 and from 0, ``slot`` is the hardware's own name of the slot.
    """

    vendor: str | None
    product: str | None
    oem: str | None
    redfish_version: str
    root_id: str = "RootService"
    system: str
    manager: str
    chassis: str
    trailing_slash: bool = False
    expand: Expand = Expand()
    any_case: bool = False
    reset_types: tuple[str, ...]
    reset_action_info: bool = False
    manager_reset_types: tuple[str, ...]
    manager_reset_action_info: bool = False
    off_state: str = "Enabled"
    boot_targets: tuple[str, ...]
    boot_lasting: tuple[str, ...] = ("Disabled", "Once", "Continuous")
    bios: str
    bios_settings: str
    bios_registry: str
    bios_apply_times: tuple[str, ...] = ()
    bios_registry_path: str | None = None
    registry_read_only: str = "ReadOnly"
    virtual_media_owner: str = "Managers"
    virtual_media: tuple[tuple[str, str, tuple[str, ...]], ...]
    processor: str
    memory: str = "{slot}"
    adapter: str = "{slot}"
    port: str
    function: str
    ethernet: str
    storage: str = "{slot}"
    drive: str = "{bay}"
    supply: str
    fan: str
    manager_interface: str
    system_logs: tuple[str, ...]
    manager_logs: tuple[str, ...]
    firmware_version: str = "{version}"
    legacy_power: bool = True
    power_subsystem: bool = True
    simple_storage: bool = False
    storage_controllers_inline: bool = True
    locators: tuple[str, ...] = ("IndicatorLED", "LocationIndicatorActive")
    lldp_in_port: bool = True
    upper_case_macs: bool = False
    etags: str | None = None
    push_uri: str | None = None
    multipart_uri: str | None = None
    patch_answers: bool = False
    task: str = "{number}"
    jobs: str | None = None
    update_waits_for_reset: bool = False
    start_update: bool = False
    certificates: bool = True
    settings_named: bool = True
    powering: bool = True
    needless_reset: int | None = None
    boot_enabled_required: bool = False

    @property
    def system_path(self) -> str:
        """The path of the one computer system."""
        return f"{ROOT}/Systems/{self.system}"

    @property
    def manager_path(self) -> str:
        """The path of the BMC itself."""
        return f"{ROOT}/Managers/{self.manager}"

    @property
    def chassis_path(self) -> str:
        """The path of the enclosure."""
        return f"{ROOT}/Chassis/{self.chassis}"

    @property
    def media_path(self) -> str:
        """The path of the virtual media collection."""
        owner = self.manager_path if self.virtual_media_owner == "Managers" else self.system_path
        return f"{owner}/VirtualMedia"

    @property
    def bios_path(self) -> str:
        """The path of the BIOS resource; iLO spells the segments before it in lower case."""
        if self.bios == "bios":
            return f"{ROOT}/systems/{self.system}/bios"
        return f"{self.system_path}/{self.bios}"

    @property
    def bios_registry_file(self) -> str:
        """The path of the registry that tells what BIOS attributes there are."""
        known = self.bios_registry_path
        return known or f"{ROOT}/Registries/{self.bios_registry}/{self.bios_registry}.json"

    @property
    def bios_settings_path(self) -> str:
        """The path of the pending BIOS settings."""
        return f"{self.bios_path}/{self.bios_settings}"

    def href(self, path: str) -> str:
        """The path as this service writes it in links."""
        if self.trailing_slash and "#" not in path and not path.endswith("/"):
            return f"{path}/"
        return path

    def mac(self, address: str) -> str:
        """The address in the case this service writes."""
        return address.upper() if self.upper_case_macs else address.lower()
