"""The plan as a table: every state of Ironic's, and what is asked for in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from fleetd.domain.device import DeviceId
from fleetd.domain.enrollment import (
    DEVICE_KEY,
    ClearMaintenance,
    CreateNode,
    DeleteNode,
    Enrollment,
    ObservedNode,
    ObservedPort,
    PatchNode,
    PatchPort,
    Provision,
    SetTraits,
    Standing,
    Verb,
)
from fleetd.services.enrollment.difference import creation, node_changes
from fleetd.services.enrollment.matching import Match, match_nodes
from fleetd.services.enrollment.passwords import PasswordLedger
from fleetd.services.enrollment.plan import Plan, Policy, Situation, plan
from fleetd.services.enrollment.record import LONGEST_WAIT, failed, planned
from tests.support.enrollment import desired_node

MARK = "abcdef01"
DESIRED = desired_node(MARK)
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def settled_node(**changes: Any) -> ObservedNode:
    """A node that is all that ``DESIRED`` asks for."""
    values: dict[str, Any] = {
        "uuid": DESIRED.uuid,
        "name": DESIRED.name,
        "driver": DESIRED.driver,
        "driver_info": {**DESIRED.driver_info, "redfish_password": "******"},
        "provision_state": "available",
        "inspected": True,
        "properties": {**DESIRED.properties, "capabilities": "boot_mode:uefi"},
        "extra": {DEVICE_KEY: DESIRED.device_id},
        "resource_class": DESIRED.resource_class,
        "traits": DESIRED.traits,
    }
    return ObservedNode(**{**values, **changes})


def settled_ports() -> tuple[ObservedPort, ...]:
    return tuple(
        ObservedPort(
            uuid=f"port-{one.address}",
            node_uuid=DESIRED.uuid,
            address=one.address,
            pxe_enabled=bool(one.pxe_enabled),
            physical_network=one.physical_network,
            local_link=one.local_link or {},
            extra={DEVICE_KEY: DESIRED.device_id},
        )
        for one in DESIRED.ports
    )


def planned_for(node: ObservedNode | None, **changes: Any) -> Plan:
    values: dict[str, Any] = {
        "desired": DESIRED,
        "match": Match(node=node),
        "ports": settled_ports(),
        "password_known": True,
    }
    return plan(Situation(**{**values, **changes}))


def asked(found: Plan) -> list[Verb]:
    return [one.verb for one in found.actions if isinstance(one, Provision)]


@pytest.mark.parametrize(
    ("state", "standing", "verbs", "waiting"),
    [
        ("enroll", Standing.ENROLLING, [Verb.MANAGE], False),
        ("verifying", Standing.ENROLLING, [], True),
        ("manageable", Standing.ENROLLING, [Verb.PROVIDE], False),
        ("inspecting", Standing.ENROLLING, [], True),
        ("inspect wait", Standing.ENROLLING, [], True),
        ("inspect failed", Standing.ENROLLING, [Verb.MANAGE], False),
        ("cleaning", Standing.ENROLLING, [], True),
        ("clean wait", Standing.ENROLLING, [], True),
        ("clean failed", Standing.ENROLLING, [Verb.MANAGE], False),
        ("available", Standing.AVAILABLE, [], False),
        ("active", Standing.IN_USE, [], False),
        ("deploying", Standing.IN_USE, [], False),
        ("wait call-back", Standing.IN_USE, [], False),
        ("deploy failed", Standing.IN_USE, [], False),
        ("deleting", Standing.IN_USE, [], False),
        ("rescue", Standing.IN_USE, [], False),
        ("rescuing", Standing.IN_USE, [], False),
        ("servicing", Standing.IN_USE, [], False),
        ("adopting", Standing.HELD, [], False),
        ("adopt failed", Standing.HELD, [], False),
        ("error", Standing.HELD, [], False),
        ("a state of the future", Standing.HELD, [], False),
    ],
)
def test_each_state_has_its_next_step(
    state: str, standing: Standing, verbs: list[Verb], *, waiting: bool
) -> None:
    found = planned_for(settled_node(provision_state=state))

    assert (found.standing, asked(found), found.waiting) == (standing, verbs, waiting)
    assert len(found.actions) == len(verbs)


@pytest.mark.parametrize(
    "state", ["available", "active", "cleaning", "deploying", "rescue", "inspecting", "error"]
)
@pytest.mark.parametrize(
    "trouble",
    [
        {"maintenance": True, "maintenance_reason": "mine"},
        {"instance_uuid": "b6b3b7a8-0000-4000-8000-000000000000"},
        {"reservation": "conductor-1"},
    ],
)
def test_a_node_that_is_anothers_now_is_not_touched(state: str, trouble: dict[str, Any]) -> None:
    node = settled_node(provision_state=state, resource_class="drifted", **trouble)

    assert planned_for(node, password_known=False).actions == ()
    assert planned_for(node, desired=replace(DESIRED, retired=True)).actions == ()


def test_inspection_comes_once_and_only_where_it_is_wanted() -> None:
    fresh = settled_node(provision_state="manageable", inspected=False)

    assert asked(planned_for(fresh)) == [Verb.INSPECT]
    assert asked(planned_for(fresh, policy=Policy(inspect=False))) == [Verb.PROVIDE]
    assert asked(planned_for(replace(fresh, inspected=True))) == [Verb.PROVIDE]
    in_band = replace(fresh, interfaces={"inspect": "agent"})
    assert asked(planned_for(in_band)) == [Verb.PROVIDE]


def test_only_the_maintenance_that_ironic_set_after_cleaning_is_ended() -> None:
    failed_node = settled_node(
        provision_state="clean failed", maintenance=True, fault="clean failure"
    )

    found = planned_for(failed_node)

    assert found.actions == (
        ClearMaintenance(uuid=DESIRED.uuid),
        Provision(uuid=DESIRED.uuid, verb=Verb.MANAGE),
    )
    assert planned_for(replace(failed_node, fault=None)).standing is Standing.HELD
    assert planned_for(settled_node(maintenance=True, fault="power failure")).actions == ()


def test_after_a_failure_nothing_is_asked_before_its_time() -> None:
    for state in ("enroll", "inspect failed", "clean failed", "available"):
        node = settled_node(provision_state=state, resource_class="drifted")
        found = planned_for(node, may_retry=False)
        assert (found.standing, found.actions) == (Standing.FAILED, ())


def test_changes_come_before_the_next_step() -> None:
    node = settled_node(
        provision_state="enroll", resource_class=None, traits=frozenset({"CUSTOM_GPU", "HW_X"})
    )

    patch, traits, following = planned_for(node).actions

    assert isinstance(patch, PatchNode)
    assert patch.paths == ("/resource_class",)
    assert traits == SetTraits(uuid=node.uuid, traits=("CUSTOM_NVME", "HW_X"))
    assert following == Provision(uuid=node.uuid, verb=Verb.MANAGE)


def test_a_guessed_boot_port_does_not_take_a_node_out_of_the_cloud() -> None:
    guessed = replace(
        DESIRED,
        ports=tuple(
            replace(one, pxe_enabled=not one.pxe_enabled, pxe_guessed=True) for one in DESIRED.ports
        ),
    )

    assert planned_for(settled_node(), desired=guessed).actions == ()
    in_enroll = planned_for(settled_node(provision_state="enroll"), desired=guessed)
    assert [type(one) for one in in_enroll.actions] == [PatchPort, PatchPort, Provision]


def test_a_known_boot_port_does() -> None:
    other = replace(DESIRED, ports=tuple(replace(one, pxe_enabled=True) for one in DESIRED.ports))

    assert planned_for(settled_node(), desired=other).actions == (
        Provision(uuid=DESIRED.uuid, verb=Verb.MANAGE),
    )


def test_a_retired_server_leaves_through_manageable() -> None:
    retired = replace(DESIRED, retired=True)

    def actions(**node: Any) -> tuple[object, ...]:
        return planned_for(settled_node(**node), desired=retired).actions

    assert actions() == (Provision(uuid=DESIRED.uuid, verb=Verb.MANAGE),)
    assert actions(provision_state="manageable") == (DeleteNode(uuid=DESIRED.uuid),)
    assert actions(provision_state="enroll") == (DeleteNode(uuid=DESIRED.uuid),)
    assert actions(extra={}) == ()
    assert planned_for(None, desired=retired).standing is Standing.WITHDRAWN


def test_a_taken_name_gets_an_addition_that_stays_the_same() -> None:
    first = creation(DESIRED, taken_names=frozenset({DESIRED.name}))
    second = creation(DESIRED, taken_names=frozenset({DESIRED.name}))

    assert first == second
    assert first.attributes["name"] == f"{DESIRED.name}-{DESIRED.uuid[:8]}"


def test_another_driver_resets_the_interfaces_of_the_old_one() -> None:
    (patch,) = node_changes(DESIRED, settled_node(driver="ipmi"), password_known=True)

    assert isinstance(patch, PatchNode)
    assert patch.reset_interfaces
    assert patch.paths == ("/driver",)


def test_the_owner_and_conductor_group_are_given_where_they_are_said() -> None:
    wanted = replace(DESIRED, owner="infra", conductor_group="hall-2")

    created = creation(wanted, taken_names=frozenset())
    (patch,) = node_changes(wanted, settled_node(), password_known=True)

    assert (created.attributes["owner"], created.attributes["conductor_group"]) == (
        "infra",
        "hall-2",
    )
    assert isinstance(patch, PatchNode)
    assert patch.paths == ("/conductor_group", "/owner")


@pytest.mark.parametrize("present", ["524288", 524288, 524288.0])
def test_a_number_written_as_text_is_no_drift(present: object) -> None:
    properties = {**settled_node().properties, "memory_mb": present}
    changes = node_changes(DESIRED, settled_node(properties=properties), password_known=True)

    assert changes == ()


def test_two_nodes_that_may_be_the_server_are_left_to_a_person() -> None:
    nodes = [
        ObservedNode(
            uuid=uuid, name=None, driver="x", provision_state="enroll", driver_info={**address}
        )
        for uuid in ("1", "2")
        for address in [DESIRED.driver_info]
    ]

    match = match_nodes([DESIRED], nodes, [], devices=frozenset({DESIRED.device_id}))

    conflict = match[DESIRED.device_id].conflict
    assert conflict is not None
    assert "1, 2" in conflict


def test_a_mark_wins_over_an_address() -> None:
    by_address = settled_node(uuid="1", extra={})
    by_mark = settled_node(uuid="2", driver_info={})

    match = match_nodes(
        [DESIRED], [by_address, by_mark], [], devices=frozenset({DESIRED.device_id})
    )

    assert match[DESIRED.device_id].node == by_mark


def test_a_node_marked_for_a_device_that_no_longer_exists_is_taken() -> None:
    orphan = settled_node(extra={DEVICE_KEY: "gone"})

    match = match_nodes([DESIRED], [orphan], [], devices=frozenset({DESIRED.device_id}))

    assert match[DESIRED.device_id].node == orphan


def test_an_address_without_system_is_not_enough_where_a_bmc_serves_two() -> None:
    node = ObservedNode(
        uuid="1",
        name=None,
        driver="redfish",
        provision_state="enroll",
        driver_info={"redfish_address": DESIRED.driver_info["redfish_address"]},
    )
    shared = replace(DESIRED, sole_system=False)

    match = match_nodes([shared], [node], [], devices=frozenset({DESIRED.device_id}))

    assert match[DESIRED.device_id] == Match()


def test_one_node_goes_to_one_server() -> None:
    other = replace(DESIRED, device_id=DeviceId("other"), uuid="other", ports=())
    node = settled_node(extra={})
    devices = frozenset({DESIRED.device_id, other.device_id})

    match = match_nodes([DESIRED, other], [node], [], devices=devices)

    assert match[DESIRED.device_id].node == node
    assert match[other.device_id].node is None
    assert match[other.device_id].conflict is not None


def test_failures_wait_twice_as_long_each_time_up_to_an_hour() -> None:
    record = Enrollment(device_id=DESIRED.device_id)
    waits = []
    for _ in range(12):
        record = failed(record, "no answer", at=NOW)
        assert record.retry_at is not None
        waits.append(record.retry_at - NOW)

    assert waits[1] == 2 * waits[0]
    assert waits[-1] == LONGEST_WAIT
    assert waits == sorted(waits)
    assert record.failures == 12


def test_arriving_ends_the_failures_but_keeps_the_password() -> None:
    digest = PasswordLedger().digest(DESIRED)
    record = failed(Enrollment(device_id=DESIRED.device_id, password=digest), "no answer", at=NOW)

    arrived = planned(record, settled_node(), Plan(standing=Standing.AVAILABLE))

    assert (arrived.failures, arrived.retry_at, arrived.reason) == (0, None, None)
    assert arrived.password == digest


def test_a_password_is_known_by_its_digest_only() -> None:
    digest = PasswordLedger().digest(DESIRED)
    record = Enrollment(device_id=DESIRED.device_id, password=digest)
    ledger = PasswordLedger()

    assert ledger.knows(DESIRED, record)
    assert ledger.knows(DESIRED, record), "remembered"
    assert not ledger.knows(replace(DESIRED, password="other"), record)
    assert not ledger.knows(DESIRED, replace(record, password=None))
    assert DESIRED.password.encode() not in digest.digest
    assert digest.digest.hex() not in repr(record)


def test_a_digest_that_changed_meanwhile_is_looked_at_anew() -> None:
    ledger = PasswordLedger()
    record = Enrollment(device_id=DESIRED.device_id, password=ledger.digest(DESIRED))
    other = replace(record, password=PasswordLedger().digest(replace(DESIRED, password="other")))

    assert ledger.knows(DESIRED, record)
    assert not ledger.knows(DESIRED, other)


def test_nothing_shows_a_password() -> None:
    shown = repr([DESIRED, creation(DESIRED, taken_names=frozenset()), planned_for(None)])

    assert isinstance(planned_for(None).actions[0], CreateNode)
    assert DESIRED.password not in shown
