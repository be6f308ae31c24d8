"""From what the tools print and write to findings."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Final

from fleetd_emulators.conformance.findings import Finding

_LOG_LINE: Final = re.compile(r"^\S+ \S+ - redfish - (?:INFO|WARNING|ERROR) - (.*)$")
_VALIDATING: Final = re.compile(r"^Validating (\S+)\.\.\.$")
_AT_PROPERTY: Final = re.compile(r"^(FAIL|WARN) - (/.*?) \((?:.*?)\): ([A-Z][A-Za-z ]+): (.*)$")
_AT_RESOURCE: Final = re.compile(r"^(FAIL|WARN) - ([^:]+): (.*)$")
_USE_CASE: Final = re.compile(r"^(Failing the|Warning occurred during the) (.+) test\.\.\.$")
_COUNTS: Final = re.compile(
    r"^\|\s*(\d+)\s*\|\s*(\d+)\s*\|\s*(\d+)\s*\|\s*(\d+)\s*\|$", re.MULTILINE
)


def counts(printed: str) -> tuple[int, int] | None:
    """Passed and not tested, of the table that the validator and the checkers end with."""
    found = _COUNTS.search(printed)
    return None if found is None else (int(found[1]), int(found[4]))


def service_findings(log: str) -> Iterator[Finding]:
    """Findings in the debug log of redfish-service-validator."""
    resource = ""
    for line in _said(log):
        if (entered := _VALIDATING.match(line)) is not None:
            resource = entered[1]
        elif (found := _AT_PROPERTY.match(line)) is not None:
            yield Finding(
                check=found[3],
                place=f"{resource}#{found[2]}",
                message=found[4],
                fails=found[1] == "FAIL",
            )
        elif (found := _AT_RESOURCE.match(line)) is not None:
            yield Finding(
                check=found[2], place=resource, message=found[3], fails=found[1] == "FAIL"
            )


def protocol_findings(table: str) -> tuple[int, int, tuple[Finding, ...]]:
    """Passed, not tested and findings of redfish-protocol-validator's TSV."""
    rows = list(csv.DictReader(StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE))
    findings = tuple(
        Finding(
            check=row["Assertion"],
            place=f"{row['Method']} {row['URI']}".strip(),
            message=row["Message"],
            fails=row["Result"] == "FAIL",
        )
        for row in rows
        if row["Result"] in {"FAIL", "WARN"}
    )
    results = [row["Result"] for row in rows]
    return results.count("PASS"), results.count("NOT_TESTED"), findings


def use_case_findings(log: str) -> Iterator[Finding]:
    """Findings in the debug log of redfish-use-case-checkers: the test, then the message."""
    lines = iter(_said(log))
    for line in lines:
        if (found := _USE_CASE.match(line)) is not None:
            yield Finding(
                check=found[2], place="", message=next(lines, ""), fails=found[1] == "Failing the"
            )


def _said(log: str) -> Iterable[str]:
    for line in log.splitlines():
        found = _LOG_LINE.match(line)
        if found is not None:
            yield found[1]
