"""The picture of a rosette over HTTP."""

import subprocess
import sys
from xml.etree import ElementTree as ET

import pytest
from fastapi.testclient import TestClient
from feasibility.routes import router
from rmos.design.rosette import Design
from rmos.drawing.request import Layer
from rmos.drawing.rosette import draw_rosette
from rmos.http.app import create_app
from rmos.identity import OpenDoor
from rmos.settings import Settings
from rmos.storage.backend import open_local

from tests.support.drawings import texts
from tests.support.rosettes import body_of, changed

SPANISH = body_of("spanish-rosette")
PATH = "/api/rmos/feasibility/preview"


def app_of(stores, *authenticator):
    return create_app([router], lambda: stores, Settings(), *authenticator)


@pytest.fixture
def stores(tmp_path):
    opened = open_local(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def preview(stores):
    client = TestClient(app_of(stores, lambda _backend: OpenDoor()))
    return lambda body: client.post(PATH, json=body)


def test_a_design_with_its_cuts_is_drawn_with_the_binding_ring_marked(preview):
    reply = preview(SPANISH)
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "image/svg+xml"
    assert "binding: ring 4" in texts(reply.text)


def test_the_picture_is_sandboxed_and_not_sniffed(preview):
    headers = preview(SPANISH).headers
    assert headers["content-security-policy"] == "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    assert headers["x-content-type-options"] == "nosniff"


def test_a_design_alone_is_drawn_as_outlines_to_cut(preview):
    reply = preview({"design": SPANISH["design"], "layer": "CUT"})
    assert reply.text == draw_rosette(Design.model_validate(SPANISH["design"]), Layer.CUT)


def test_units_of_texts_are_chosen(preview):
    said = texts(preview(SPANISH | {"display_units": "INCH"}).text)
    assert "\u2300 4.961 in channel outside" in said


def test_a_hostile_label_stays_text(preview):
    label = "]]></text><script>alert(1)</script>\u0001"
    reply = preview(changed(SPANISH, design__label=label))
    assert reply.status_code == 200
    assert ET.fromstring(reply.text) is not None
    assert "<script" not in reply.text


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"design__rings__0__material_id": "unobtainium"}, "/design/rings/0/material_id"),
        ({"design__inner_diameter_mm": 130}, "/design/inner_diameter_mm"),
        ({"context__cuts__0__target": "RING"}, "/context/cuts/0/ring_index"),
        ({"layer": "ENGRAVE"}, "/layer"),
        ({"engine_id": "stub"}, "/engine_id"),
    ],
)
def test_what_cannot_be_drawn_is_422_with_its_place(preview, change, pointer):
    flat = {name: value for name, value in change.items() if "__" not in name}
    body = changed(SPANISH, **{name: value for name, value in change.items() if "__" in name}) | flat
    reply = preview(body)
    assert reply.status_code == 422
    assert reply.headers["content-type"] == "application/problem+json"
    assert pointer in [each["pointer"] for each in reply.json()["errors"]]


def test_nobody_without_a_token_gets_a_picture(stores):
    assert TestClient(app_of(stores)).post(PATH, json=SPANISH).status_code == 401


def test_a_cold_start_does_not_load_what_draws():
    asked = "import sys, feasibility.handler; print([name for name in sys.modules if name.startswith('rmos.drawing')])"
    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    assert loaded.strip() == "['rmos.drawing', 'rmos.drawing.request']"
