"""The API's socket: opened as the configuration says, closed with its streams ended."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from aiohttp import web

from fleetd.config.daemon import ApiSection
from fleetd.domain.errors import ConfigError

_CLOSE_S: Final = 2.0


@asynccontextmanager
async def listening(app: web.Application, section: ApiSection) -> AsyncIterator[str]:
    """Serve the application; the address that clients use, with the port that was taken.

    Raises:
        ConfigError: The address can't be listened on, or the certificate or key can't be used.
    """
    context = None
    if section.certificate is not None and section.key is not None:
        context = _server_context(section.certificate, section.key)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=_CLOSE_S)
    await runner.setup()
    try:
        site = web.TCPSite(runner, section.host, section.port, ssl_context=context)
        try:
            await site.start()
        except OSError as error:
            raise ConfigError(
                f"api.host, api.port: can't listen on {section.host} port {section.port}: "
                f"{error.strerror}"
            ) from error
        host, port = runner.addresses[0][:2]
        shown = f"[{host}]" if ":" in host else host
        yield f"{'https' if context else 'http'}://{shown}:{port}"
    finally:
        await runner.cleanup()


def _server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate, key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"api.certificate, api.key: {certificate} and {key} can't be used: {error.strerror}"
        ) from error
    return context
