"""What stands around an engine works with any: a third one that knows nothing but feeds."""

from rmos.feasibility.engine import EngineInfo
from rmos.feasibility.inputs import FeasibilityInput
from rmos.feasibility.models import Assessment, Category, CutResult, Details, Direction, Estimates, RiskLevel, Verdict
from rmos.feasibility.operating_map import Grid, judged_grid
from rmos.feasibility.registry import default_registry
from rmos.feasibility.scoring import judged
from rmos.feasibility.suggestions.advice import advise

from tests.support.rosettes import body_of, changed

MOST_FEED = 1000.0


class FeedEngine:
    """Wants at most 1,000 mm/min and shows no rule's check, only its assessment."""

    info = EngineInfo(id="feeds", version="0.1.0", description="Knows feeds only.", ruleset_version="1")

    def evaluate(self, resolved):
        cuts = tuple(self._cut(index, cut) for index, cut in enumerate(resolved.request.context.cuts))
        worst = max((cut.risk_level for cut in cuts), key=lambda level: level.severity)
        return Verdict(worst, min(cut.overall_score for cut in cuts), ("Feeds only.",), cuts)

    @staticmethod
    def _cut(index, cut):
        risk, score = judged(cut.feed_mm_per_min, MOST_FEED, 1.2 * MOST_FEED, Direction.MAX)
        assessment = Assessment(
            category=Category.CHIPLOAD,
            confidence=0.1,
            details=Details(assumed=(), checks=(), figures={}, hints=(), missing=()),
            direction=Direction.MAX,
            limit_green=MOST_FEED,
            limit_yellow=1.2 * MOST_FEED,
            margin_pct=None,
            risk_level=risk,
            rule_ids=(),
            score=score,
            sources=(),
            unit="mm/min",
            value=cut.feed_mm_per_min,
            why="It is fast.",
        )
        return CutResult(
            assessments=(assessment,),
            estimates=Estimates(
                cut_time_basis="not estimated", cut_time_s=None, effective_depth_per_pass_mm=None, passes=()
            ),
            index=index,
            material_label=None,
            mode=cut.mode,
            name=cut.name,
            overall_score=score,
            ring_index=cut.ring_index,
            risk_level=risk,
            target=cut.target,
        )


def registry():
    found = default_registry(allow_stub=True)
    found.add(FeedEngine())
    return found


def request(body):
    return FeasibilityInput.model_validate(body)


def test_suggestions_come_from_whatever_engine_judges():
    (suggestion,) = advise(request(body_of()), registry(), "feeds").suggestions
    assert [(each["path"], each["value"]) for each in suggestion.changes] == [("/context/cuts/0/feed_mm_per_min", 1000)]
    assert (suggestion.risk_level, suggestion.cut_time_s) == (RiskLevel.GREEN, None)


def test_a_map_is_judged_by_whatever_engine_is_asked():
    rows = judged_grid(request(body_of()), registry(), "feeds", Grid(0, [500, 1000, 1100, 2000], [18000]))
    assert [row[0].risk_level for row in rows] == ["GREEN", "GREEN", "YELLOW", "RED"]
    assert {row[0].binding for row in rows} == {Category.CHIPLOAD}


def test_an_engine_that_judges_single_cuts_is_asked_for_no_whole_verdict_by_a_map():
    class OneByOne(FeedEngine):
        info = EngineInfo(id="one-by-one", version="0.1.0", description="Judges cuts.", ruleset_version="1")

        def evaluate(self, resolved):
            raise NotImplementedError

        def evaluate_cut(self, resolved, index):
            cut = resolved.request.context.cuts[index]
            if cut.feed_mm_per_min > 5000:
                raise ZeroDivisionError
            return self._cut(index, cut)

    engines = registry()
    engines.add(OneByOne())
    rows = judged_grid(request(body_of()), engines, "one-by-one", Grid(0, [500, 1100, 6000], [18000]))
    assert [row[0].risk_level for row in rows] == ["GREEN", "YELLOW", "ERROR"]


def test_an_engine_that_shows_no_cuts_gets_no_suggestions_and_says_why():
    advice = advise(request(body_of()), registry(), "stub")
    assert advice.suggestions == ()
    assert "stub" in advice.ruled_out[0].reason


def test_an_engine_that_fails_beside_the_present_setup_is_survived():
    class Fragile(FeedEngine):
        info = EngineInfo(id="fragile", version="0.1.0", description="Breaks below 1,400.", ruleset_version="1")

        def evaluate(self, resolved):
            if resolved.request.context.cuts[0].feed_mm_per_min < 1400:
                raise ZeroDivisionError
            return super().evaluate(resolved)

    engines = registry()
    engines.add(Fragile())
    body = changed(body_of(), cuts__0__feed_mm_per_min=1450)
    assert advise(request(body), engines, "fragile").suggestions == ()
    (row,) = judged_grid(request(body), engines, "fragile", Grid(0, [1000], [18000]))
    assert row[0].risk_level is RiskLevel.ERROR
