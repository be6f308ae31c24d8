"""Walking an endpoint's links by the driver's plan: each resource once, bounded, never for ever."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from fleetd.domain.device import Json
from fleetd.domain.errors import DeviceError, DriverFailed, Malformed, Missing, Unsupported
from fleetd.domain.inventory import Problem
from fleetd.driverkit.choice import Choice
from fleetd.driverkit.documents import Documents, Resource
from fleetd.driverkit.payload import canonical, link, value_within
from fleetd.driverkit.plan import SECTIONS, Follow, places_of, sections_below
from fleetd.services.inventory.read_collections import (
    counts_some,
    is_collection,
    members_of,
    next_page,
)
from fleetd.services.inventory.read_fetch import Fetcher, Reader, Wanted

_DEEPEST: Final = 16
_ROOT: Final = "ServiceRoot"
# What holds parts: elsewhere a wrong count would leave every device in doubt for good.
_COUNTING: Final = frozenset({"ComputerSystem", "StorageSystem", "Storage", "Chassis"})
# Single resources: any other link outside "Links" leads to a collection.
_SINGLE: Final = frozenset(
    {
        *("UpdateService", "PowerEquipment", "ThermalEquipment", "CompositionService"),
        *("PowerSubsystem", "ThermalSubsystem", "Power", "Thermal", "LeakDetection"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One resource to read: what it's taken for, whose link it is, and what to try in its stead."""

    path: str
    kind: str
    referrer: str = ""
    place: str = ""
    depth: int = 0
    expandable: bool = False
    otherwise: tuple[Follow, ...] = ()
    page_of: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What couldn't be read, and which sections of a device it would have told of."""

    key: str
    kind: str
    sections: frozenset[str]


