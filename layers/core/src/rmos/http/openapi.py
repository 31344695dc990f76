"""The OpenAPI document, in the words that programs which make clients of it understand.

No server loads this: it serves the document as it was written once.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias

from fastapi import FastAPI

from rmos.http.problems import Problem

_Node: TypeAlias = dict[str, Any]

_REF: Final = "#/components/schemas/"
_BOUNDS: Final = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
_NULL: Final = {"type": "null"}


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of `app`, with the problem document that its errors refer to."""
    document = app.openapi()
    problem = Problem.model_json_schema(ref_template=_REF + "{model}")
    schemas: dict[str, _Node] = document.setdefault("components", {}).setdefault("schemas", {})
    schemas |= problem.pop("$defs") | {"Problem": problem}
    _name_plainly(document)
    for node in _nodes(document):
        _bound_by_keywords(node)
        _tell_items(node)
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    for parameter in (each for operation in operations for each in operation.get("parameters", ())):
        _leave_null_out(parameter["schema"])
        if parameter["in"] == "header":
            parameter["name"] = parameter["name"].title()
    tagged = [_schema_of(operation, "200") for operation in operations if "if-none-match" in _taken_by(operation)]
    for operation in operations:
        operation["summary"] = operation["operationId"].replace("_", " ").capitalize()
        _tell_role(operation)
        _show_headers(operation, tagged)
    return document


def _name_plainly(document: _Node) -> None:
    """Call what is sent and what is shown of one thing `Tool` and `ToolOutput`, and title each schema by its name.

    FastAPI calls them `Tool-Input` and `Tool-Output`, both with the title Tool. Generators make a class of the title,
    or of the name without its hyphen, and leave out whatever comes second.

    Raises:
        ValueError: two would have one name, or one is named by its module since another has its name.
    """
    schemas: dict[str, _Node] = document["components"]["schemas"]
    names = {name: name.removesuffix("-Input").replace("-", "") for name in schemas}
    unclear = [name for name, plain in names.items() if "__" in plain or list(names.values()).count(plain) > 1]
    if unclear:
        raise ValueError(f"two models of one name: {', '.join(unclear)}")
    for node in _nodes(document):
        if isinstance(ref := node.get("$ref"), str):
            node["$ref"] = _REF + names[ref.removeprefix(_REF)]
    document["components"]["schemas"] = {
        names[name]: schema | {"title": names[name]} for name, schema in schemas.items()
    }


def _bound_by_keywords(node: _Node) -> None:
    """Say bounds as JSON Schema does: pydantic names those of a quantity, a number or text with a unit, by itself."""
    bounds = {keyword: node.pop(name) for name, keyword in _BOUNDS.items() if isinstance(node.get(name), int | float)}
    for form in node.get("anyOf", (node,)) if bounds else ():
        if form.get("type") in {"number", "integer"}:
            form.update(bounds)


def _tell_items(node: _Node) -> None:
    """Say of a tuple's items what they are in the word, too, that came before `prefixItems`."""
    if "prefixItems" in node:
        node.setdefault("items", node["prefixItems"][0])


def _leave_null_out(schema: _Node) -> None:
    """Leave null, which no parameter can be, out of the schema of one that may be absent."""
    forms = [form for form in schema.get("anyOf", ()) if form != _NULL]
    if len(forms) == 1:
        del schema["anyOf"]
        schema |= forms[0]


def _tell_role(operation: _Node) -> None:
    """Tell programs and people which role an operation needs.

    OpenAPI 3.1 lets role names stand in `security` for any scheme; the usual linter knows them of OAuth2 alone.
    """
    for needed in operation.get("security", ()):
        for scheme, roles in needed.items():
            needed[scheme] = []
            operation["x-required-role"] = roles[0]
            operation["responses"]["403"]["description"] += f": this needs {roles[0]}"


def _show_headers(operation: _Node, tagged: Sequence[object]) -> None:
    """Show the headers that answers of an operation carry beside X-Request-Id, which all do.

    `tagged` are the schemas of what is read with a tag, and so is told its tag when it is made.
    """
    for status, response in operation["responses"].items():
        is_tagged_new = status == "201" and _schema_of(operation, status) in tagged
        names = [*_headers_of(status, _taken_by(operation)), *(["ETag"] if is_tagged_new else [])]
        if names:
            response["headers"] = {name: _HEADERS[name] for name in names}


def _headers_of(status: str, taken: set[str]) -> Iterator[str]:
    if status in {"200", "206", "304"} and taken & {"if-none-match", "if-match"}:
        yield "ETag"
    if status in {"201", "307"}:
        yield "Location"
    if status[0] == "2" and "idempotency-key" in taken:
        yield "Idempotent-Replayed"
    if status == "401":
        yield "WWW-Authenticate"
    if status == "503":
        yield "Retry-After"


def _taken_by(operation: _Node) -> set[str]:
    return {parameter["name"].lower() for parameter in operation.get("parameters", ())}


def _schema_of(operation: _Node, status: str) -> object:
    """Return the schema of the JSON that an operation answers with; an empty one where it is none."""
    return operation["responses"][status].get("content", {}).get("application/json", {}).get("schema", {})


def _header(description: str, **schema: str) -> _Node:
    return {"description": description, "schema": schema or {"type": "string"}}


_HEADERS: Final = {
    "ETag": _header("The tag for `If-None-Match` and `If-Match`"),
    "Location": _header("Where it is"),
    "Idempotent-Replayed": _header("`true` where this is the first answer to the `Idempotency-Key` again"),
    "WWW-Authenticate": _header('Always `Bearer realm="rmos"`'),
    "Retry-After": _header("Seconds to wait before the request is repeated", type="integer"),
}


def _nodes(value: object) -> Iterator[_Node]:
    """Yield every object in `value`, itself first."""
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _nodes(each)
