"""fleetd.yaml and the environment as one ``Settings``, or every error at file, line and key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from fleetd.config.document import Document, Fault, key_text, read_yaml, refuse
from fleetd.config.environment import overlay, read_environment
from fleetd.config.section import Place
from fleetd.config.settings import Settings
from fleetd.config.targets import read_endpoints, read_manifest, unreadable
from fleetd.config.validation import validate
from fleetd.domain.errors import ConfigError

DEFAULT_PATH: Final = Path("/etc/fleetd/fleetd.yaml")


def load(path: Path | None, environment: Mapping[str, str]) -> Settings:
    """Read the configuration, and check every file that it names.

    Args:
        path: fleetd.yaml; None means the defaults and the environment alone.
        environment: Variables such as ``FLEETD_API__PORT`` stand over the file; systemd's
            ``STATE_DIRECTORY`` stands in where no state directory is given.

    Raises:
        ConfigError: Its message has a line for each error.
    """
    document = Document(values={}) if path is None else read_yaml(path)
    if document.values is None:
        document.values = {}
    overlay(document, read_environment(environment, mentioned=document.values))
    _state_directory(document, environment)
    settings = validate(Settings, document, Path.cwd() if path is None else path.absolute().parent)
    _check_files(settings, document)
    return settings


def _state_directory(document: Document, environment: Mapping[str, str]) -> None:
    given = environment.get("STATE_DIRECTORY", "").split(":")[0]
    if given and isinstance(document.values, dict):
        section = document.values.setdefault("daemon", {})
        if isinstance(section, dict):
            section.setdefault("state_directory", given)


def _check_files(settings: Settings, document: Document) -> None:
    """Read the files that the configuration names, for their errors."""
    discovery = settings.discovery
    named: dict[Place, Path] = {
        ("discovery", "files", index): path for index, path in enumerate(discovery.files)
    }
    if discovery.manifest is not None:
        named["discovery", "manifest"] = discovery.manifest
    refuse(
        [
            Fault(where=document.where(place) or "", key=key_text(place), message=message)
            for place, path in named.items()
            if (message := unreadable(path)) is not None
        ]
    )
    errors = [_error(partial(read_endpoints, discovery))]
    if discovery.manifest is not None:
        errors.append(_error(partial(read_manifest, discovery.manifest)))
    if any(errors):
        raise ConfigError("\n".join(error for error in errors if error))


def _error(read: Callable[[], object]) -> str:
    try:
        read()
    except ConfigError as error:
        return str(error)
    return ""
