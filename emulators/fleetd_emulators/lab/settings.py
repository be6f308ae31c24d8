"""What the lab's Ironic is told: one readable file, tuned for many nodes and little time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

import bcrypt

BCRYPT_ROUNDS: Final = 5  # checked by Ironic on every request; a guessable lab needs no more


class Authentication(StrEnum):
    """How the lab's Ironic knows its callers."""

    HTTP_BASIC = "http_basic"
    NONE = "noauth"


@dataclass(frozen=True, slots=True, kw_only=True)
class IronicSettings:
    """What may differ between two lab Ironics.

    Attributes:
        hardware_types: Enabled hardware types; ``idrac`` adds Dell's own interfaces.
        power_sync_s: Seconds between Ironic's own looks at every node's power; long by default,
            so that its requests do not disturb counts and measurements.
        callback_timeout_s: Seconds until Ironic gives up on an agent or an inspection.
        bmc_attempts: How often Ironic tries to reach a BMC; each is ten tries of sushy's, 27 s.
    """

    authentication: Authentication = Authentication.HTTP_BASIC
    hardware_types: tuple[str, ...] = ("redfish", "idrac", "fake-hardware")
    power_sync_s: int = 300
    callback_timeout_s: int = 120
    bmc_attempts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where one Ironic keeps its things; nothing else is written."""

    root: Path

    @property
    def configuration(self) -> Path:
        """ironic.conf."""
        return self.root / "ironic.conf"

    @property
    def users(self) -> Path:
        """The htpasswd file; bcrypt."""
        return self.root / "htpasswd"

    @property
    def database(self) -> Path:
        """The SQLite file; the nodes are in it."""
        return self.root / "ironic.sqlite"

    @property
    def log(self) -> Path:
        """Ironic's log."""
        return self.root / "ironic.log"

    @property
    def images(self) -> Path:
        """What may be deployed by file:// URL."""
        return self.root / "images"

    @property
    def published(self) -> Path:
        """What Ironic publishes for BMCs to fetch by http."""
        return self.root / "http"

    def make(self) -> None:
        """Make the directories that Ironic expects to find."""
        for name in ("images", "images/master", "http", "tftp", "tftp/master_images", "lock"):
            (self.root / name).mkdir(parents=True, exist_ok=True)


def write_user(layout: Layout, username: str, password: str) -> None:
    """Write the one user who may call Ironic."""
    hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt(BCRYPT_ROUNDS)).decode("ascii")
    layout.users.touch(mode=0o600)
    layout.users.write_text(f"{username}:{hashed}\n", encoding="ascii")


def render(layout: Layout, settings: IronicSettings, *, port: int, http_port: int) -> str:
    """The text of ironic.conf.

    ``idrac`` interfaces are enabled beside the Redfish ones only where the hardware type is, since
    Ironic refuses to start on an enabled interface that no enabled type supports.
    """
    dell = "idrac" in settings.hardware_types
    return _TEMPLATE.format(
        root=layout.root,
        auth=settings.authentication.value,
        users=layout.users,
        log=layout.log,
        database=layout.database,
        images=layout.images,
        published=layout.published,
        types=",".join(settings.hardware_types),
        idrac="idrac-redfish," if dell else "",
        idrac_media="idrac-redfish-virtual-media," if dell else "",
        port=port,
        http_port=http_port,
        power_sync=settings.power_sync_s,
        timeout=settings.callback_timeout_s,
        attempts=settings.bmc_attempts,
    )


# Sizes and intervals that are not Ironic's defaults have their reason here:
# - workers_pool_size: Ironic refuses to start with 20 ("calculated minimum workers exceeds ...").
# - automated_clean: cleaning needs an agent, which an emulated server cannot boot.
# - heartbeat_timeout: SQLite's clock makes conductors look dead after a minute otherwise.
# - check_provision_state_interval, *_retry_delay: nodes move on within seconds, not minutes.
# - connection_cache_size: one kept session a BMC, as with a real fleet.
# - sqlite_synchronous: after a power cut a lab starts anew anyway.
# - force_power_state_during_sync: an emulated server switched by its BMC is not switched back.
_TEMPLATE: Final = """\
[DEFAULT]
auth_strategy = {auth}
http_basic_auth_user_file = {users}
host = lab-conductor
my_ip = 127.0.0.1
log_file = {log}
state_path = {root}
rpc_transport = none
enabled_hardware_types = {types}
enabled_bios_interfaces = redfish,{idrac}no-bios,fake
enabled_boot_interfaces = redfish-virtual-media,{idrac_media}ipxe,fake
enabled_console_interfaces = no-console,fake
enabled_deploy_interfaces = direct,ramdisk,custom-agent,noop,fake
enabled_firmware_interfaces = redfish,no-firmware,fake
enabled_inspect_interfaces = redfish,{idrac}agent,no-inspect,fake
enabled_management_interfaces = redfish,{idrac}noop,fake
enabled_network_interfaces = noop
enabled_power_interfaces = redfish,{idrac}fake
enabled_raid_interfaces = redfish,{idrac}agent,no-raid,fake
enabled_rescue_interfaces = no-rescue,agent,fake
enabled_storage_interfaces = noop,external,fake
enabled_vendor_interfaces = redfish,{idrac}no-vendor,fake
isolinux_bin = /dev/null

[api]
host_ip = 127.0.0.1
port = {port}
api_workers = 1
max_limit = 1000

[agent]
require_tls = false
image_download_source = http

[database]
connection = sqlite:///{database}?timeout=30
sqlite_synchronous = false

[conductor]
automated_clean = false
workers_pool_size = 100
sync_power_state_workers = 2
periodic_max_workers = 4
heartbeat_timeout = 3600
sync_power_state_interval = {power_sync}
force_power_state_during_sync = false
check_provision_state_interval = 5
graceful_shutdown_timeout = 3
power_state_change_timeout = 30
soft_power_off_timeout = 30
deploy_callback_timeout = {timeout}
clean_callback_timeout = {timeout}
inspect_wait_timeout = {timeout}
node_locked_retry_attempts = 5
deploy_kernel = file://{images}/kernel
deploy_ramdisk = file://{images}/ramdisk
file_url_allowed_paths = {images}

[service_catalog]
auth_type = none
endpoint_override = http://127.0.0.1:{port}

[deploy]
http_url = http://127.0.0.1:{http_port}
http_root = {published}
default_boot_option = local
default_boot_mode = uefi

[dhcp]
dhcp_provider = none

[pxe]
tftp_root = {root}/tftp
tftp_master_path = {root}/tftp/master_images
instance_master_path = {images}/master
images_path = {images}

[redfish]
use_swift = false
connection_attempts = {attempts}
connection_retry_interval = 1
connection_cache_size = 1000
connect_timeout = 10
read_timeout = 30
post_boot_retry_attempts = 2
post_boot_retry_delay = 1
firmware_update_status_interval = 3

[oslo_concurrency]
lock_path = {root}/lock

[oslo_messaging_notifications]
driver = noop

[sensor_data]
send_sensor_data = false
"""
