"""Which engines there are."""

from collections.abc import Iterable

from rmos.errors import NotFound
from rmos.feasibility.baseline import BaselineFeasibilityEngineV1
from rmos.feasibility.engine import EngineInfo, FeasibilityEngine
from rmos.feasibility.stub import StubFeasibilityEngine


class EngineNotFound(NotFound):
    """No engine has this id, or this one is switched off. There is no silent default."""

    slug = "engine-not-found"
    title = "No such engine"


class EngineRegistry:
    """Engines by id, in the order in which they were added."""

    def __init__(self, engines: Iterable[FeasibilityEngine] = ()) -> None:
        self._engines: dict[str, FeasibilityEngine] = {}
        for engine in engines:
            self.add(engine)

    def add(self, engine: FeasibilityEngine) -> None:
        """Offer `engine` under its id.

        Raises:
            ValueError: the id is taken.
        """
        if engine.info.id in self._engines:
            raise ValueError(f"two engines have the id {engine.info.id}")
        self._engines[engine.info.id] = engine

    def get(self, engine_id: str) -> FeasibilityEngine:
        """Return the engine of this id.

        Raises:
            EngineNotFound: there is none.
        """
        engine = self._engines.get(engine_id)
        if engine is None:
            raise EngineNotFound(f"no engine {engine_id!r}; known: {', '.join(self._engines)}")
        return engine

    def infos(self) -> tuple[EngineInfo, ...]:
        return tuple(engine.info for engine in self._engines.values())


def default_registry(*, allow_stub: bool) -> EngineRegistry:
    """Return the engines that ship with RMOS; the stub only where the settings allow it."""
    engines: list[FeasibilityEngine] = [BaselineFeasibilityEngineV1()]
    if allow_stub:
        engines.append(StubFeasibilityEngine())
    return EngineRegistry(engines)
