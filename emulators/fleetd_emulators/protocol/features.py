"""What one BMC's protocol side can do and how much of it, by default for each personality."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from fleetd_emulators.hardware import Personality
from fleetd_emulators.protocol.problems import Json


class Expand(StrEnum):
    """How far ``$expand`` goes."""

    NONE = "none"
    ONE_LEVEL = "one-level"
    LEVELS = "levels"


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """Limits and abilities of one BMC's front; the full-table message is as its vendor's."""

    expand: Expand = Expand.LEVELS
    expand_levels: int = 6
    select: bool = True
    top_skip: bool = True
    page: int | None = None
    basic: bool = True
    session_limit: int = 16
    session_timeout_s: float = 1800.0
    full_message_id: str = "SessionLimitExceeded"
    full_message: str = (
        "The session establishment failed due to the number of simultaneous sessions "
        "exceeding the limit of the implementation."
    )
    lockout_attempts: int = 5
    lockout_s: float = 300.0

    def agreeing_with(self, root: Json) -> Features:
        """These features, with queries as the backend's own service root promises them."""
        promised = root.get("ProtocolFeaturesSupported")
        if promised is None:
            return self
        query = promised.get("ExpandQuery", {})
        expand = Expand.NONE
        if query.get("NoLinks") or query.get("ExpandAll"):
            expand = Expand.LEVELS if query.get("Levels") else Expand.ONE_LEVEL
        return replace(
            self,
            expand=expand,
            expand_levels=query.get("MaxLevels", self.expand_levels),
            select=bool(promised.get("SelectQuery")),
        )

    def supported(self) -> Json:
        """The root's ProtocolFeaturesSupported (DSP0268 "ServiceRoot")."""
        expands = self.expand is not Expand.NONE
        query: Json = {"ExpandAll": expands, "Links": expands, "NoLinks": expands}
        if expands:
            query["Levels"] = self.expand is Expand.LEVELS
            query["MaxLevels"] = self.expand_levels if self.expand is Expand.LEVELS else 1
        return {
            "ExpandQuery": query,
            "FilterQuery": False,
            "SelectQuery": self.select,
            "TopSkipQuery": self.top_skip,
            "OnlyMemberQuery": True,
            "ExcerptQuery": False,
        }


PERSONALITIES: Final[dict[Personality, Features]] = {
    # About eight sessions in all; the ninth login fails until one times out (quirk DEL-008).
    Personality.DELL: Features(
        session_limit=8,
        full_message_id="IDRAC.2.8.RAC0218",
        full_message="The maximum number of user sessions is reached.",
        page=50,
    ),
    Personality.HPE: Features(
        expand=Expand.ONE_LEVEL,
        session_limit=12,
        full_message_id="iLO.2.23.SessionLimitReached",
        full_message="The maximum number of sessions has been reached.",
    ),
    Personality.SUPERMICRO: Features(expand=Expand.NONE, select=False, session_limit=16),
    # XCC holds sixteen sessions (quirk LEN-028).
    Personality.LENOVO: Features(expand=Expand.LEVELS, expand_levels=2, session_limit=16),
    Personality.OPENBMC: Features(expand=Expand.LEVELS, session_limit=64),
    Personality.GENERIC: Features(),
}
