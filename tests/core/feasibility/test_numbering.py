"""Sentences count rings and cuts as a maker does, from 1, and as the pictures do; fields count from 0."""

from rmos.design.library import BuiltInLibrary
from rmos.design.rosette import Design
from rmos.drawing.request import Layer
from rmos.drawing.rosette import draw_rosette
from rmos.feasibility.inputs import FeasibilityInput
from rmos.feasibility.suggestions.advice import advise

from tests.support.rosettes import REGISTRY, body_of, changed, judged


def test_the_material_sentence_names_the_ring_as_the_picture_does():
    body = body_of()
    supply = judged(body).material_yield
    assert supply.rings[0].ring_index == 0
    assert "Ring 1: " in supply.why
    picture = draw_rosette(Design.model_validate(body["design"]), Layer.LOOK, 0)
    assert "binding: ring 1" in picture


def test_a_sentence_about_a_ring_says_which():
    thick = changed(body_of(), rings__2__strip_thickness_mm=2)
    result = judged(thick)
    assert (result.binding.category, result.binding.ring_index) == ("geometry", 2)
    (geometry,) = [each for each in result.cuts[0].assessments if each.category == "geometry"]
    assert geometry.why.startswith("Ring 3: A 2 mm strip bent dry")
    assert geometry.why in result.reasons[0]


def test_a_cut_without_a_name_is_counted_from_one():
    body = changed(body_of("classical-red"), cuts__0__name=...)
    assert judged(body).reasons[0].startswith("cut 1: ")
    advice = advice_on(body)
    assert advice.suggestions
    assert all(each.summary.startswith("cut 1: ") for each in advice.suggestions)


def test_each_ring_that_rules_a_way_out_is_named_with_its_own_figures():
    body = changed(body_of(), rings__0__strip_thickness_mm=2, rings__2__strip_thickness_mm=1.5)
    said = {each.pointer: each.reason for each in advice_on(body).ruled_out}
    assert said["/design/rings/0/strip_thickness_mm"].startswith("Ring 1: A 2 mm strip")
    last = said["/design/rings/2/strip_thickness_mm"]
    assert last.startswith("Ring 3: ")
    assert "1.27 %, where at most 0.5 %" in last


def advice_on(body):
    return advise(FeasibilityInput.model_validate(body), REGISTRY, "baseline_v1", BuiltInLibrary())
