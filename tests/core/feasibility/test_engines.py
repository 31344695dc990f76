"""Engines: chosen by id, never silently, and never the cause of a 500."""

import pytest
from rmos.feasibility.engine import EngineInfo
from rmos.feasibility.evaluation import evaluate_feasibility
from rmos.feasibility.inputs import FeasibilityInput
from rmos.feasibility.models import RiskLevel, Verdict
from rmos.feasibility.registry import EngineNotFound, EngineRegistry, default_registry

from tests.support.rosettes import body_of

REQUEST = FeasibilityInput.model_validate(body_of())


class CautiousEngine:
    """A third engine is one class."""

    info = EngineInfo(id="cautious", version="0.1.0", description="Trusts nobody.", ruleset_version="none")

    def evaluate(self, resolved):
        depth = resolved.request.design.channel_depth_mm
        return Verdict(risk_level=RiskLevel.RED, overall_score=0.0, reasons=(f"{depth} mm is too deep.",))


class BrokenEngine:
    info = EngineInfo(id="broken", version="0.1.0", description="Fails.", ruleset_version="none")

    def evaluate(self, _resolved):
        raise ZeroDivisionError("secret inside")


def test_an_unknown_engine_is_refused_and_the_known_ones_are_named():
    with pytest.raises(EngineNotFound) as refusal:
        evaluate_feasibility(REQUEST, default_registry(allow_stub=False), "feas_v1")
    assert "baseline_v1" in refusal.value.detail


def test_the_stub_is_there_only_when_allowed_and_says_what_it_is():
    with pytest.raises(EngineNotFound):
        evaluate_feasibility(REQUEST, default_registry(allow_stub=False), "stub")
    result = evaluate_feasibility(REQUEST, default_registry(allow_stub=True), "stub")
    assert (result.engine_id, result.risk_level, result.needs_review) == ("stub", "YELLOW", True)
    assert "judged none" in result.reasons[0]


def test_an_engine_that_raises_gives_an_error_with_a_reason_and_no_inside():
    result = evaluate_feasibility(REQUEST, EngineRegistry([BrokenEngine()]), "broken")
    assert (result.risk_level, result.is_feasible, result.overall_score) == ("ERROR", False, 0)
    assert "ZeroDivisionError" in result.reasons[0]
    assert "secret" not in result.reasons[0]


def test_a_third_engine_is_one_class_and_one_registration():
    registry = default_registry(allow_stub=False)
    registry.add(CautiousEngine())
    result = evaluate_feasibility(REQUEST, registry, "cautious")
    assert (result.engine_id, result.engine_version, result.risk_level) == ("cautious", "0.1.0", "RED")
    assert result.resolved_context.materials["spruce_sitka"].values.density_kg_per_m3 == 425


def test_two_engines_cannot_share_an_id():
    with pytest.raises(ValueError, match="cautious"):
        EngineRegistry([CautiousEngine(), CautiousEngine()])
