"""A picture on request."""

import json

import pytest
from pydantic import ValidationError
from rmos.design.units import DisplayUnits
from rmos.drawing.preview import draw_preview
from rmos.drawing.request import Layer, PreviewRequest
from rmos.drawing.rosette import draw_rosette
from rmos.feasibility.registry import EngineNotFound
from rmos.feasibility.resolution import UnknownRow

from tests.support.drawings import ids, texts
from tests.support.rosettes import REGISTRY, body_of, changed

SPANISH = body_of("spanish-rosette")


def asked(body, **more):
    return draw_preview(PreviewRequest.model_validate_json(json.dumps(body | more)), REGISTRY, "baseline_v1")


def test_with_a_context_the_ring_that_binds_is_marked():
    assert "binding: ring 4" in texts(asked(SPANISH))


def test_a_limit_of_a_cut_in_a_ring_marks_that_ring():
    body = body_of("classical-green")
    ring_cut = body["context"]["cuts"][0] | {"target": "RING", "ring_index": 1, "spindle_rpm": 100}
    svg = asked(changed(body, context__cuts=[ring_cut]))
    assert "binding: ring 2" in texts(svg)


def test_a_limit_of_the_top_marks_no_ring():
    assert "rmos-binding-ring" not in ids(asked(body_of("classical-red")))


def test_without_a_context_the_design_alone_is_drawn():
    request = PreviewRequest.model_validate({"design": SPANISH["design"]})
    assert asked({"design": SPANISH["design"]}) == draw_rosette(request.design)


def test_a_cut_layer_is_outlines():
    assert "rmos-legend" not in ids(asked(SPANISH, layer="CUT"))


def test_the_units_are_the_contexts_unless_named():
    inches = changed(SPANISH, context__display_units="INCH")
    assert any(" in channel outside" in each for each in texts(asked(inches)))
    assert any(" mm channel outside" in each for each in texts(asked(inches, display_units="MM")))
    assert asked(SPANISH, display_units="INCH") == asked(inches)
    assert DisplayUnits.INCH in PreviewRequest.model_validate(inches).context.display_units


def test_an_unknown_material_is_refused_with_its_place():
    body = changed(SPANISH, rings__2__material_id="ebony_gabon")
    with pytest.raises(UnknownRow) as refused:
        asked({"design": body["design"]})
    (problem,) = refused.value.problems
    assert problem.pointer == "/design/rings/2/material_id"
    assert "ebony_gaboon" in problem.detail


def test_an_unknown_engine_is_refused():
    with pytest.raises(EngineNotFound):
        draw_preview(PreviewRequest.model_validate(SPANISH), REGISTRY, "baseline_v9")


def test_a_cut_of_a_ring_that_is_not_there_is_refused():
    body = body_of("classical-green")
    ring_cut = body["context"]["cuts"][0] | {"target": "RING", "ring_index": 3}
    with pytest.raises(ValidationError) as refused:
        PreviewRequest.model_validate(changed(body, context__cuts=[ring_cut]))
    assert refused.value.errors()[0]["loc"] == ("context", "cuts", 0, "ring_index")


def test_unknown_fields_are_refused():
    with pytest.raises(ValidationError):
        PreviewRequest.model_validate(SPANISH | {"colour": "red"})
    assert PreviewRequest.model_validate(SPANISH).layer is Layer.LOOK
