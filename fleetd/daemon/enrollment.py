"""Builds enrollment, where the configuration switches it on."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack

from fleetd.config.classification import load_classification
from fleetd.config.daemon import IronicSection
from fleetd.config.secrets import SecretReader
from fleetd.config.settings import Settings
from fleetd.daemon.reload import Reloader
from fleetd.domain.ports import Clock
from fleetd.driverkit.ironic import IronicTraits
from fleetd.openstack.ironic import Ironic
from fleetd.openstack.session import Access
from fleetd.services.devices import DeviceUses
from fleetd.services.enrollment.plan import Policy
from fleetd.services.enrollment.reconcile import Reconciler
from fleetd.services.enrollment.service import EnrollmentService, Rules, Stores
from fleetd.store.database import Database


async def enrollment_service(
    stack: AsyncExitStack,
    *,
    reloader: Reloader,
    secrets: SecretReader,
    database: Database,
    lifecycle: DeviceUses,
    clock: Clock,
    family: Callable[[str], IronicTraits],
) -> EnrollmentService | None:
    """The service over a real Ironic, or None where it's switched off.

    Raises:
        SecretUnavailable: Ironic's password can't be read.
        ConfigError: The classification file is wrong.
    """
    section = reloader.settings.ironic
    if not section.enabled:
        return None
    bare_metal = Ironic(
        await _access(section, secrets),
        call_timeout_s=section.call_timeout.total_seconds(),
        concurrency=section.concurrency,
    )
    stack.callback(bare_metal.close)
    service = EnrollmentService(
        bare_metal=bare_metal,
        reconciler=Reconciler(
            bare_metal,
            database.enrollments,
            clock,
            policy=Policy(inspect=section.inspect),
            concurrency=section.concurrency,
            transition_timeout_s=section.transition_timeout.total_seconds(),
        ),
        stores=Stores(
            endpoints=database.endpoints,
            devices=database.devices,
            enrollments=database.enrollments,
        ),
        credentials=secrets,
        lifecycle=lifecycle,
        clock=clock,
        rules=_rules(reloader.settings),
        family=family,
    )

    def reloaded(settings: Settings) -> None:
        service.rules = _rules(settings)

    reloader.subscribe("discovery", reloaded)
    return service


async def _access(section: IronicSection, secrets: SecretReader) -> Access:
    return Access(
        auth=section.auth,
        url=section.url,
        username=section.username,
        password=await secrets.read(section.password) if section.password else None,
        cloud=section.cloud,
        ca_file=section.ca_file,
    )


def _rules(settings: Settings) -> Rules:
    section = settings.ironic
    return Rules(
        classification=load_classification(section.classification),
        verify_ca=section.bmc_ca_file or section.bmc_verify,
        owner=section.owner,
        credentials=settings.discovery.rules,
    )
