"""What goes wrong in the lab, in one plain sentence each."""

from __future__ import annotations


class LabError(Exception):
    """The lab cannot do what was asked; the message is meant for a person as it stands."""
