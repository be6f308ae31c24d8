"""What one BMC's protocol side can do and how much of it, by default for each personality."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from fleetd_emulators.hardware import Personality
from fleetd_emulators.protocol.accounts import STANDARD_RULES, AccountRules, Creation
from fleetd_emulators.protocol.problems import Json


class IfMatch(StrEnum):
    """Whether a PATCH carries the ETag of what it changes."""

    OPTIONAL = "optional"
    DEMANDED = "demanded"


class Expand(StrEnum):
    """How far ``$expand`` goes."""

    NONE = "none"
    ONE_LEVEL = "one-level"
    LEVELS = "levels"


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """Limits and abilities of one BMC's front; the full-table message is as its vendor's.

    Attributes:
        if_match: Whether a PATCH must name the ETag, and with ``if_match_status`` how its lack is
            answered; ``if_match_free`` are globs of paths where it need not.
        actions_refuse_if_match: A POST with If-Match is refused (iDRAC 10, quirk DEL-093).
        password_change_required: The first account must change its password before anything else.
        accounts: What is demanded of accounts.
    """

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
    if_match: IfMatch = IfMatch.OPTIONAL
    if_match_status: int = 412
    if_match_free: tuple[str, ...] = ()
    actions_refuse_if_match: bool = False
    password_change_required: bool = False
    accounts: AccountRules = STANDARD_RULES

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


# iLO's own privileges, one by one (Oem.Hpe.Privileges of an account).
_ILO_PRIVILEGES: Final = (
    *("LoginPriv", "RemoteConsolePriv", "UserConfigPriv", "iLOConfigPriv", "VirtualMediaPriv"),
    *("VirtualPowerAndResetPriv", "HostBIOSConfigPriv", "HostNICConfigPriv"),
    *("HostStorageConfigPriv", "SystemRecoveryConfigPriv"),
)

PERSONALITIES: Final[dict[Personality, Features]] = {
    # About eight sessions in all; the ninth login fails until one times out (quirk DEL-008).
    # Sixteen slots of accounts, of which 1 is nobody's and 2 is root (quirk DEL-009).
    Personality.DELL: Features(
        session_limit=8,
        full_message_id="IDRAC.2.8.RAC0218",
        full_message="The maximum number of user sessions is reached.",
        page=50,
        accounts=AccountRules(
            creation=Creation.FILL_SLOT,
            slots=16,
            reserved=(1,),
            first="2",
            most=40,
            roles=("Administrator", "Operator", "ReadOnly", "None"),
            policy_writable=False,
        ),
    ),
    Personality.HPE: Features(
        expand=Expand.ONE_LEVEL,
        session_limit=12,
        full_message_id="iLO.2.23.SessionLimitReached",
        full_message="The maximum number of sessions has been reached.",
        accounts=AccountRules(
            slots=12,
            least=8,
            most=39,
            name=r"[^\s]{1,39}",
            policy_writable=False,
            privileges=("Hpe", _ILO_PRIVILEGES),
        ),
    ),
    Personality.SUPERMICRO: Features(
        expand=Expand.NONE,
        select=False,
        session_limit=16,
        accounts=AccountRules(
            slots=10, first="2", least=8, most=20, classes=3, name=r"[A-Za-z0-9_.-]{4,16}"
        ),
    ),
    # XCC holds sixteen sessions (quirk LEN-028), demands If-Match except for pending BIOS settings
    # (LEN-021), has accounts in slots (LEN-029) and locks out for a minute at least (LEN-033).
    Personality.LENOVO: Features(
        expand=Expand.LEVELS,
        expand_levels=2,
        session_limit=16,
        if_match=IfMatch.DEMANDED,
        if_match_free=("*/Bios/Pending", "*/UpdateService"),
        accounts=AccountRules(
            creation=Creation.FILL_SLOT,
            slots=12,
            least=10,
            most=32,
            classes=2,
            least_lockout_s=60,
            name=r"[A-Za-z0-9_.-]{1,16}",
        ),
    ),
    # Sessions end when idle for half an hour (quirk OBM-015); fifteen users at most (OBM-016).
    Personality.OPENBMC: Features(
        expand=Expand.LEVELS,
        session_limit=64,
        accounts=AccountRules(
            slots=15, by_name=True, least=8, most=20, name=r"[A-Za-z_][A-Za-z0-9_]{0,15}"
        ),
    ),
    # Passwords of thirteen to twenty signs, and an If-Match on every change (quirk AMI-002).
    Personality.AMI: Features(
        expand_levels=5,
        if_match=IfMatch.DEMANDED,
        if_match_status=428,
        accounts=AccountRules(first="2", least=13, most=20, name=r"[A-Za-z0-9_-]{1,16}"),
    ),
    # Ids of accounts are names; a lock-out lasts ten minutes and cannot be off (quirk NVD-019).
    Personality.NVIDIA: Features(
        expand_levels=5,
        session_limit=64,
        accounts=AccountRules(
            slots=15,
            by_name=True,
            least=8,
            most=20,
            least_lockout_s=600,
            allows_no_lockout=False,
            name=r"[A-Za-z_][A-Za-z0-9_]{0,15}",
        ),
    ),
    # Every PATCH carries the ETag of what it changes (quirk FTS-020).
    Personality.FUJITSU: Features(
        expand=Expand.ONE_LEVEL,
        if_match=IfMatch.DEMANDED,
        accounts=AccountRules(least=8, classes=3),
    ),
    # As with iBMC (quirk HWX-001).
    Personality.HUAWEI: Features(
        expand=Expand.NONE,
        session_limit=4,
        if_match=IfMatch.DEMANDED,
        accounts=AccountRules(first="2", least=8, most=20, classes=3),
    ),
    Personality.GENERIC: Features(),
}
