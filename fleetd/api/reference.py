"""docs/api.md and docs/openapi.json from the code.

``python -m fleetd.api.reference`` writes them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from fleetd.api import openapi
from fleetd.api import problems as table
from fleetd.api.idempotency import HEADER as IDEMPOTENCY_HEADER
from fleetd.api.route import Route
from fleetd.api.routes import ROUTES
from fleetd.domain.attributes import ATTRIBUTES

_OPENING: Final = f"""\
<!-- Made by `python -m fleetd.api.reference`; a test fails where it differs from the code. -->

# REST API

`docs/openapi.json`, also served at `/v1/openapi.json`, has every schema. JSON in and out, UTC
times in ISO 8601.

**Who may.** With tokens configured, send one as `Authorization: Bearer TOKEN`. Roles: reader,
operator (holds reader), admin (holds both). Without tokens the API listens on loopback only,
everybody is admin, and the `Host` header must name loopback; a browser's request on behalf of
another site is refused where it would change something.

**Pages.** A listing answers `items` and `marker`. Give `marker` back to get the next page; it is
null on the last. `limit` asks for the most items, up to the server's own limit.

**Work that takes long** answers 201 or 202 with `Location`. Send an `{IDEMPOTENCY_HEADER}` and a
repeat of the same request gets the same answer (marked `Idempotency-Replayed: true`) without the
work being done twice; the same key with another request is refused. Keys are kept for 24 hours,
for each caller, until fleetd restarts.

**Conditional requests.** Where `ETag` is marked, `If-None-Match` gets a 304 without a body. Where
`If-Match` is marked, a change is refused with 412 if the resource isn't any more as it was read.

**Events.** `/v1/discoveries/{{discovery_id}}/events` is a stream of server-sent events: `progress`
with the discovery as data, at the end `done`; `error` with a problem if it can't go on. Comments
keep a quiet stream alive.

**Every answer** carries `X-Request-Id` (the client's own, if it sent a usable one), under which
the log has the request. Answers from 1 KiB are compressed for a client that accepts gzip. Every
GET but the stream also answers HEAD.
"""


def markdown() -> str:
    """The reference for people."""
    parts = [_OPENING, *_operations(), *_problems(), *_attributes()]
    # Docstrings mark code as reStructuredText does.
    return "\n".join(parts).replace("``", "`") + "\n"


def _operations() -> Iterator[str]:
    for tag, text in openapi.TAGS.items():
        yield f"## {tag.capitalize()}\n\n{text}.\n"
        for route in ROUTES:
            if route.tag == tag:
                yield from _operation(route)


def _operation(route: Route) -> Iterator[str]:
    yield f"### {route.method} {route.path}\n"
    yield f"{route.summary}. {route.description}".strip() + "\n"
    yield f"- Role: {route.role.value if route.role else 'none needed'}"
    yield from _members("Query", route.query)
    if route.body is not None:
        yield from _members("Body", route.body)
    answer = route.response.__name__ if route.response else route.media_type
    if route.status is HTTPStatus.NO_CONTENT:
        answer = ""
    yield f"- Answers: {route.status.value} {answer}".rstrip()
    marks = {
        "`ETag`": route.conditional,
        "`If-Match`": route.heeds_if_match,
        f"`{IDEMPOTENCY_HEADER}`": route.starts_work,
    }
    if any(marks.values()):
        yield f"- Heeds: {', '.join(name for name, holds in marks.items() if holds)}"
    codes = (error.code for errors in openapi.statuses(route).values() for error in errors)
    yield f"- Problems: {', '.join(codes)}\n"


def _members(title: str, model: type[BaseModel]) -> Iterator[str]:
    if not model.model_fields:
        return
    yield f"- {title}:"
    for name, item in model.model_fields.items():
        need = "; required" if item.is_required() else ""
        text = f": {' '.join(item.description.split())}" if item.description else ""
        yield f"    - `{name}`{need}{text}"


def _problems() -> Iterator[str]:
    yield "## Problems\n"
    yield (
        f"Errors are RFC 9457 problems (`{table.CONTENT_TYPE}`); `type` is "
        f"`{table.TYPE_PREFIX}` and the slug. `next` says what may help: `later` (with "
        "Retry-After), `human` or `never`. Faults of a body or query are listed in `errors`, "
        "each with a JSON pointer or the parameter's name.\n"
    )
    yield "| slug | status | next | title |\n| --- | --- | --- | --- |"
    for error, status in table.STATUSES.items():
        yield f"| {error.code} | {status.value} | {error.next.value} | {openapi.title(error)} |"
    yield ""


def _attributes() -> Iterator[str]:
    yield "## Attributes of components\n"
    yield "By kind, what `attributes` may hold; absent means unknown.\n"
    for kind, names in ATTRIBUTES.items():
        yield f"**{kind.value}**: " + "; ".join(
            f"`{name}` ({form})" for name, form in names.items()
        )
        yield ""


def main() -> None:
    """Write both files into the directory given, or docs."""
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "docs")
    (target / "openapi.json").write_bytes(openapi.render())
    (target / "api.md").write_text(markdown(), encoding="utf-8")


if __name__ == "__main__":
    main()
