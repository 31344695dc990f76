"""What the OpenAPI document adds to what the routes say: examples that work."""

import pytest
from feasibility.models import EvaluateRequest
from rmos.drawing.request import PreviewRequest
from rmos.runs.models import RunCreate

from local.openapi import document

TAKERS = {
    "/api/rmos/feasibility/evaluate": EvaluateRequest,
    "/api/rmos/feasibility/preview": PreviewRequest,
    "/api/runs": RunCreate,
}


@pytest.fixture(scope="module")
def paths():
    return document()["paths"]


@pytest.mark.parametrize(("path", "model"), TAKERS.items())
def test_the_examples_of_an_operation_are_bodies_that_it_takes(paths, path, model):
    examples = paths[path]["post"]["requestBody"]["content"]["application/json"]["examples"]
    assert set(examples) == {"green", "red"}
    for example in examples.values():
        model.model_validate(example["value"])


def test_a_replacement_says_that_if_match_is_optional(paths):
    put = paths["/api/rmos/feasibility/tools/{row_id}"]["put"]
    (if_match,) = [each for each in put["parameters"] if each["name"] == "if-match"]
    assert not if_match["required"]
    assert "Without it" in if_match["description"]
