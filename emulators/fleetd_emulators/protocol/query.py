"""$expand, $select, $top, $skip and only on a GET (DSP0266 "Query parameters")."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import parse_qsl, quote

from fleetd_emulators.protocol.exchange import Response
from fleetd_emulators.protocol.features import Expand, Features
from fleetd_emulators.protocol.problems import Json, problem

Fetch = Callable[[str], Awaitable[Json | None]]

EXPAND: Final = re.compile(r"^([.*~])(?:\(\$levels=(\d+)\))?$")
KEPT: Final = ("@odata.id", "@odata.type", "@odata.context", "@odata.etag")


class Unanswerable(Exception):
    """The query asks for what this BMC cannot do."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status)
        self.response = response


def _unsupported(name: str) -> Unanswerable:
    return Unanswerable(
        problem(501, "QueryNotSupported", f"The query parameter '{name}' is not supported.")
    )


def _invalid(name: str, value: str) -> Unanswerable:
    return Unanswerable(
        problem(
            400,
            "QueryParameterValueTypeError",
            f"The value '{value}' for the query parameter '{name}' is not valid.",
        )
    )


async def shape(document: Json, query: str, features: Features, fetch: Fetch) -> Json:
    """The document as the query wants it.

    ``fetch`` gives the document at a path of the same BMC, or None where there is none.

    Raises:
        Unanswerable: With the error to send.
    """
    asked = dict(parse_qsl(query, keep_blank_values=True))
    for name in asked:
        if name.startswith("$") and name not in {"$expand", "$select", "$top", "$skip"}:
            raise _unsupported(name)
    if "only" in asked:
        document = await _only(document, asked, fetch)
    document = _window(document, asked, features)
    if "$expand" in asked:
        document = await _expanded(document, asked["$expand"], features, fetch)
    if "$select" in asked:
        if not features.select:
            raise _unsupported("$select")
        document = _selected(document, asked["$select"])
    return document


async def _only(document: Json, asked: dict[str, str], fetch: Fetch) -> Json:
    if asked["only"]:
        raise _invalid("only", asked["only"])
    members = document.get("Members")
    if not isinstance(members, list):
        raise Unanswerable(
            problem(
                400,
                "QueryNotSupportedOnResource",
                "Querying with 'only' is not supported on the requested resource.",
            )
        )
    if len(members) != 1:
        return document
    return await fetch(members[0]["@odata.id"]) or document


def _window(document: Json, asked: dict[str, str], features: Features) -> Json:
    members = document.get("Members")
    explicit = {"$top", "$skip"} & asked.keys()
    if explicit and not features.top_skip:
        raise _unsupported(min(explicit))
    if not isinstance(members, list) or not (explicit or features.page):
        return document
    skip = _number("$skip", asked, 0)
    top = _number("$top", asked, len(members))
    wanted = members[skip : skip + top]
    page = wanted[: features.page] if features.page else wanted
    if len(page) == len(members):
        return document
    document = {**document, "Members": page, "Members@odata.count": len(members)}
    if len(page) < len(wanted):
        after = quote(f"$skip={skip + len(page)}", safe="$=")
        document["Members@odata.nextLink"] = f"{document['@odata.id']}?{after}"
    return document


def _number(name: str, asked: dict[str, str], default: int) -> int:
    text = asked.get(name)
    if text is None:
        return default
    if not text.isdecimal():
        raise _invalid(name, text)
    return int(text)


def _selected(document: Json, wanted: str) -> Json:
    tops = {part.strip().split("/")[0] for part in wanted.split(",")}
    return {
        key: value
        for key, value in document.items()
        if key in KEPT or key.split("@")[0] in tops or key in tops
    }


async def _expanded(document: Json, value: str, features: Features, fetch: Fetch) -> Json:
    if features.expand is Expand.NONE:
        raise _unsupported("$expand")
    match = EXPAND.match(value)
    if match is None:
        raise _invalid("$expand", value)
    levels = int(match[2] or 1)
    limit = features.expand_levels if features.expand is Expand.LEVELS else 1
    if not 1 <= levels <= limit:
        raise _invalid("$expand", value)
    return await _Expansion(match[1], fetch).document(document, levels)


class _Expansion:
    """Puts documents in the place of links: "." all but Links, "~" only Links, "*" both."""

    def __init__(self, which: str, fetch: Fetch) -> None:
        self._which = which
        self._fetch = fetch

    async def document(self, document: Json, levels: int) -> Json:
        result: Json = {}
        for key, value in document.items():
            in_links = key == "Links"
            wanted = (self._which != "~") if not in_links else (self._which != ".")
            skipped = key.startswith("@") or not wanted
            result[key] = value if skipped else await self._value(value, levels)
        return result

    async def _value(self, value: Any, levels: int) -> Any:
        if isinstance(value, list):
            return [await self._value(item, levels) for item in value]
        if not isinstance(value, dict):
            return value
        if value.keys() == {"@odata.id"}:
            return await self._link(value, levels)
        return {key: await self._value(item, levels) for key, item in value.items()}

    async def _link(self, link: Json, levels: int) -> Json:
        target = await self._fetch(link["@odata.id"])
        if target is None:
            return link
        target = {**link, **target}  # captured bodies may lack their own link
        return await self.document(target, levels - 1) if levels > 1 else target
