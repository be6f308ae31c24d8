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


def open_session(access: Access, *, timeout_s: float) -> tuple[Session, str | None]:
    """A session for these credentials, and where the bare metal service is by its catalog.

    Nothing is sent before the session is used, but for what a catalog takes.
    """
    # it reports as errors what is routine here: locked nodes, and an Ironic that is busy
    logging.getLogger("ironicclient").setLevel(logging.CRITICAL)
    if access.auth is IronicAuth.KEYSTONE:
        clouds = openstack_config.OpenStackConfig(session_constructor=QuietSession)
        region = clouds.get_one(cloud=access.cloud)
        session = region.get_session()
        endpoint = access.url or region.get_session_endpoint("baremetal")
    else:
        session, endpoint = QuietSession(auth=_plain_plugin(access)), access.url
    session.timeout = timeout_s
    if access.ca_file is not None:
        session.verify = str(access.ca_file)
    return session, endpoint


def _plain_plugin(access: Access) -> BaseAuthPlugin:
    if access.auth is IronicAuth.HTTP_BASIC:
        return http_basic.HTTPBasicAuth(
            endpoint=access.url, username=access.username, password=access.password
        )
    return noauth.NoAuth(endpoint=access.url)
