"""Whether an image is there at its URI: a BMC asks before it takes one."""

from __future__ import annotations

import ssl
import urllib.error
import urllib.request
from typing import Final

from fleetd_emulators.servers.machine import Machine
from fleetd_emulators.servers.refusal import Refused

TIMEOUT_S: Final = 5.0
_SCHEMES: Final = ("http://", "https://")


def demand(machine: Machine, uri: str) -> None:
    """Ask for the image, where this BMC has the habit; nothing of it is read.

    Raises:
        Refused: 400; it is not there, or nobody answers.
    """
    if not machine.habits.fetches or not uri.startswith(_SCHEMES):
        return
    # A BMC as it leaves the factory takes any certificate of an image server.
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    request = urllib.request.Request(uri, method="HEAD")  # noqa: S310  # the scheme is checked
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S, context=context):  # noqa: S310
            pass
    except urllib.error.HTTPError as error:
        raise Refused(
            400, "ResourceMissingAtURI", f"The image was answered with status {error.code}."
        ) from error
    except OSError as error:
        raise Refused(
            400, "CouldNotEstablishConnection", "The server of the image cannot be reached."
        ) from error
