"""How fleetd proves itself to OpenStack: not at all, by user and password, or by Keystone."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keystoneauth1 import http_basic, noauth
from keystoneauth1.plugin import BaseAuthPlugin
from keystoneauth1.session import Session
from openstack import config as openstack_config
from requests import Response

from fleetd.config.daemon import IronicAuth


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Where an OpenStack service is and how to be let in.

    Attributes:
        cloud: With Keystone, the entry of clouds.yaml (or OS_* variables when it is ``envvars``):
            passwords, application credentials, whatever keystoneauth has a plugin for.
    """

    auth: IronicAuth
    url: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    cloud: str | None = None
    ca_file: Path | None = None


class QuietSession(Session):
    """A Keystone session that never logs requests: their bodies hold BMC passwords."""

    def request(self, *arguments: Any, **options: Any) -> Response:
        return super().request(*arguments, **{**options, "log": False})


def open_session(access: Access, *, timeout_s: float) -> Session:
    """A session for these credentials; nothing is sent yet, except what clouds.yaml asks for."""
    # it reports as errors what is routine here: locked nodes, and an Ironic that is busy
    logging.getLogger("ironicclient").setLevel(logging.CRITICAL)
    if access.auth is IronicAuth.KEYSTONE:
        region = openstack_config.OpenStackConfig().get_one(cloud=access.cloud)
        plugin, verify = region.get_auth(), region.get_requests_verify_args()[0]
    else:
        plugin, verify = _plain_plugin(access), True
    if access.ca_file is not None:
        verify = str(access.ca_file)
    return QuietSession(auth=plugin, verify=verify, timeout=timeout_s)


def _plain_plugin(access: Access) -> BaseAuthPlugin:
    if access.auth is IronicAuth.HTTP_BASIC:
        return http_basic.HTTPBasicAuth(
            endpoint=access.url, username=access.username, password=access.password
        )
    return noauth.NoAuth(endpoint=access.url)
