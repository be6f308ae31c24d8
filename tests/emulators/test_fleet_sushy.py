"""sushy is what Ironic uses: what it can do with an emulated BMC, Ironic can."""

from __future__ import annotations

from pathlib import Path

import pytest
import sushy
from sushy import auth

from tests.support.emulators import emulated_fleet

FAMILIES = ("dell", "hpe", "supermicro", "lenovo", "openbmc", "generic")


@pytest.mark.parametrize("kind", [auth.SessionAuth, auth.BasicAuth])
def test_sushy_reads_every_personality_and_leaves_no_session(
    tmp_path: Path, kind: type[auth.AuthBase]
) -> None:
    spec = {"tls": "off", "servers": [{"personality": one} for one in FAMILIES], "light": 1}
    with emulated_fleet(spec, tmp_path) as fleet:
        for bmc in fleet.bmcs:
            credentials = kind(bmc.username, bmc.password)
            root = sushy.Sushy(bmc.url, auth=credentials)
            (system,) = root.get_system_collection().get_members()

            assert system.uuid.lower() == bmc.uuid
            assert system.processors.get_members()
            found = {one.mac_address.lower() for one in system.ethernet_interfaces.get_members()}
            assert found == set(bmc.macs)
            credentials.close()

        counters = fleet.admin.counters()
        assert sum(counters[name]["open_sessions"] for name in counters if name != "fleet") == 0
        assert sum(counters[name]["wrong_logins"] for name in counters if name != "fleet") == 0
