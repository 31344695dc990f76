"""Every error as RFC 9457 problem+json, and the one table from error to status."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any, TypeAlias

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, WithJsonSchema
from starlette.exceptions import HTTPException
from starlette.routing import Match

from rmos import errors
from rmos.errors import FieldProblem, RmosError
from rmos.http.field_names import instead_of, names_at
from rmos.incidents import report_damage
from rmos.request_context import require_request_id

MEDIA_TYPE = "application/problem+json"
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
"""Those that some path answers."""
_URN = "urn:rmos:problem:"
_RETRY_AFTER_S = "1"

STATUS_OF: dict[type[RmosError], int] = {
    errors.Malformed: 400,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Refused: 409,
    errors.PreconditionFailed: 412,
    errors.TooLarge: 413,
    errors.Unsupported: 415,
    errors.RangeNotSatisfiable: 416,
    errors.Invalid: 422,
    errors.Corrupt: 500,
    errors.Busy: 503,
    RmosError: 500,
}


class FieldError(BaseModel):
    """One field that is wrong.

    `pointer` is an RFC 6901 pointer into the body; `?name` a query parameter, `{name}` a part of the path and
    `name:` a header.
    """

    pointer: str
    detail: str


class Problem(BaseModel):
    """RFC 9457 problem details; `instance` is the request id."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[FieldError] | None = None


ProblemDocument: TypeAlias = Annotated[dict[str, object], WithJsonSchema({"$ref": "#/components/schemas/Problem"})]
"""A problem as it is written: without the `errors` that it does not have."""


class ProblemResponse(JSONResponse):
    media_type = MEDIA_TYPE


def status_of(error: RmosError) -> int:
    """Return the HTTP status of an error."""
    return status_of_kind(type(error))


def status_of_kind(kind: type[RmosError]) -> int:
    """Return the HTTP status of errors of `kind`: that of its nearest ancestor in the table."""
    return next(STATUS_OF[cause] for cause in kind.__mro__ if cause in STATUS_OF)


def problem_document(error: RmosError) -> ProblemDocument:
    """Return the problem+json document of `error`, bound to the present request."""
    document: ProblemDocument = {
        "type": _URN + error.slug,
        "title": error.title,
        "status": status_of(error),
        "detail": error.detail,
        "instance": require_request_id(),
    }
    if error.problems:
        document["errors"] = [{"pointer": each.pointer, "detail": each.detail} for each in error.problems]
    return document | error.extensions


def problem_response(error: RmosError) -> ProblemResponse:
    status = status_of(error)
    headers = dict(error.headers)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.setdefault("Retry-After", _RETRY_AFTER_S)
    return ProblemResponse(problem_document(error), status_code=status, headers=headers)


async def on_rmos_error(_request: Request, error: Exception) -> ProblemResponse:
    """Answer an error of ours."""
    if not isinstance(error, RmosError):
        raise TypeError(type(error).__name__)
    if isinstance(error, errors.Corrupt):
        report_damage(error)
    return problem_response(error)


async def on_http_exception(request: Request, error: Exception) -> ProblemResponse:
    """Answer what the router itself refuses: an unknown path, a wrong method."""
    if not isinstance(error, HTTPException):
        raise TypeError(type(error).__name__)
    phrase = HTTPStatus(error.status_code).phrase
    document = {
        "type": _URN + phrase.lower().replace(" ", "-"),
        "title": phrase,
        "status": error.status_code,
        "detail": _ROUTER_DETAIL.get(error.status_code, phrase),
        "instance": require_request_id(),
    }
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(_methods_of(request)))
    return ProblemResponse(document, status_code=error.status_code, headers=headers)


def _methods_of(request: Request) -> set[str]:
    """Return all methods of a path; the router itself names those of the first route that fits it."""
    return {
        method
        for method in METHODS
        for route in request.app.routes
        if route.matches({**request.scope, "method": method})[0] is Match.FULL
    }


async def on_validation_error(request: Request, error: Exception) -> ProblemResponse:
    """Answer a request whose fields break their rules, each field named by its pointer."""
    if not isinstance(error, RequestValidationError):
        raise TypeError(type(error).__name__)
    return problem_response(invalid(field_problems(error.errors(), error.body, _body_model(request))))


