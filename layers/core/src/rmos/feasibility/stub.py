"""An engine that judges nothing: for trying out what stands around an engine."""

from rmos.feasibility.engine import EngineInfo
from rmos.feasibility.models import RiskLevel, Verdict
from rmos.feasibility.resolution import Resolved


class StubFeasibilityEngine:
    """Finds everything YELLOW and says so. Only offered with RMOS_ALLOW_STUB_ENGINE=true."""

    info = EngineInfo(
        id="stub",
        version="1.0.0",
        description="Judges nothing and answers YELLOW, for trying out what stands around an engine.",
        ruleset_version="none",
    )

    def evaluate(self, resolved: Resolved) -> Verdict:
        """Return YELLOW with a warning, whatever is asked."""
        cuts = len(resolved.request.context.cuts)
        return Verdict(
            risk_level=RiskLevel.YELLOW,
            overall_score=40.0,
            reasons=(f"The stub engine judged none of the {cuts} cuts; do not cut wood on its word.",),
            not_checked=("everything",),
        )
