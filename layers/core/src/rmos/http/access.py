"""Who may call a route: each route takes one of these roles as a parameter."""

from typing import Annotated

from fastapi import Request, Security
from fastapi.dependencies.models import Dependant
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from starlette.concurrency import run_in_threadpool

from rmos.errors import Forbidden
from rmos.identity import Authenticator, Principal, Role


class RoleRequirement(SecurityBase):
    """Lets in a principal whose role covers `role`; shown in the OpenAPI as the bearer scheme."""

    def __init__(self, role: Role) -> None:
        self.role = role
        self.model = HTTPBearer(description="A token from `rmos token create`: `rmos_<id>_<secret>`.")
        self.scheme_name = "RmosToken"

    async def __call__(self, request: Request) -> Principal:
        principal: Principal = request.state.principal
        return principal

    async def admit(self, request: Request) -> None:
        """Find out who calls and refuse whoever may not, before anything else of the request is read."""
        authenticator: Authenticator = request.app.state.authenticator()
        authorization = request.headers.get("authorization")
        principal = authenticator.recall(authorization)
        if principal is None:
            principal = await run_in_threadpool(authenticator.authenticate, authorization)
        request.scope["rmos.token_id"] = principal.token_id
        if not principal.role.covers(self.role):
            raise Forbidden(f"this needs the role {self.role.value}; the token has {principal.role.value}")
        request.state.principal = principal


def requirement_of(dependant: Dependant) -> RoleRequirement | None:
    """Return the role that a route asks for, or None when it asks for none."""
    calls = (dependency.call for dependency in dependant.dependencies)
    return next((call for call in calls if isinstance(call, RoleRequirement)), None)


Viewer = Annotated[Principal, Security(RoleRequirement(Role.VIEWER), scopes=[Role.VIEWER.value])]
Operator = Annotated[Principal, Security(RoleRequirement(Role.OPERATOR), scopes=[Role.OPERATOR.value])]
Reviewer = Annotated[Principal, Security(RoleRequirement(Role.REVIEWER), scopes=[Role.REVIEWER.value])]
Admin = Annotated[Principal, Security(RoleRequirement(Role.ADMIN), scopes=[Role.ADMIN.value])]
