"""Drivers, their quirks, and why a device has its driver, as the API shows them."""

from __future__ import annotations

from typing import Self

from fleetd.api.schemas.shape import Shape
from fleetd.driverkit.choice import Choice
from fleetd.driverkit.describe import effects_of, matches_of
from fleetd.driverkit.quirk import Quirk
from fleetd.driverkit.spec import Axis, Driver


class QuirkView(Shape):
    """One named departure of a family of BMCs from the Redfish standard."""

    id: str
    title: str
    standard: str
    """What the standard says, with its document."""
    bmc: str
    """What these BMCs do."""
    action: str
    """What fleetd does about it."""
    source: str
    test: str
    """The test that proves the action."""
    limits: str
    """Which firmware or models of the family; empty for all."""
    effects: tuple[str, ...]

    @classmethod
    def of(cls, quirk: Quirk) -> Self:
        """Present a quirk."""
        return cls(
            id=quirk.id,
            title=quirk.title,
            standard=quirk.standard,
            bmc=quirk.bmc,
            action=quirk.action,
            source=quirk.source,
            test=quirk.test,
            limits=quirk.limits,
            effects=effects_of(quirk),
        )


class DriverLinks(Shape):
    """Where to go from a driver."""

    self: str


class DriverSummary(Shape):
    """A driver, or an overlay for the boards of one maker."""

    name: str
    title: str
    vendor: str | None
    axis: Axis
    quirks: int
    links: DriverLinks

    @classmethod
    def of(cls, driver: Driver) -> Self:
        """Present a driver in a list."""
        return cls(
            name=driver.name,
            title=driver.title,
            vendor=driver.vendor,
            axis=driver.axis,
            quirks=len(driver.quirks),
            links=DriverLinks(self=f"/v1/drivers/{driver.name}"),
        )


class DriverList(Shape):
    """Every driver, by name."""

    items: tuple[DriverSummary, ...]


class DriverView(Shape):
    """A driver whole: what it claims and each of its quirks."""

    name: str
    title: str
    vendor: str | None
    axis: Axis
    matches: tuple[str, ...]
    """Each is one way to be claimed."""
    generations: tuple[str, ...]
    hardware_types: tuple[str, ...]
    """Ironic's hardware types for it, best first."""
    quirks: tuple[QuirkView, ...]
    links: DriverLinks

    @classmethod
    def of(cls, driver: Driver) -> Self:
        """Present a driver."""
        return cls(
            name=driver.name,
            title=driver.title,
            vendor=driver.vendor,
            axis=driver.axis,
            matches=matches_of(driver),
            generations=tuple(dict.fromkeys(name for name, _ in driver.eras)),
            hardware_types=tuple(item.hardware_type for item in driver.ironic.hardware),
            quirks=tuple(QuirkView.of(quirk) for quirk in driver.quirks),
            links=DriverLinks(self=f"/v1/drivers/{driver.name}"),
        )


class Explanation(Shape):
    """Which driver a device has, why, and which quirks hold for it."""

    device_id: str
    driver: str
    title: str
    because: str
    """What of the endpoint met the driver's match."""
    overlay: str | None
    """The driver of the board's maker, over that of the BMC's firmware."""
    generation: str | None
    firmware: str | None
    active: tuple[QuirkView, ...]
    inactive: tuple[QuirkView, ...]
    """Declared, but not for this firmware or model."""

    @classmethod
    def of(cls, device_id: str, choice: Choice) -> Self:
        """Present a choice."""
        return cls(
            device_id=device_id,
            driver=choice.stack.name,
            title=choice.stack.title,
            because=choice.because,
            overlay=choice.overlay.name if choice.overlay else None,
            generation=choice.stack.generation_of(choice.facts),
            firmware=choice.facts.manager_firmware,
            active=tuple(QuirkView.of(quirk) for quirk in choice.quirks),
            inactive=tuple(QuirkView.of(quirk) for quirk in choice.inactive),
        )