def _body_model(request: Request) -> type[BaseModel] | None:
    """Return what the route of a request takes as its body; None where that is nothing, or no object."""
    field = getattr(request.scope.get("route"), "body_field", None)
    annotation = None if field is None else field.field_info.annotation
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def field_problems(
    found: Sequence[Mapping[str, Any]], body: object, model: type[BaseModel] | None
) -> list[FieldProblem]:
    """Return pydantic's findings as pointers into `body` (or names of parameters), one for each place and reason.

    `model` is what the body is read as: of the first twenty unknown fields it tells which were meant.
    """
    details = [_detail(each) for each in found]
    if model is not None:
        unknown = [position for position, each in enumerate(found) if each["type"] == _UNKNOWN]
        for position in unknown[:_MOST_HINTS]:
            *place, name = _steps(found[position]["loc"][1:], body)
            details[position] += f"; {instead_of(str(name), names_at(model, place))}"
    pairs = zip(found, details, strict=True)
    return list(dict.fromkeys(FieldProblem(_pointer(each, body), detail) for each, detail in pairs))


def body_problems(found: Iterable[Mapping[str, Any]], body: object, model: type[BaseModel]) -> list[FieldProblem]:
    """Return as `field_problems` what pydantic alone found of `body`: it counts places from there."""
    return field_problems([{**each, "loc": ("body", *each["loc"])} for each in found], body, model)


def invalid(problems: Sequence[FieldProblem]) -> errors.Invalid:
    """Return the error of a request with these problems."""
    return errors.Invalid(_summary(problems), problems=problems)


def internal_error() -> ProblemResponse:
    """Answer a fault of ours without saying anything of its inside; the log has it under the request id."""
    return problem_response(
        RmosError("the fault is logged under this request id; a repeat is safe with an Idempotency-Key")
    )


_ROUTER_DETAIL = {
    404: "nothing is served under this path; GET /openapi.json lists what is",
    405: "this path does not answer this method; the Allow header says which it does",
}

_STATUS_TEXT = {
    400: "A cursor, header or parameter that cannot be read",
    401: "No valid token",
    403: "The token's role is too small",
    404: "No such thing",
    405: "This path does not answer this method",
    409: "Well formed, but it may not happen now",
    412: "The resource changed meanwhile",
    413: "Body too large",
    415: "Not a media type or content coding that this operation reads",
    416: "No such bytes in the content",
    422: "Fields break their rules; `errors` points at each",
    500: "A fault of the server, or stored bytes that do not match their digest",
    503: "Busy; repeat it after `Retry-After` seconds, a create with its Idempotency-Key",
}


Responses: TypeAlias = dict[int | str, dict[str, Any]]
"""What a route documents of its answers, by status."""


def problem_responses(*statuses: int) -> Responses:
    """Return the OpenAPI `responses` of these error statuses."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": _STATUS_TEXT[status], "content": {MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def _summary(problems: Sequence[FieldProblem]) -> str:
    count = len(problems)
    return f"{count} field is wrong" if count == 1 else f"{count} fields are wrong"


_UNKNOWN = "extra_forbidden"
_MOST_HINTS = 20
"""A body may hold a hundred thousand unknown fields, and to find what is near one takes a tenth of a millisecond."""
_IN_WORDS_OF_JSON = {
    _UNKNOWN: "unknown field",
    "missing": "required, but missing",
    "dict_type": "an object is needed: {…}",
    "model_type": "an object is needed: {…}",
    "model_attributes_type": "an object is needed: {…}",
    "list_type": "a list is needed: […]",
    "tuple_type": "a list is needed: […]",
}
"""For what pydantic says in Python's."""


def _detail(found: Mapping[str, Any]) -> str:
    return _IN_WORDS_OF_JSON.get(found["type"]) or str(found["msg"]).removeprefix("Value error, ")


def _pointer(found: Mapping[str, Any], body: object) -> str:
    place, *rest = found["loc"]
    if place == "body":
        return json_pointer(_steps(rest, body))
    name = ".".join(str(part) for part in rest)
    return {"query": f"?{name}", "path": f"{{{name}}}"}.get(str(place), f"{name}:")


def json_pointer(steps: Sequence[str | int]) -> str:
    """Return the RFC 6901 pointer of these steps."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def _steps(loc: Sequence[str | int], body: object) -> list[str | int]:
    """Return the steps of `loc` that are real places in `body`.

    pydantic names the members of a union among them; those are no places that the sender could find.
    """
    steps: list[str | int] = []
    node = body
    for position, step in enumerate(loc):
        is_last = position == len(loc) - 1
        if isinstance(node, dict) and (step in node or is_last):
            steps.append(step)
            node = node.get(step)
        elif isinstance(node, list) and isinstance(step, int) and step < len(node):
            steps.append(step)
            node = node[step]
    return steps
