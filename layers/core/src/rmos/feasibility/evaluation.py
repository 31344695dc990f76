"""The one way to a result: look up ids, let an engine judge, stamp and hash."""

from rmos.design.library import BuiltInLibrary, Library
from rmos.feasibility.engine import CutJudge, EngineInfo, FeasibilityEngine
from rmos.feasibility.fingerprints import input_sha256, plain_result_sha256, result_sha256
from rmos.feasibility.inputs import FeasibilityInput
from rmos.feasibility.models import CutResult, Feasibility, RiskLevel, Verdict
from rmos.feasibility.registry import EngineRegistry
from rmos.feasibility.resolution import Resolved, resolve
from rmos.logging import logger

_BUILT_IN = BuiltInLibrary()


def evaluate_feasibility(
    request: FeasibilityInput, registry: EngineRegistry, engine_id: str, library: Library = _BUILT_IN
) -> Feasibility:
    """Judge `request` with the engine `engine_id`; the same request gives the same bytes.

    An engine that raises gives a result with risk_level ERROR and the reason; the log has the trace.

    Raises:
        EngineNotFound: there is no such engine.
        Invalid: an id stands for nothing, with a pointer to each.
    """
    engine = registry.get(engine_id)
    resolved = resolve(request, library)
    verdict = judged(engine, resolved)
    return _stamped(verdict, engine.info, resolved)


def judged(engine: FeasibilityEngine, resolved: Resolved) -> Verdict:
    """Return the verdict of `engine`; if it raises, ERROR with the reason, and the log has the trace."""
    try:
        return engine.evaluate(resolved)
    except Exception as error:  # noqa: BLE001  # whatever an engine raises is its verdict: ERROR, never a 500
        logger.exception("engine-failed", extra={"engine_id": engine.info.id})
        return Verdict(
            risk_level=RiskLevel.ERROR,
            overall_score=0.0,
            reasons=(f"The engine {engine.info.id} {engine.info.version} failed: {type(error).__name__}.",),
        )


def judged_cut(engine: FeasibilityEngine, resolved: Resolved, index: int) -> CutResult | None:
    """Return what `engine` says of one cut; None if it raises, and the log has the trace, or if it judges no cuts."""
    if not isinstance(engine, CutJudge):
        cuts = judged(engine, resolved).cuts
        return cuts[index] if len(cuts) == len(resolved.request.context.cuts) else None
    try:
        return engine.evaluate_cut(resolved, index)
    except Exception:  # noqa: BLE001  # as in `judged`
        logger.exception("engine-failed", extra={"engine_id": engine.info.id})
        return None


def _stamped(verdict: Verdict, info: EngineInfo, resolved: Resolved) -> Feasibility:
    risk = verdict.risk_level
    result = Feasibility.model_construct(
        assumed_defaults=verdict.assumed_defaults,
        binding=verdict.binding,
        cuts=verdict.cuts,
        engine_id=info.id,
        engine_version=info.version,
        hazards=verdict.hazards,
        input_sha256=input_sha256(resolved),
        is_feasible=risk.is_feasible,
        missing_inputs=verdict.missing_inputs,
        needs_review=risk is RiskLevel.YELLOW,
        not_checked=verdict.not_checked,
        overall_score=verdict.overall_score,
        reasons=verdict.reasons,
        result_sha256="",
        risk_level=risk,
        ruleset_version=info.ruleset_version,
        material_yield=verdict.material_yield,
    )
    hashed = plain_result_sha256 if verdict.has_plain_numbers else result_sha256
    # Both are set once, before anybody else sees the result.
    object.__setattr__(result, "result_sha256", hashed(result))
    result._told_context = resolved.context  # noqa: SLF001
    return result
