"""Routers that are imported when they are first needed answer as if they had been there from the start."""

import subprocess
import sys
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from feasibility.routers import ROUTERS as FEASIBILITY_ROUTERS
from rmos.http.app import create_app
from rmos.http.late_router import LateRouter, loaded
from rmos.settings import Settings
from rmos.storage.backend import open_local
from runs.routers import ROUTERS as RUNS_ROUTERS
from starlette.routing import Match
from starlette.testclient import TestClient

AREAS = {"feasibility": FEASIBILITY_ROUTERS, "runs": RUNS_ROUTERS}
DIGEST = 64 * "a"


@pytest.mark.parametrize("area", AREAS)
def test_every_route_is_the_one_that_its_own_path_and_method_find(area: str) -> None:
    routers = AREAS[area]
    for router in loaded(routers):
        for route in router.routes:
            assert isinstance(route, APIRoute)
            for method in route.methods:
                assert _found(routers, route.path_format, method) is route


@pytest.mark.parametrize("area", AREAS)
def test_no_router_of_an_area_is_left_out(area: str) -> None:
    listed = f"""
import importlib, pathlib, {area}
from fastapi import APIRouter
from {area}.routers import ROUTERS
from rmos.http.late_router import loaded
folder = pathlib.Path({area}.__file__).parent
files = sorted(folder.rglob("routes.py"))
names = [".".join(["{area}", *file.relative_to(folder).with_suffix("").parts]) for file in files]
missing = [name for name in names if importlib.import_module(name).router not in loaded(ROUTERS)]
assert len(names) > 1 and not missing, missing
"""
    subprocess.run([sys.executable, "-c", listed], check=True)


@pytest.mark.parametrize(("area", "late"), [("runs", "runs.bundle.routes"), ("feasibility", "feasibility.rows.routes")])
def test_a_late_router_is_not_imported_with_its_area(area: str, late: str) -> None:
    program = f"import sys, {area}.routers; sys.exit('{late}' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_wrong_method_on_a_late_path_names_those_that_it_answers(tmp_path: Path) -> None:
    client = TestClient(create_app(RUNS_ROUTERS, lambda: open_local(tmp_path), Settings()))
    answer = client.put("/api/runs/run_1/attachments")
    assert answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert answer.headers["Allow"] == "GET, HEAD, POST"


def _found(routers: Sequence[APIRouter | LateRouter], path: str, method: str) -> object:
    scope = {
        "type": "http",
        "path": path.replace("{sha256}", DIGEST).replace("{", "").replace("}", ""),
        "method": method,
        "root_path": "",
    }
    routes = [route for router in routers for route in router.routes]
    found = (route.matches(scope) for route in routes)
    return next(scope["route"] for match, scope in found if match is Match.FULL)
