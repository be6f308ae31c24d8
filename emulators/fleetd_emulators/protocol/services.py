"""The resources that belong to the front itself: sessions, and the protocol's documents.

Source: DSP0268 "SessionService", "Session"; DSP0266 "OData metadata document" and
"OData service document".
"""

from __future__ import annotations

from typing import Final

from fleetd_emulators.protocol.account_service import ACCOUNT_SERVICE, ACCOUNTS
from fleetd_emulators.protocol.accounts import Account
from fleetd_emulators.protocol.exchange import Request, Response
from fleetd_emulators.protocol.features import Features
from fleetd_emulators.protocol.gate import Gate, Session
from fleetd_emulators.protocol.problems import (
    Json,
    bad_json,
    collection,
    extended,
    json_response,
    not_allowed,
    not_found,
    parse_object,
    problem,
)

ROOT: Final = "/redfish/v1"
SESSION_SERVICE: Final = f"{ROOT}/SessionService"
SESSIONS: Final = f"{SESSION_SERVICE}/Sessions"

METADATA: Final = b"""<?xml version="1.0" encoding="UTF-8"?>
<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0">
  <edmx:Reference Uri="http://redfish.dmtf.org/schemas/v1/ServiceRoot_v1.xml">
    <edmx:Include Namespace="ServiceRoot"/>
    <edmx:Include Namespace="ServiceRoot.v1_16_0"/>
  </edmx:Reference>
  <edmx:DataServices>
    <Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="Service">
      <EntityContainer Name="Service" Extends="ServiceRoot.v1_16_0.ServiceContainer"/>
    </Schema>
  </edmx:DataServices>
</edmx:Edmx>
"""


def decorate_root(root: Json, features: Features) -> Json:
    """The backend's service root with what the front adds to it."""
    links = {"Sessions": {"@odata.id": SESSIONS}, **root.get("Links", {})}
    return {
        "ProtocolFeaturesSupported": features.supported(),
        "SessionService": {"@odata.id": SESSION_SERVICE},
        "AccountService": {"@odata.id": ACCOUNT_SERVICE},
        **root,
        "Links": links,
    }


def service_document(root: Json) -> Response:
    """The OData service document made from the root's links."""
    value = [{"name": "Service", "kind": "Singleton", "url": f"{ROOT}/"}]
    value += [
        {"name": key, "kind": "Singleton", "url": link["@odata.id"]}
        for key, link in root.items()
        if isinstance(link, dict) and link.keys() == {"@odata.id"}
    ]
    return json_response({"@odata.context": f"{ROOT}/$metadata", "value": value})


class FrontServices:
    """The session service and its sessions."""

    def __init__(self, gate: Gate, features: Features) -> None:
        self._gate = gate
        self._features = features

    def login(self, request: Request) -> Response:
        """POST to the session collection; needs no authentication."""
        body = parse_object(request.body)
        if body is None:
            return bad_json()
        username, password = body.get("UserName"), body.get("Password")
        if not isinstance(username, str) or not isinstance(password, str):
            return problem(
                400,
                "PropertyMissing",
                "The properties UserName and Password are required and must be strings.",
            )
        session = self._gate.login(username, password)
        if isinstance(session, Response):
            return session
        document = self._session(session)
        account = self._gate.accounts.named(username)
        if account is not None and account.must_change:
            document["@Message.ExtendedInfo"] = [_change_password(account)]
        return json_response(
            document,
            status=201,
            headers={
                "location": f"{SESSIONS}/{session.id}",
                "x-auth-token": session.token,
            },
        )

    def handle(self, request: Request) -> Response | None:
        """Answer for a resource of the front's; None says it is not one."""
        path = request.path
        if path == SESSION_SERVICE:
            return self._get_only(request, self._service())
        if path == SESSIONS:
            members = [f"{SESSIONS}/{one.id}" for one in self._gate.sessions]
            return self._get_only(
                request,
                collection(SESSIONS, "SessionCollection", "Sessions", members),
                allowed="GET, HEAD, POST",
            )
        if path.startswith(f"{SESSIONS}/"):
            return self._one_session(request, path.removeprefix(f"{SESSIONS}/"))
        return None

    @staticmethod
    def _get_only(request: Request, document: Json, allowed: str = "GET, HEAD") -> Response:
        if request.method != "GET":
            return not_allowed(request.method, request.path, allowed)
        return json_response(document)

    def _one_session(self, request: Request, session_id: str) -> Response:
        session = self._gate.find(session_id)
        if session is None:
            return not_found(request.path)
        if request.method == "DELETE":
            self._gate.logout(session)
            return Response(status=204)
        return self._get_only(request, self._session(session), "GET, HEAD, DELETE")

    def _service(self) -> Json:
        return {
            "@odata.id": SESSION_SERVICE,
            "@odata.type": "#SessionService.v1_1_8.SessionService",
            "Id": "SessionService",
            "Name": "Session Service",
            "ServiceEnabled": True,
            "SessionTimeout": int(self._features.session_timeout_s),
            "Status": {"State": "Enabled", "Health": "OK"},
            "Sessions": {"@odata.id": SESSIONS},
        }

    @staticmethod
    def _session(session: Session) -> Json:
        return {
            "@odata.id": f"{SESSIONS}/{session.id}",
            "@odata.type": "#Session.v1_5_0.Session",
            "Id": session.id,
            "Name": "User Session",
            "UserName": session.username,
            "SessionType": "Redfish",
        }


def _change_password(account: Account) -> Json:
    """DSP0266 "Password change required": the login's answer says so and where."""
    own = f"{ACCOUNTS}/{account.id}"
    return extended(
        "PasswordChangeRequired",
        "The password provided for this account must be changed before access is granted. "
        f"PATCH the Password property of the account at {own}.",
        resolution="Change the password for this account.",
        arguments=(own,),
    )
