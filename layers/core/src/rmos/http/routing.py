"""Routes that check who calls and what they send before anything of ours runs."""

from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Mapping
from typing import Any, get_args, get_origin

from fastapi import APIRouter, Request, Response
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel
from starlette.convertors import Convertor, register_url_convertor

from rmos.canonical import SHA256_FORM
from rmos.errors import FieldProblem, Invalid, Unsupported
from rmos.http.access import RoleRequirement, requirement_of
from rmos.http.field_names import instead_of
from rmos.http.head import RouteWithHead
from rmos.http.json_input import MAX_BODY_BYTES, parse_strictly, read_body
from rmos.http.problems import problem_responses


class _Sha256InPath(Convertor[str]):
    """Lets `/{sha256:sha256}` fit digests only, so that words beside it stay paths of their own."""

    regex = SHA256_FORM

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("sha256", _Sha256InPath())


class GuardedRoute(RouteWithHead):
    """A route that checks, in this order: the caller's role, the body's size and JSON, the parameters, the fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # FastAPI's own thirty parameters
        super().__init__(*args, **kwargs)
        if self.body_field is not None:
            self.responses = problem_responses(413, 415) | self.responses

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        requirement = requirement_of(self.dependant)
        if requirement is None:
            raise TypeError(f"{self.path} takes no role (Viewer, Operator, Reviewer or Admin)")
        handle = _with_known_parameters(dict(_query_parameters(self.dependant)), super().get_route_handler())
        if self.body_field is None:
            return _guarded(requirement, handle)
        return _guarded(requirement, _with_strict_json(handle))


class Router(APIRouter):
    """A router of guarded routes; each documents the errors that any of them can answer."""

    def __init__(self, prefix: str, tag: str) -> None:
        super().__init__(
            prefix=prefix,
            tags=[tag],
            route_class=GuardedRoute,
            responses=problem_responses(400, 401, 403, 422, 500, 503),
        )


def _guarded(
    requirement: RoleRequirement, handle: Callable[[Request], Coroutine[Any, Any, Response]]
) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    async def guarded(request: Request) -> Response:
        await requirement.admit(request)
        return await handle(request)

    return guarded


def _with_known_parameters(
    takes_several: Mapping[str, bool], handle: Callable[[Request], Coroutine[Any, Any, Response]]
) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    """Refuse parameters that nothing reads: a misspelt filter would otherwise list everything.

    Of one that takes a single value the first of two would not be read either: whoever means "one or the other" would
    not hear of it.
    """

    async def known(request: Request) -> Response:
        given = Counter(name for name, _ in request.query_params.multi_items())
        problems = [
            FieldProblem(f"?{name[:100]}", f"unknown parameter; {instead_of(name, takes_several)}")
            for name in given
            if name not in takes_several
        ]
        problems += [
            FieldProblem(f"?{name}", "takes one value, and is given more than once")
            for name, times in given.items()
            if times > 1 and not takes_several.get(name, True)
        ]
        if problems:
            raise Invalid("the address has parameters that this operation does not take", problems=problems)
        return await handle(request)

    return known


def _query_parameters(dependant: Dependant) -> Iterator[tuple[str, bool]]:
    """Yield the name of each query parameter, and whether it takes several values."""
    for parameter in dependant.query_params:
        annotation = parameter.field_info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            for name, field in annotation.model_fields.items():
                yield field.alias or name, _is_sequence(field.annotation)
        else:
            yield parameter.alias, _is_sequence(annotation)
    for dependency in dependant.dependencies:
        yield from _query_parameters(dependency)


def _is_sequence(annotation: object) -> bool:
    return get_origin(annotation) in {list, tuple} or any(_is_sequence(each) for each in get_args(annotation))


def _with_strict_json(
    handle: Callable[[Request], Coroutine[Any, Any, Response]],
) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    async def strict(request: Request) -> Response:
        raw = await read_body(request, MAX_BODY_BYTES)
        if raw:
            _require_json(request)
            # FastAPI asks the request for its body and its JSON; Starlette keeps both under these names.
            request._json = parse_strictly(raw)  # noqa: SLF001
        request._body = raw  # noqa: SLF001
        return await handle(request)

    return strict


def _require_json(request: Request) -> None:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise Unsupported("send the body as `Content-Type: application/json`")
