"""The error bodies of DSP0266 ("Error responses"), and JSON bodies in general."""

from __future__ import annotations

from typing import Any

import orjson

from fleetd_emulators.protocol.exchange import Response

REGISTRY = "Base.1.18"
JSON_TYPE = "application/json; charset=utf-8"

Json = dict[str, Any]


def json_response(
    document: Any, *, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Encode a document as a backend's answer."""
    return Response(
        status=status,
        headers={"content-type": JSON_TYPE, **(headers or {})},
        body=orjson.dumps(document),
    )


def problem(
    status: int,
    message_id: str,
    message: str,
    *,
    headers: dict[str, str] | None = None,
    resolution: str = "Correct the request and send it again.",
    arguments: tuple[str, ...] = (),
) -> Response:
    """An error body with one extended message.

    ``message_id`` is a key of the Base registry, or a full id when it holds a dot.
    """
    told = extended(message_id, message, resolution=resolution, arguments=arguments)
    return json_response(
        {
            "error": {
                "code": f"{REGISTRY}.GeneralError",
                "message": message,
                "@Message.ExtendedInfo": [told],
            }
        },
        status=status,
        headers=headers,
    )


def extended(
    message_id: str,
    message: str,
    *,
    resolution: str,
    arguments: tuple[str, ...] = (),
    severity: str = "Critical",
) -> Json:
    """One message of the Base registry, or of another where its id holds a dot (DSP0268)."""
    return {
        "@odata.type": "#Message.v1_1_1.Message",
        "MessageId": message_id if "." in message_id else f"{REGISTRY}.{message_id}",
        "Message": message,
        "MessageArgs": list(arguments),
        "MessageSeverity": severity,
        "Severity": severity,
        "Resolution": resolution,
    }


def not_found(path: str) -> Response:
    """No resource has this path."""
    return problem(404, "ResourceMissingAtURI", f"The resource at the URI '{path}' was not found.")


def not_allowed(method: str, path: str, allowed: str) -> Response:
    """The resource exists but does not take this method."""
    return problem(
        405,
        "OperationNotAllowed",
        f"The HTTP method {method} is not allowed on '{path}'.",
        headers={"allow": allowed},
    )


def bad_json() -> Response:
    """The client's body is not a JSON object."""
    return problem(400, "MalformedJSON", "The request body could not be parsed as a JSON object.")


def parse_object(body: bytes) -> Json | None:
    """The client's JSON object, or None where it is anything else."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return document if isinstance(document, dict) else None


def collection(path: str, kind: str, name: str, members: list[str]) -> Json:
    """A collection resource whose members are at these paths (DSP0266 "Collections")."""
    return {
        "@odata.id": path,
        "@odata.type": f"#{kind}.{kind}",
        "Name": name,
        "Members": [{"@odata.id": member} for member in members],
        "Members@odata.count": len(members),
    }
