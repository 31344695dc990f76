"""Routers that are imported when a request first asks for one of their paths, so that a cold start loads few."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from importlib import import_module

from fastapi import APIRouter
from starlette.routing import BaseRoute, Match, compile_path
from starlette.types import Receive, Scope, Send


class LateRouter(BaseRoute):
    """Stands for the `router` of `module` until then; `beginnings` are what the paths of its routes begin with."""

    def __init__(self, module: str, *beginnings: str) -> None:
        self._module = module
        self._beginnings = [compile_path(f"{beginning}{{rest:path}}")[0] for beginning in beginnings]

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """What an app puts into its table."""
        return [self]

    @cached_property
    def router(self) -> APIRouter:
        router: APIRouter = import_module(self._module).router
        return router

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return what the first fitting route says, or else the first that only the method does not fit."""
        if not any(beginning.match(scope["path"]) for beginning in self._beginnings):
            return Match.NONE, {}
        found = [route.matches(scope) for route in self.router.routes]
        return max(found, key=lambda each: each[0].value)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the route that matched answer; FastAPI's routes leave themselves in the scope."""
        await scope["route"].handle(scope, receive, send)


def loaded(routers: Iterable[APIRouter | LateRouter]) -> list[APIRouter]:
    """Return `routers` with the late ones imported, for a process that serves them all."""
    return [each.router if isinstance(each, LateRouter) else each for each in routers]
