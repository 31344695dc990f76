import json
from pathlib import Path

import pytest
from rmos.errors import PreconditionFailed
from rmos.http.conditional import Precondition

OPENAPI = Path(__file__).parents[3] / "docs" / "openapi.json"
OPERATIONS = [
    pytest.param(method, operation, id=operation["operationId"])
    for path in json.loads(OPENAPI.read_text())["paths"].values()
    for method, operation in path.items()
]


@pytest.mark.parametrize(("method", "operation"), OPERATIONS)
def test_a_condition_is_documented_where_it_is_answered_and_nowhere_else(method, operation):
    headers = {each["name"].lower() for each in operation.get("parameters", []) if each["in"] == "header"}
    assert ("if-none-match" in headers) == ("304" in operation["responses"]) <= (method == "get")
    assert ("if-match" in headers) == ("412" in operation["responses"]) <= (method == "put")
    assert ("range" in headers) == ("206" in operation["responses"]) == ("416" in operation["responses"])


@pytest.mark.parametrize("if_match", [None, "*", " * ", '"a"', '"b", "a"', 'W/"a", "a"'])
def test_a_change_that_is_based_on_what_is_there_passes(if_match):
    Precondition(if_match).require_match('"a"')


@pytest.mark.parametrize("if_match", ["", '"b"', 'W/"a"', "a", '"A"', '"a', '"*"'])
def test_a_change_that_is_based_on_anything_else_is_refused(if_match):
    with pytest.raises(PreconditionFailed):
        Precondition(if_match).require_match('"a"')
