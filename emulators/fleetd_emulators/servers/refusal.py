"""What a BMC answers to a request that it will not do."""

from __future__ import annotations

from sushy_tools import error


class Refused(error.FishyError):  # type: ignore[misc]  # sushy-tools carries no types
    """The client's request is wrong for this resource or its state.

    It is one of sushy-tools' errors, so that its application lets it pass as an answer.

    Args:
        status: The HTTP status to answer.
        message_id: A key of the Base message registry (DSP8011).
        message: The sentence for people.
        allow: What a 405 says in its Allow header.
    """

    def __init__(
        self, status: int, message_id: str, message: str, *, allow: str | None = None
    ) -> None:
        super().__init__(message, code=status)
        self.status = status
        self.message_id = message_id
        self.message = message
        self.allow = allow


def unknown_property(name: str) -> Refused:
    """The resource has no such property."""
    return Refused(
        400, "PropertyUnknown", f"The property {name} is not in the list of valid properties."
    )


def read_only(name: str) -> Refused:
    """The property cannot be changed."""
    return Refused(400, "PropertyNotWritable", f"The property {name} is a read only property.")


def wrong_type(name: str, value: object) -> Refused:
    """The property wants another type."""
    return Refused(
        400,
        "PropertyValueTypeError",
        f"The value '{value}' for the property {name} is of a different type than accepted.",
    )


def not_in_list(name: str, value: object) -> Refused:
    """The property does not take this value."""
    return Refused(
        400,
        "PropertyValueNotInList",
        f"The value '{value}' for the property {name} is not in the list of acceptable values.",
    )


def missing_parameter(action: str, name: str) -> Refused:
    """The action needs a parameter that the request left out."""
    return Refused(
        400, "ActionParameterMissing", f"The action {action} requires the parameter {name}."
    )


def unknown_parameter(action: str, name: str) -> Refused:
    """The action has no such parameter."""
    return Refused(
        400, "ActionParameterUnknown", f"The action {action} does not have a parameter {name}."
    )


def bad_parameter(action: str, name: str, value: object) -> Refused:
    """The action's parameter does not take this value."""
    return Refused(
        400,
        "ActionParameterNotSupported",
        f"The parameter {name} of the action {action} does not take the value '{value}'.",
    )


def wrong_state(what: str) -> Refused:
    """The resource is not in a state in which this can be done."""
    return Refused(409, "ResourceInUse", f"The request cannot be done now: {what}.")
