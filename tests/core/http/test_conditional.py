import json
from pathlib import Path

import pytest

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
