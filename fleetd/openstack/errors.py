"""Turns what OpenStack's clients raise into the domain's errors: the only place that does."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Final

from ironicclient.common.apiclient import exceptions as client
from keystoneauth1 import exceptions as keystone
from keystoneauth1.exceptions.connection import SSLError
from openstack import exceptions as sdk

from fleetd.domain.errors import (
    CloudConflict,
    CloudError,
    CloudRefused,
    CloudUnauthorised,
    CloudUnavailable,
)

LONGEST_MESSAGE: Final = 500
HIDDEN: Final = "***"

# What these libraries raise shares no ancestor but Exception. OSError and ValueError come from
# requests; ValueError and TypeError also from their parsing of what answered in Ironic's place.
EXPECTED: Final = (
    client.ClientException,
    keystone.ClientException,
    sdk.SDKException,
    OSError,
    ValueError,
    TypeError,
)


def translate(error: BaseException, *, doing: str, secrets: Iterable[str] = ()) -> CloudError:
    """The domain's error for ``error``, met in the attempt to ``doing``.

    ``secrets`` are values that the service may echo and that must not be shown.
    """
    kind = _kind(error)
    words = _hide(_words(error), secrets)
    return kind(f"Ironic did not {doing}: {words}")


def _kind(error: BaseException) -> type[CloudError]:
    if isinstance(error, SSLError | client.UnsupportedVersion | sdk.ConfigException):
        return CloudRefused
    status = getattr(error, "http_status", 0)
    if status:
        return _by_status(int(status))
    if isinstance(error, client.AuthorizationFailure | keystone.AuthorizationFailure):
        return CloudUnauthorised
    return CloudUnavailable


def _by_status(status: int) -> type[CloudError]:
    if status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        return CloudUnauthorised
    if status == HTTPStatus.CONFLICT:
        return CloudConflict
    if status in {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}:
        return CloudUnavailable
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return CloudUnavailable
    return CloudRefused


def _words(error: BaseException) -> str:
    text = str(error).strip() or type(error).__name__
    return " ".join(text.split())


def _hide(text: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        if secret:
            text = text.replace(secret, HIDDEN)
    return text if len(text) <= LONGEST_MESSAGE else f"{text[:LONGEST_MESSAGE]}..."
