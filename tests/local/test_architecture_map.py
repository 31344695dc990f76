import importlib
import pkgutil
from pathlib import Path

import pytest

from local.drift import compare_checkout
from local.openapi import document, document_text
from tests.support.commands import rmos

ROOT = Path(__file__).parents[2]
MAP = (ROOT / "docs/ARCHITECTURE_MAP.md").read_text()

ASKED_FOR = [
    "FeasibilityEngine",
    "BaselineFeasibilityEngineV1",
    "StubFeasibilityEngine",
    "EngineRegistry",
    "evaluate_feasibility()",
    "feasibility_router.py",
    "feasibility_scorer.py",
    "FeasibilityResponse",
    "runs/__init__.py",
    "runs/schemas.py",
    "runs/store.py",
    "runs/hashing.py",
    "RunArtifact",
    "RunStoreV2",
    "api_runs.py",
    "hashing.py",
    "attachments.py",
    "diff.py",
    "compat.py",
    "cli_migrate.py",
    "migration_utils.py",
    "AdvisoryAsset",
    "AdvisoryAssetStore",
    "advisory_routes.py",
    "TeachingLoopExporter",
    "teaching_routes.py",
    "GuitarVisionEngine",
    "OpenAIImageTransport",
    "prompt_engine.py",
    "RequestIdMiddleware",
    "request_context.py",
    "request_utils.py",
    "logging_request_id.py",
    "RequestIdFilter",
    "require_request_id()",
    "RMOSDatabase",
    "SQLiteStoreBase",
    "sqlite_pattern_store.py",
    "sqlite_joblog_store.py",
    "app/db/migrations/",
    "0001_init_workflow_sessions.sql",
    "0002_add_indexes.sql",
    ".gitignore",
    "docs/canonical/REQUEST_ID_MIDDLEWARE.md",
    "docs/canonical/ADVISORY_LAYER_API.md",
    "docs/canonical/TEACHING_LOOP_WORKFLOW.md",
]

ENDPOINTS_ASKED_FOR = """
GET /api/runs
GET /api/runs/{run_id}
POST /api/runs
POST /api/runs/{run_id}/attach-advisory
GET /api/runs/{run_id}/advisories
POST /api/runs/{run_id}/suggest-and-attach
GET /api/runs/{run_id}/attachments
GET /api/runs/{run_id}/attachments/{sha256}
GET /api/runs/{run_id}/attachments/verify
GET /api/runs/diff
POST /api/advisory/generate/image
GET /api/advisory/assets
GET /api/advisory/assets/{asset_id}
GET /api/advisory/assets/{asset_id}/content
POST /api/advisory/assets/{asset_id}/review
GET /api/advisory/pending
GET /api/advisory/stats
POST /api/teaching/export
GET /api/teaching/stats
GET /api/teaching/ready
GET /api/teaching/workflow
""".strip().splitlines()


def test_the_map_tells_the_truth():
    assert [f"{each.word.value} {each.name}: {each.detail}" for each in compare_checkout(document()).drifts] == []


@pytest.mark.parametrize("name", ASKED_FOR)
def test_every_component_of_the_original_map_has_its_place(name):
    assert name in MAP


@pytest.mark.parametrize("endpoint", ENDPOINTS_ASKED_FOR)
def test_every_endpoint_of_the_original_map_has_a_row(endpoint):
    assert f"| `{endpoint}` |" in MAP


def test_drift_lists_what_is_planned_and_exits_0_without_drift():
    checked = rmos("drift")

    assert checked.returncode == 0, checked.stdout
    assert "[PLANNED] POST /api/advisory/generate/image" in checked.stdout
    assert "0 drifted" in checked.stdout


def test_the_committed_openapi_document_is_what_the_code_serves():
    assert (ROOT / "docs/openapi.json").read_text() == document_text(), "run `make openapi`"


def test_openapi_is_the_same_whatever_a_process_has_loaded_besides():
    for module in pkgutil.walk_packages([str(ROOT / "local")], "local."):
        importlib.import_module(module.name)

    assert document_text() == rmos("openapi").stdout


def test_openapi_is_the_same_whatever_the_environment_says(tmp_path):
    env = {"RMOS_ALLOW_STUB_ENGINE": "true", "RMOS_PORT": "1", "PYTHONHASHSEED": "7"}

    assert rmos("openapi", env=env).stdout == document_text()
    assert rmos("openapi", "--output", tmp_path / "openapi.json").returncode == 0
    assert (tmp_path / "openapi.json").read_text() == document_text()
