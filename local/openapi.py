"""The OpenAPI document of all areas, as committed and as the front serves it."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final, NoReturn

from rmos.errors import RmosError
from rmos.feasibility.fields import FIELDS, FieldNeed, InputField
from rmos.http.app import create_app
from rmos.http.openapi import openapi_document
from rmos.http.problems import status_of_kind
from rmos.settings import Settings

from local.app import ROUTERS
from local.request_examples import examples

TAGS: Final = {
    "feasibility": "Can this be cut, why not, and what would help.",
    "reference rows": "Materials, tools, machines and presets: the built-in ones, and those of the workshop.",
    "runs": "The immutable record of every attempt: recorded, listed, compared, verified, exported.",
    "advisories": "Links to what people and programs said about a run. They decide nothing.",
    "attachments": "Files that belong to a run, and are shown to be unchanged.",
    "explanations": "Texts about a run, written from its assessments or sent along.",
    "front": "What anybody may ask, without a token.",
}
LICENCE: Final = {"name": "MIT", "identifier": "MIT"}
SCHEMA_OF: Final = {
    "design": "Design",
    "ring": "Ring",
    "cut": "Cut",
    "tool": "Tool",
    "machine": "Machine",
    "material": "Material",
}
"""Where the fields stand that the names of inputs begin with."""
SERVERS: Final = [{"url": "/", "description": "Where this document was read from"}]


def document() -> dict[str, Any]:
    """Return the document; the same code gives the same one, whatever the environment says."""
    described = openapi_document(create_app(ROUTERS, _no_stores, Settings.model_construct()))
    bodies = {
        operation["operationId"]: operation["requestBody"]["content"]
        for path in described["paths"].values()
        for operation in path.values()
        if "requestBody" in operation
    }
    for name, shown in examples().items():
        bodies[name]["application/json"]["examples"] = shown
    schemas = described["components"]["schemas"]
    _describe_inputs(schemas)
    schemas["Problem"]["properties"]["type"]["description"] = _refusals()
    tags = [{"name": name, "description": description} for name, description in TAGS.items()]
    described["info"]["license"] = LICENCE
    return described | {"servers": SERVERS, "tags": tags}


def document_text() -> str:
    """Return the document as it is kept: indented JSON, UTF-8, a line feed at the end."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def _describe_inputs(schemas: dict[str, Any]) -> None:
    """Say of each input what it is and what becomes of a verdict without it, which no schema can require."""
    for field in FIELDS:
        area, _, name = field.name.partition(".")
        schemas[SCHEMA_OF[area]]["properties"][name]["description"] = f"{field.text}{_if_absent(field)}"


def _if_absent(field: InputField) -> str:
    if field.need is FieldNeed.REQUIRED:
        return " Absent where it is needed, the verdict is UNKNOWN."
    return "" if field.default is None else f" Assumed {field.default} when absent."


def _refusals() -> str:
    """List what a caller can be refused for, each with the `type` that a program tells it by."""
    kinds = {(status_of_kind(kind), kind.slug): kind.title for kind in _kinds_under(RmosError)}
    lines = [
        f"- {status} `{slug}`: {title}"
        for (status, slug), title in sorted(kinds.items())
        if status < HTTPStatus.INTERNAL_SERVER_ERROR
    ]
    lead = "`urn:rmos:problem:` and one of these, or another word where the path, the method or the server is at fault:"
    return "\n".join([lead, "", *lines])


def _kinds_under(kind: type[RmosError]) -> Iterator[type[RmosError]]:
    for each in kind.__subclasses__():
        yield each
        yield from _kinds_under(each)


def _no_stores() -> NoReturn:
    raise PermissionError("describing the API needs no data")
