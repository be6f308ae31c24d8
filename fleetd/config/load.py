"""fleetd.yaml and the environment as one ``Settings``, or every error at file, line and key."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fleetd.config.document import Document, read_yaml
from fleetd.config.environment import overlay, read_environment
from fleetd.config.settings import Settings
from fleetd.config.targets import read_endpoints, read_manifest
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
    _check_files(settings)
    return settings


def _state_directory(document: Document, environment: Mapping[str, str]) -> None:
    given = environment.get("STATE_DIRECTORY", "").split(":")[0]
    if given and isinstance(document.values, dict):
        section = document.values.setdefault("daemon", {})
        if isinstance(section, dict):
            section.setdefault("state_directory", given)


def _check_files(settings: Settings) -> None:
    errors: list[str] = []
    try:
        read_endpoints(settings.discovery)
    except ConfigError as error:
        errors.append(str(error))
    if settings.discovery.manifest is not None:
        try:
            read_manifest(settings.discovery.manifest)
        except ConfigError as error:
            errors.append(str(error))
    if errors:
        raise ConfigError("\n".join(errors))
