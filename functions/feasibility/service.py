"""The use cases of feasibility: judge a design, and say by what."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from rmos.design.library import Library, ToolLibrary
from rmos.design.stored_library import library_for
from rmos.design.units import nine_digits
from rmos.drawing.request import PreviewRequest
from rmos.errors import FieldProblem, Invalid, NotFound, TooLarge
from rmos.feasibility.evaluation import evaluate_feasibility
from rmos.feasibility.fields import FIELDS
from rmos.feasibility.models import Category, Feasibility, FeasibilityResponse, RiskLevel
from rmos.feasibility.operating_map import Grid, judged_grid
from rmos.feasibility.registry import EngineRegistry
from rmos.feasibility.rules.rule import Rule
from rmos.feasibility.rules.table import RULES, RULESET_VERSION, WEIGHTS
from rmos.feasibility.suggestions.advice import NO_ADVICE, Advice, advise
from rmos.http.problems import body_problems, invalid, problem_document, status_of
from rmos.logging import logger
from rmos.storage.ports import RecordStore

from feasibility.models import (
    BatchAnswer,
    BatchItem,
    BatchRequest,
    CategoryInfo,
    EnginePage,
    EvaluateRequest,
    FeasibilityMap,
    FeedAxis,
    FieldInfo,
    FieldPage,
    InvalidItem,
    MapPoint,
    MapRequest,
    RiskLevelInfo,
    RuleInfo,
    RulePage,
    SpeedAxis,
)

MAX_ANSWER_BYTES = 4 * 1024 * 1024

_MEANINGS = {
    RiskLevel.GREEN: "Every limit is kept.",
    RiskLevel.YELLOW: "It can be cut, but something is near or past its comfortable limit: look before you cut.",
    RiskLevel.RED: "A limit is passed: do not cut this.",
    RiskLevel.UNKNOWN: "A required input is missing, or no law covers the material: nothing can be promised.",
    RiskLevel.ERROR: "The engine failed; the reason is in the answer, the trace in the log.",
}


class RuleNotFound(NotFound):
    slug = "rule-not-found"
    title = "No such rule"


@dataclass(frozen=True, slots=True)
class Judges:
    """The engines that may judge, the one that does when none is asked for, and where a workshop's rows are kept."""

    registry: EngineRegistry
    default_id: str
    records: RecordStore

    def id_for(self, request: BatchItem) -> str:
        return request.engine_id or self.default_id

    def library_of(self, requests: Sequence[BatchItem]) -> ToolLibrary:
        """Return the library in which all of `requests` find their ids, as it stands now."""
        return library_for(self.records, [each.design for each in requests], [each.context for each in requests])


def evaluate(request: EvaluateRequest, judges: Judges, request_id: str) -> FeasibilityResponse:
    """Judge a request, with suggestions where they are wanted, and log the decision.

    Raises:
        EngineNotFound: there is no such engine.
        Invalid: an id stands for nothing.
    """
    started = time.perf_counter()
    engine_id = judges.id_for(request)
    library = judges.library_of([request])
    result = evaluate_feasibility(request, judges.registry, engine_id, library)
    is_advised = request.suggest and result.risk_level is not RiskLevel.GREEN
    advice = advise(request, judges.registry, engine_id, library, result) if is_advised else NO_ADVICE
    logger.info(
        "evaluated",
        extra={"risk_level": result.risk_level.value, "engine_id": engine_id, "result_sha256": result.result_sha256},
    )
    return _response(result, advice, request_id, started)


def evaluate_batch(request: BatchRequest, judges: Judges, request_id: str) -> str:
    """Judge every item by itself and return the page as JSON; logs how many had which status.

    Raises:
        TooLarge: the answer would pass 4 MiB; `fitting_items` says how many items fit.
    """
    sent: Sequence[BatchItem | InvalidItem] = request.items
    library = judges.library_of([item for item in sent if isinstance(item, BatchItem)])
    answers: list[str] = []
    size_bytes = 0
    for index, item in enumerate(sent):
        answer = _answer(index, item, judges, library, request_id).model_dump_json(exclude_none=False)
        size_bytes += len(answer.encode()) + 1
        if size_bytes > MAX_ANSWER_BYTES:
            raise TooLarge(
                f"the answer would be larger than {MAX_ANSWER_BYTES:,} bytes; the first {index} items fit, "
                "send the others in a batch of their own",
                extensions={"max_bytes": MAX_ANSWER_BYTES, "fitting_items": index},
            )
        answers.append(answer)
    logger.info("evaluated-batch", extra={"items": len(answers), "bytes": size_bytes})
    return f'{{"items":[{",".join(answers)}]}}'


def map_cut(request: MapRequest, judges: Judges) -> FeasibilityMap:
    """Judge one cut over the grid of the two axes.

    Raises:
        EngineNotFound: there is no such engine.
        Invalid: an id stands for nothing.
    """
    engine_id, cut = judges.id_for(request), request.context.cuts[request.cut]
    feeds, rpms = _axis(request.feed_mm_per_min), _axis(request.spindle_rpm)
    library = judges.library_of([request])
    rows = judged_grid(request, judges.registry, engine_id, Grid(request.cut, feeds, rpms), library)
    info = judges.registry.get(engine_id).info
    return FeasibilityMap(
        engine_id=info.id,
        engine_version=info.version,
        ruleset_version=info.ruleset_version,
        cut=request.cut,
        name=cut.name,
        feeds_mm_per_min=feeds,
        spindle_rpms=rpms,
        risk_levels=tuple(tuple(cell.risk_level for cell in row) for row in rows),
        scores=tuple(tuple(cell.score for cell in row) for row in rows),
        binding=tuple(tuple(cell.binding for cell in row) for row in rows),
        present=_present(request, judges, library),
    )


