"""``fleetctl corpus DIR``: how well captured trees are read.

fleetctl finds it by entry point, and what does the work is imported only once it is asked for.
"""

from __future__ import annotations

import asyncio
import json as json_format
import sys
from pathlib import Path
from typing import Annotated

import typer

from fleetd.cli.failures import BadInput, ExitCode, Failure
from fleetd.domain.errors import ConfigError, InvalidInput


def corpus(
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder of trees (NAME/redfish/v1/...).")
    ],
    json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
    tree: Annotated[
        list[str] | None, typer.Option("--tree", metavar="NAME", help="Only this one; repeatable.")
    ] = None,
) -> None:
    """Inventory captured Redfish trees, and hold what was found against what is there.

    Each tree is served over HTTP on loopback and read by fleetd's own client and drivers. What is
    there is counted from the files by a walk of its own. Exits with 1 on any exception.
    """
    from fleetd.daemon.corpus.report import as_json, print_report
    from fleetd.daemon.corpus.survey import Outcome, survey
    from fleetd.daemon.corpus.tree import find_places

    outcomes: list[Outcome] = []
    try:
        asyncio.run(survey(find_places(directory, tree or ()), outcomes.append))
    except InvalidInput as error:
        raise BadInput(str(error)) from error
    except ConfigError as error:
        raise Failure(str(error)) from error
    if json:
        json_format.dump(as_json(outcomes), sys.stdout, indent=1)
        sys.stdout.write("\n")
    else:
        print_report(outcomes)
    if any(one.exception is not None for one in outcomes):
        raise typer.Exit(ExitCode.FAILURE)