class Walk:
    """One sweep over one endpoint; ``documents`` are repaired, ``raw`` are as answered."""

    def __init__(self, reader: Reader, choice: Choice, *, limit: int) -> None:
        self.choice = choice
        self.documents = Documents()
        self.raw: dict[str, Json] = {}
        self.problems: list[Problem] = []
        self.failures: list[Failure] = []
        self.missing: dict[str, str] = {}
        """By path, the kind of each member that a collection lists and that isn't there."""
        self.referrers: dict[str, set[str]] = {}
        self.root: Mapping[str, Json] = {}
        self._fetcher = Fetcher(reader)
        self._limit = limit
        self._cut: set[str] = set()
        self.hung: set[object] = set()
        self._waiting: list[Step] = []
        self._held: list[tuple[Step, Resource]] = []
        self._first_error: DeviceError | None = None
        self._driver_known = False

    @property
    def requests(self) -> int:
        """How many requests were made."""
        return self._fetcher.requests

    def of_kind(self, *kinds: str) -> tuple[Resource, ...]:
        """Every resource of the kinds that was read, in the order of the links to them."""
        return self.documents.of_kind(*kinds)

    def linked(self, holder: Resource, kind: str) -> Iterator[Resource]:
        """The resources of a kind that one holds, at whatever places the plan reads there."""
        places = places_of(self.choice.plan, self.documents.kind_of(holder), kind)
        return self.documents.follow(holder.body, *places)

    async def start(self, path: str) -> None:
        """Read the service root and note what it links to.

        Raises:
            DeviceError: The root can't be read, so nothing can.
        """
        body = await self._fetcher.get(path)
        self.raw[path] = body
        step = Step(path=path, kind=_ROOT)
        resource = self._put(step, body)
        self.root = resource.body
        self._waiting = self._links(step, resource)

    async def run(self) -> None:
        """Read all that is linked from what was read."""
        while self._waiting:
            wave, self._waiting = self._waiting, []
            self._waiting = await self._read(wave)

    async def run_first(self, kinds: Collection[str]) -> None:
        """Read the resources of these kinds that the root lists; their links wait for a driver."""
        rest = [step for step in self._waiting if step.kind not in kinds]
        wave = [step for step in self._waiting if step.kind in kinds]
        while wave:
            wave = await self._read(wave, hold=True)
        self._waiting = rest

    def choose(self, choice: Choice) -> None:
        """Go on with this driver from here; what it hides is no longer asked for."""
        self.choice = choice
        self._waiting = [step for step in self._waiting if not choice.hides(step.kind, step.path)]

    def release(self) -> None:
        """Repair what was read before the driver was known, and take up its links.

        What the driver hides is forgotten.
        """
        self._driver_known = True
        held, self._held = self._held, []
        found: list[Step] = []
        for step, resource in held:
            if self.choice.hides(step.kind, step.path):
                self.documents.remove(resource.path)
                continue
            found.extend(self._links(step, self._put(step, resource.body)))
        self._waiting = [*found, *self._waiting]

    def require_anything(self) -> None:
        """Raise the first error that was met, where nothing below the root could be read.

        Raises:
            DeviceError: The endpoint as a whole can't be read.
        """
        if self._first_error is not None and not self._held:
            raise self._first_error

    async def _read(self, steps: list[Step], *, hold: bool = False) -> list[Step]:
        expands = self._driver_known and self.choice.traits.expand
        wanted = [Wanted(path=step.path, expand=expands and step.expandable) for step in steps]
        answers = await self._fetcher.get_all(wanted)
        found: list[Step] = []
        for step, answer in zip(steps, answers, strict=True):
            found.extend(self._take(step, answer, hold=hold))
        return found

    def _take(self, step: Step, answer: Json | DeviceError, *, hold: bool) -> Iterable[Step]:
        if isinstance(answer, DeviceError):
            return self._failed(step, answer)
        if not isinstance(answer, dict) or ("error" in answer and "@odata.id" not in answer):
            refusal = Malformed("the answer is an error or no resource", endpoint="")
            return self._failed(step, refusal)
        self.raw[step.path] = answer
        if is_collection(answer):
            return self._members(step, answer, hold=hold)
        return self._keep(step, answer, hold=hold)

    def _failed(self, step: Step, error: DeviceError) -> Iterable[Step]:
        if isinstance(error, (Missing, Unsupported)):
            if self.documents.get(step.referrer) is None:
                self.missing[step.path] = step.kind
            return self._instead(step)
        self._first_error = self._first_error or error
        self._note(step, error, sections_below(self.choice.plan, step.kind))
        return ()

    def _note(self, step: Step, error: DeviceError, sections: frozenset[str]) -> None:
        self.problems.append(Problem(uri=step.path, code=error.code, message=error.reason))
        self._doubt(step, sections)

    def doubt(
        self, resource: Resource, error: DriverFailed | None, what: object, sections: frozenset[str]
    ) -> None:
        """Note that a driver's code failed on a resource; where it hung, ``what`` is in ``hung``.

        ``error`` of None: it hung before and wasn't tried again.
        """
        step = Step(path=resource.path, kind=self.documents.kind_of(resource))
        if error is None:
            self._doubt(step, sections)
            return
        self._note(step, error, sections)
        if error.hung:
            self.hung.add(what)

    def _cut_off(self, path: str, kind: str, referrer: str) -> None:
        """Tell once for each kind that the rest isn't read: a flood is no reason for another."""
        if kind not in self._cut:
            self._cut.add(kind)
            flood = Malformed(
                f"more than {self._limit} resources aren't read in one sweep", endpoint=""
            )
            step = Step(path=path, kind=kind, referrer=referrer)
            self._note(step, flood, sections_below(self.choice.plan, kind))

    def _doubt(self, step: Step, sections: frozenset[str]) -> None:
        key = canonical(step.path)
        self.failures.append(Failure(key=key, kind=step.kind, sections=sections))

    def _instead(self, step: Step, members: Json = None) -> Iterable[Step]:
        """What is read in place of what isn't there; there's doubt where its holder counts some."""
        holder = self.documents.get(step.referrer)
        if holder is None:
            return ()
        others = self._follow(holder, step.otherwise, step.depth)
        counting = self.documents.kind_of(holder) in _COUNTING
        if counting and not others and counts_some(holder.body, step.place, members):
            self._doubt(step, sections_below(self.choice.plan, step.kind))
        return others

    def _members(self, step: Step, body: Mapping[str, Json], *, hold: bool) -> Iterable[Step]:
        collection = step.page_of or step.path
        steps: list[Step] = []
        paths: list[str] = []
        for path, inline in members_of(step.path, body):
            if self.choice.hides(step.kind, path):
                continue
            paths.append(path)
            child = self._step(path, step.kind, referrer=collection, depth=step.depth + 1)
            if child is not None and inline is not None:
                steps.extend(self._keep(child, inline, hold=hold))
            elif child is not None:
                steps.append(child)
        self.documents.put_members(collection, paths)
        page = next_page(body)
        more = page and self._step(
            page, step.kind, referrer=step.referrer, depth=step.depth, page_of=collection
        )
        if more:
            steps.append(more)
        elif not paths and step.page_of is None:
            steps.extend(self._instead(step, body))
        return steps

    def _keep(self, step: Step, body: Mapping[str, Json], *, hold: bool) -> Iterable[Step]:
        if hold:
            resource = self.documents.put(step.kind, step.path, body)
            self._held.append((step, resource))
            return ()
        return self._links(step, self._put(step, body))

    def _put(self, step: Step, body: Mapping[str, Json]) -> Resource:
        failed: DriverFailed | None = None
        if step.kind not in self.hung:
            try:
                return self.documents.put(step.kind, step.path, self.choice.repair(step.kind, body))
            except DriverFailed as error:
                failed = error
        # As the BMC wrote it, and marked stale: what is below it has nothing to do with that.
        resource = self.documents.put(step.kind, step.path, body)
        self.doubt(resource, failed, step.kind, SECTIONS.get(step.kind, frozenset()))
        return resource

    def _links(self, step: Step, resource: Resource) -> list[Step]:
        return self._follow(resource, self.choice.plan.get(step.kind, ()), step.depth + 1)

    def _follow(self, holder: Resource, follows: Iterable[Follow], depth: int) -> list[Step]:
        steps: list[Step] = []
        for follow in follows:
            if not follow.when(holder.body):
                continue
            target = value_within(holder.body, follow.place)
            is_list = isinstance(target, list)
            paths = [path for item in (target if is_list else [target]) if (path := link(item))]
            if not paths and not is_list:
                steps.extend(self._follow(holder, follow.otherwise, depth))
            expandable = (
                not is_list and follow.to not in _SINGLE and not follow.place.startswith("Links/")
            )
            for path in paths:
                step = self._step(
                    path,
                    follow.to,
                    referrer=holder.path,
                    place=follow.place,
                    depth=depth,
                    expandable=expandable,
                    otherwise=follow.otherwise,
                )
                if step is not None:
                    steps.append(step)
        return steps

    def _step(
        self,
        path: str,
        kind: str,
        *,
        referrer: str,
        place: str = "",
        depth: int,
        expandable: bool = False,
        otherwise: tuple[Follow, ...] = (),
        page_of: str | None = None,
    ) -> Step | None:
        """The step to a path, unless it was taken, is too far off, or is to be left unread."""
        key = canonical(path)
        known = self.referrers.get(key)
        if known is not None:
            known.add(canonical(referrer))
            return None
        if depth > _DEEPEST or self.choice.hides(kind, path):
            return None
        if len(self.referrers) >= self._limit:
            self._cut_off(path, kind, referrer)
            return None
        self.referrers[key] = {canonical(referrer)}
        return Step(
            path=path,
            kind=kind,
            referrer=referrer,
            place=place,
            depth=depth,
            expandable=expandable,
            otherwise=otherwise,
            page_of=page_of,
        )
