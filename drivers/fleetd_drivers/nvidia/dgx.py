"""DGX: NVIDIA's own servers under AMI MegaRAC, with an HGX baseboard behind.

Sources: DSP0268 (properties), and those that each quirk names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from fleetd.driverkit.behaviours.virtual_media import VirtualMedia
from fleetd.driverkit.effects import Hide, Patch, Replace, Trait
from fleetd.driverkit.spec import Axis, Driver
from fleetd.driverkit.standard import GENERIC
from fleetd_drivers.nvidia.behaviours import CredentialedMedia

Body = Mapping[str, Any]

_TOLD: Final = "tests/drivers/test_driver_laws.py::test_every_quirk_is_said_whole"
_PLACEHOLDER: Final = "ChassisType"


def without_placeholder_type(body: Body) -> Body:
    """A ChassisType that is the property's own name says nothing."""
    if body.get("ChassisType") != _PLACEHOLDER:
        return body
    return {name: said for name, said in body.items() if name != "ChassisType"}


BOARD: Final[Driver] = (
    GENERIC.derive("nvidia.dgx", title="NVIDIA DGX under AMI", vendor="NVIDIA", axis=Axis.BOARD)
    .matches(manufacturer="^NVIDIA", oem="Ami")
    .matches(manufacturer="^NVIDIA", model="^DGX")
    .quirk(
        "bogus-members",
        Hide("ComputerSystem", r"/Systems/(?!(?:DGX|HGX_Baseboard_0)/?$)[^/]+/?$"),
        Hide("Manager", r"/Managers/(?!(?:BMC|HGX_BMC_0|HGX_FabricManager_0)/?$)[^/]+/?$"),
        title="Collections list members that aren't there",
        standard="DSP0266 'Resource collections'",
        bmc="Systems and Managers have more members than DGX, HGX_Baseboard_0, BMC, HGX_BMC_0 and "
        "HGX_FabricManager_0, which alone are real",
        action="Only these are read",
        source="NVD-009, nv-redfish:redfish/src/bmc_quirks.rs",
        test="tests/drivers/test_nvidia.py::test_only_the_real_members_of_a_dgx_are_read",
    )
    .quirk(
        "placeholder-chassis-type",
        Patch("Chassis", without_placeholder_type),
        title="A ChassisType is the property's own name, or isn't there",
        standard="DSP0268 'Chassis': ChassisType, Name are required",
        bmc="EROT_BIOS_0 says ChassisType 'ChassisType'; others have neither it nor a Name",
        action="A type that says nothing is left out; what is missing stays so",
        source="NVD-010, nv-redfish:redfish/src/bmc_quirks.rs",
        test="tests/drivers/test_driver_laws.py::test_a_patch_repairs_something_and_once_is_enough",
    )
    .quirk(
        "expand-drops-properties",
        Trait("expand", setting=False),
        title="Expanded members lack required properties",
        standard="DSP0266 'The $expand query parameter'",
        bmc="Members come incomplete",
        action="Members are read one by one",
        source="AMI-014, nv-redfish:redfish/src/bmc_quirks.rs",
        test="tests/drivers/test_expansion.py::"
        "test_members_are_read_one_by_one_where_expansion_is_not_to_be_trusted",
    )
    .quirk(
        "media-needs-credentials",
        Replace(VirtualMedia, by=CredentialedMedia),
        title="InsertMedia demands a user and a password",
        standard="DSP0268 'VirtualMedia': UserName, Password are optional",
        bmc="Without them it's a 400, whose code may be missing",
        action="Some go along, which no server asks for",
        source="NVD-015, sushy:resources/manager/virtual_media.py",
        test="tests/drivers/test_nvidia.py::test_a_dgx_gets_credentials_with_its_image",
    )
    .quirk(
        "change-needs-any-tag",
        title="Accounts and boot options are changed with If-Match only",
        standard="DSP0266 'ETags'",
        bmc="A PATCH of account 2 or of a BootOption without If-Match is refused; AccountLockout* "
        "of 0 locks the account at once; fixing the boot order is unreliable",
        action="If-Match: * goes with every PATCH (the stack's); the rest is told to people",
        source="NVD-011, NVD-012, NVD-014, libredfish:src/nvidia_viking.rs",
        test="tests/drivers/test_nvidia.py::test_a_dgx_has_its_stack_s_ways",
    )
    .quirk(
        "upload-at-a-place-of-its-own",
        title="Images go to UpdateService/upload",
        standard="DSP0268 'UpdateService': MultipartHttpPushUri",
        bmc="That's where MultipartHttpPushUri points",
        action="The place that is named is used",
        source="NVD-013, libredfish:src/nvidia_viking.rs",
        test="tests/drivers/test_nvidia.py::test_a_dgx_has_its_stack_s_ways",
    )
    .quirk(
        "root-without-links",
        title="The root lacks its links until the BMC restarts",
        standard="DSP0268 'ServiceRoot'",
        bmc="Systems, Chassis and Managers aren't linked; restarts by Redfish aren't relied on; "
        "ClearNVRAM is a maker's own action",
        action="Told to people (fleetctl driver explain): what was known is kept",
        source="NVD-007, NVD-008, NVD-016, nv-redfish:redfish/src/bmc_quirks.rs; "
        "libredfish:src/nvidia_viking.rs; infra-controller:crates/machine-controller",
        test=_TOLD,
    )
)