def draw_preview(request: PreviewRequest, judges: Judges) -> str:
    """Return the rosette as SVG, the ring marked at which the default engine finds the limit that binds.

    Raises:
        EngineNotFound: the default engine is none that may judge.
        Invalid: an id stands for nothing.
    """
    from rmos.drawing import preview  # noqa: PLC0415  # 20 ms of a cold start that only pictures need

    contexts = [] if request.context is None else [request.context]
    library = library_for(judges.records, [request.design], contexts)
    return preview.draw_preview(request, judges.registry, judges.default_id, library)


def _answer(
    index: int, item: BatchItem | InvalidItem, judges: Judges, library: Library, request_id: str
) -> BatchAnswer:
    try:
        if isinstance(item, InvalidItem):
            raise invalid(body_problems(item.errors, item.sent, BatchItem))
        started = time.perf_counter()
        result = evaluate_feasibility(item, judges.registry, judges.id_for(item), library)
    except (Invalid, NotFound) as error:
        located = [FieldProblem(f"/items/{index}{each.pointer}", each.detail) for each in error.problems]
        error.problems = tuple(located)
        return BatchAnswer(index=index, status=status_of(error), problem=problem_document(error))
    return BatchAnswer(index=index, status=HTTPStatus.OK, result=_response(result, NO_ADVICE, request_id, started))


def _response(result: Feasibility, advice: Advice, request_id: str, started: float) -> FeasibilityResponse:
    return FeasibilityResponse.model_construct(
        **dict(result),
        suggestions=advice.suggestions,
        suggestions_ruled_out=advice.ruled_out,
        request_id=request_id,
        compute_ms=round((time.perf_counter() - started) * 1_000, 3),
    )


def _axis(axis: FeedAxis | SpeedAxis) -> tuple[float, ...]:
    width = (axis.max - axis.min) / (axis.steps - 1)
    return tuple(nine_digits(axis.min + i * width) for i in range(axis.steps))


def _present(request: MapRequest, judges: Judges, library: Library) -> MapPoint | None:
    cut = request.context.cuts[request.cut]
    feed, rpm = cut.feed_mm_per_min, cut.spindle_rpm
    if feed is None or rpm is None:
        return None
    grid = Grid(request.cut, [feed], [rpm])
    ((cell,),) = judged_grid(request, judges.registry, judges.id_for(request), grid, library)
    return MapPoint(feed_mm_per_min=feed, spindle_rpm=rpm, risk_level=cell.risk_level, overall_score=cell.score)


def list_engines(registry: EngineRegistry, default_id: str) -> EnginePage:
    return EnginePage(items=registry.infos(), default_engine_id=default_id)


def list_categories() -> tuple[CategoryInfo, ...]:
    return tuple(
        CategoryInfo(
            category=category,
            weight=WEIGHTS[category],
            rule_ids=tuple(rule.rule_id for rule in RULES.values() if rule.category is category),
        )
        for category in Category
    )


def list_risk_levels() -> tuple[RiskLevelInfo, ...]:
    return tuple(
        RiskLevelInfo(
            risk_level=level,
            meaning=_MEANINGS[level],
            is_feasible=level.is_feasible,
            needs_review=level is RiskLevel.YELLOW,
        )
        for level in RiskLevel
    )


def list_rules() -> RulePage:
    return RulePage(ruleset_version=RULESET_VERSION, items=tuple(_info(rule) for rule in RULES.values()))


def get_rule(rule_id: str) -> RuleInfo:
    """Return one rule.

    Raises:
        RuleNotFound: there is none with this id.
    """
    rule = RULES.get(rule_id)
    if rule is None:
        raise RuleNotFound(f"no rule {rule_id!r}; GET /api/rmos/feasibility/rules lists them")
    return _info(rule)


def list_fields() -> FieldPage:
    return FieldPage(
        items=tuple(
            FieldInfo(
                name=each.name,
                label=each.label,
                need=each.need,
                unit=each.unit,
                text=each.text,
                default=each.default,
                categories=_categories_of(each.name),
            )
            for each in FIELDS
        )
    )


def _info(rule: Rule) -> RuleInfo:
    return RuleInfo(
        rule_id=rule.rule_id,
        category=rule.category,
        modes=tuple(sorted(rule.modes)),
        direction=rule.direction,
        unit=rule.unit,
        title=rule.title,
        limits=rule.limits,
        hint=rule.hint,
        sources=rule.sources,
        confidence=rule.confidence,
        needs=tuple(sorted(rule.needs)),
        uses=tuple(sorted(rule.uses)),
        is_safety=rule.is_safety,
    )


def _categories_of(field_name: str) -> tuple[Category, ...]:
    found = {rule.category for rule in RULES.values() if field_name in rule.needs | rule.uses}
    return tuple(category for category in Category if category in found)
