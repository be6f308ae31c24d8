"""BlueField DPUs: the BMC on the card.

Sources: DSP0268 (properties), and those that each quirk names.
"""

from __future__ import annotations

from typing import Final

from fleetd.driverkit.behaviours.bios import BiosSettings
from fleetd.driverkit.effects import Replace
from fleetd.driverkit.spec import Driver
from fleetd.driverkit.version import Range
from fleetd_drivers.nvidia.behaviours import SpacedBios
from fleetd_drivers.openbmc.bmcweb import BMCWEB

_TOLD: Final = "tests/drivers/test_driver_laws.py::test_every_quirk_is_said_whole"
_PRODUCT: Final = r"^BlueField|^Nvidia-BMCMezz"
_KEYS: Final = "Nvidia|OpenBmc"

BMC: Final[Driver] = (
    BMCWEB.derive("nvidia.bluefield", title="NVIDIA BlueField DPU", vendor="NVIDIA")
    .matches(product=_PRODUCT)
    .matches(product=_PRODUCT, vendor="^NVIDIA$")
    .matches(product=_PRODUCT, oem=_KEYS)
    .matches(product=_PRODUCT, oem=_KEYS, manager_model="^OpenBMC$")
    .matches(model=r"^BlueField", oem="Nvidia", manager_model="^OpenBMC$")
    .matches(manager_firmware=r"^BF-\d", oem=_KEYS, manager_model="^OpenBMC$")
    .matches(manager_firmware=r"^BF-\d", product=_PRODUCT, oem=_KEYS, manager_model="^OpenBMC$")
    .generation("BlueField-2", product="BlueField-2")
    .generation("BlueField-3", product="BlueField-3")
    .quirk(
        "vendor-in-another-case",
        title="The vendor is written in another case than hosts write it",
        standard="DSP0268 'ServiceRoot': Vendor",
        bmc="Vendor is 'Nvidia', Product 'BlueField-3 DPU' or 'Nvidia-BMCMezz'",
        action="Texts are matched in any case, and DPUs by their product",
        source="NVD-006, nv-redfish:redfish/src/bmc_quirks.rs",
        test="tests/drivers/test_nvidia.py::test_a_dpu_is_told_from_its_host",
    )
    .quirk(
        "spaces-in-attributes",
        Replace(BiosSettings, by=SpacedBios),
        title="BIOS attributes lost the spaces in their names",
        standard="DSP0268 'Bios': Attributes",
        bmc="'Host Privilege Level' until BF-24.10, 'HostPrivilegeLevel' since",
        action="An attribute is found by either name",
        source="NVD-031, libredfish:src/nvidia_dpu.rs",
        test="tests/drivers/test_nvidia.py::test_an_attribute_is_found_with_and_without_spaces",
    )
    .quirk(
        "nic-mode-holds-back",
        title="In NIC mode parts of the tree fail, hang or are null",
        standard="DSP0266 'Status codes'",
        bmc="UUID is '' and Members null; Bios answers 500; Oem/Nvidia times out",
        action="An empty UUID is none, null members are none, and the rest isn't read",
        source="NVD-029, NVD-030, NVD-034, libredfish:src/nvidia_dpu.rs; "
        "nv-redfish:redfish/src/bmc_quirks.rs",
        test="tests/drivers/test_nvidia.py::test_a_dpu_in_nic_mode_is_read_without_what_fails",
        firmware=Range(before="24.10"),
    )
    .quirk(
        "interfaces-come-and-go",
        title="The management interface answers 404 now and then",
        standard="DSP0266 'Status codes'",
        bmc="EthernetInterfaces, or oob_net0 in it, answer 404; its MAC is in a boot option's "
        "path, and BaseMAC and Mode in Oem/Nvidia",
        action="What answers 404 is taken for absent until it answers again; no MAC is guessed",
        source="NVD-033, NVD-036, infra-controller:crates/bmc-explorer/src/computer_system.rs",
        test="tests/inventory/test_reading_faults.py::"
        "test_a_link_to_what_the_bmc_does_not_have_is_neither_stale_nor_a_problem",
        firmware=Range(before="24.10"),
    )
    .quirk(
        "remedies-by-restart",
        title="Attributes and Secure Boot fill after a restart of the DPU",
        standard="DSP0268 'Bios', 'SecureBoot'",
        bmc="Attributes are empty and SecureBoot incomplete until the DPU restarts; the BMC's new "
        "firmware needs Manager.Reset; rshim's action is on newer firmware only",
        action="Told to people (fleetctl driver explain)",
        source="NVD-032, NVD-037, NVD-040, NVD-041, libredfish:src/nvidia_dpu.rs; "
        "infra-controller:crates/machine-controller/src/handler.rs",
        test=_TOLD,
    )
    .quirk(
        "serial-of-the-card",
        title="The serial is padded, or at the chassis only",
        standard="DSP0268 'ComputerSystem': SerialNumber",
        bmc="The system's is padded or empty; Chassis/Card1 has it",
        action="Padding is taken off, and the chassis' serial is used where the system has none",
        source="NVD-038, libredfish:src/nvidia_dpu.rs",
        test="tests/drivers/test_nvidia.py::test_a_dpu_in_nic_mode_is_read_without_what_fails",
    )
)
