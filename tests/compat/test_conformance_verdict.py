"""How what DMTF's tools say is read and judged."""

from __future__ import annotations

import pytest

from fleetd_emulators.conformance.findings import Finding, Outcome, Tool
from fleetd_emulators.conformance.parsing import (
    counts,
    protocol_findings,
    service_findings,
    use_case_findings,
)
from fleetd_emulators.conformance.verdict import Expected, judge

SERVICE_LOG = """\
2026-01-01 10:00:00,000 - redfish - INFO - Validating /redfish/v1/Chassis/1...
2026-01-01 10:00:00,001 - redfish - INFO - PASS - /Id (1): Pass: The property is valid.
2026-01-01 10:00:00,002 - redfish - ERROR - FAIL - /UUID (a (b): c): Property Value Error: Bad.
2026-01-01 10:00:00,003 - redfish - WARNING - WARN - /SKU ([Empty]): Empty String Warning: Empty.
2026-01-01 10:00:00,004 - redfish - INFO - Validating /redfish/v1/Systems...
2026-01-01 10:00:00,005 - redfish - ERROR - FAIL - Response Error: GET returned 500.
2026-01-01 10:00:00,006 - redfish - ERROR - FAIL - /[Allow Header] (GET): Allowed Method Error: No.
"""


def test_the_validators_log_tells_where_what_failed() -> None:
    found = [(one.check, one.place, one.fails) for one in service_findings(SERVICE_LOG)]

    assert found == [
        ("Property Value Error", "/redfish/v1/Chassis/1#/UUID", True),
        ("Empty String Warning", "/redfish/v1/Chassis/1#/SKU", False),
        ("Response Error", "/redfish/v1/Systems", True),
        ("Allowed Method Error", "/redfish/v1/Systems#/[Allow Header]", True),
    ]


def test_the_protocol_table_tells_assertions_and_counts() -> None:
    head = "Assertion\tMethod\tStatus code\tURI\tResult\tMessage\tRequirement\n"
    rows = (
        "A\tGET\t200\t/x\tPASS\tok\tr\n"
        'B\tPATCH\t400\t/y\tFAIL\tsaid "no"\tr\n'
        "C\t\t\t\tNOT_TESTED\tnone\tr\n"
    )

    passed, not_tested, findings = protocol_findings(head + rows)

    assert (passed, not_tested) == (1, 1)
    assert findings == (Finding(check="B", place="PATCH /y", message='said "no"'),)


def test_a_use_cases_failure_is_named_with_the_line_after_it() -> None:
    log = (
        "2026-01-01 10:00:00,000 - redfish - ERROR - Failing the Only Query test...\n"
        "2026-01-01 10:00:00,001 - redfish - ERROR - It succeeded.\n"
    )

    assert list(use_case_findings(log)) == [
        Finding(check="Only Query", place="", message="It succeeded.")
    ]


def test_the_final_table_has_the_counts() -> None:
    assert counts("| PASS | WARN |\n|     56      |  0  |   2   |  18  |\n") == (56, 18)
    assert counts("Traceback") is None


def outcome(*findings: Finding, target: str = "dell") -> Outcome:
    return Outcome(target=target, tool=Tool.SERVICE, passed=1, findings=findings)


RULE = Expected(
    target="dell",
    tool=Tool.SERVICE,
    check="Unknown*",
    place="*Readonly",
    because="It says so.",
    source="DEL-036",
)
KNOWN = Finding(check="Unknown Property Error", place="/r#/0/Readonly", message="no")


def test_a_run_is_good_where_only_expected_failures_happen() -> None:
    assert judge([outcome(KNOWN)], [RULE]).good


def test_an_expected_failure_that_no_longer_happens_is_no_good() -> None:
    verdict = judge([outcome()], [RULE])

    assert verdict.dead == (RULE,)
    assert not verdict.good


def test_what_did_not_run_leaves_its_expectations_alone() -> None:
    broken = Outcome(target="dell", tool=Tool.SERVICE, broken="there are no schemas")

    assert judge([outcome(target="hpe")], [RULE]).good
    assert judge([broken], [RULE]).dead == ()
    assert not judge([broken], [RULE]).good


@pytest.mark.parametrize(
    "finding",
    [
        Finding(check="Property Value Error", place="/r#/0/Readonly", message="no"),
        Finding(check="Unknown Property Error", place="/r#/0/Name", message="no"),
    ],
)
def test_another_failure_is_unexplained(finding: Finding) -> None:
    verdict = judge([outcome(KNOWN, finding)], [RULE])

    assert [one for _, one in verdict.unexplained] == [finding]
    assert not verdict.good


def test_a_warning_needs_no_explanation() -> None:
    warning = Finding(check="Deprecated", place="/r", message="old", fails=False)

    assert judge([outcome(warning)], []).good
