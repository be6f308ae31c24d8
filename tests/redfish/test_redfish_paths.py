"""Links as captured trees have them, and where they lead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetd.domain.errors import DeviceError, Malformed, Refused
from fleetd.redfish.paths import link_of, local_path

HERE = "https://10.0.0.1"


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ("/redfish/v1/Systems/1", "/redfish/v1/Systems/1"),
        ("/redfish/v1/Chassis/1/Power#/PowerSupplies/0", "/redfish/v1/Chassis/1/Power"),
        ("/redfish/v1/Systems/1//", "/redfish/v1/Systems/1/"),
        ("redfish/v1/Systems", "/redfish/v1/Systems"),
        (" /redfish/v1/Systems ", "/redfish/v1/Systems"),
        ("/redfish/v1/Ports/1 /Functions/1/", "/redfish/v1/Ports/1%20/Functions/1/"),
        ("/redfish/v1/Fans/0x17||Fan.1A", "/redfish/v1/Fans/0x17%7C%7CFan.1A"),
        ("/redfish/v1/Registries/%23SUTReg.v2", "/redfish/v1/Registries/%23SUTReg.v2"),
        ("/redfish/v1/Sensors?$skip=75", "/redfish/v1/Sensors?$skip=75"),
        ("/redfish/v1/Systems?$expand=.($levels=1)", "/redfish/v1/Systems?$expand=.($levels=1)"),
        ("/redfish/v1/../v1/Systems", "/redfish/v1/Systems"),
        ("https://10.0.0.1/redfish/v1/Systems", "/redfish/v1/Systems"),
        ("https://10.0.0.1:443/redfish/v1/S?$skip=1", "/redfish/v1/S?$skip=1"),
        ("//elsewhere/redfish/v1", "/elsewhere/redfish/v1"),
        ("/redfish/v1/Temperatur/Gehäuse", "/redfish/v1/Temperatur/Geh%C3%A4use"),
    ],
)
def test_a_link_becomes_a_path_on_its_own_host(link: str, path: str) -> None:
    assert local_path(link, HERE) == path


@pytest.mark.parametrize(
    "link",
    [
        "https://10.0.0.2/redfish/v1",
        "http://10.0.0.1/redfish/v1",
        "https://10.0.0.1:8443/redfish/v1",
        "https://user@10.0.0.1/redfish/v1",
        "https://",
    ],
)
def test_a_link_to_another_host_is_refused(link: str) -> None:
    with pytest.raises(Refused):
        local_path(link, HERE)


@pytest.mark.parametrize("link", ["", "#", "#fragment", "  ", "/a\r\nX-Evil: 1", "/a\x00b"])
def test_a_link_that_names_no_place_is_malformed(link: str) -> None:
    with pytest.raises(Malformed):
        local_path(link, HERE)


@given(st.text(max_size=60))
def test_any_text_gives_a_clean_path_or_a_device_error(link: str) -> None:
    try:
        path = local_path(link, HERE)
    except DeviceError:
        return
    assert path.startswith("/")
    assert not path.startswith("//")
    assert path.isascii()
    assert not set(path) & set(" \r\n\t#")
    assert local_path(path, HERE) == path


@pytest.mark.parametrize(
    ("value", "link"),
    [
        ({"@odata.id": "/redfish/v1"}, "/redfish/v1"),
        ("/redfish/v1", "/redfish/v1"),
        ({}, None),
        ({"@odata.id": ""}, None),
        ({"@odata.id": None}, None),
        (None, None),
        (["/redfish/v1"], None),
    ],
)
def test_a_reference_is_an_object_or_a_bare_string(value: object, link: str | None) -> None:
    assert link_of(value) == link
