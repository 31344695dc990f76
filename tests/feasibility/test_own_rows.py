"""A workshop's own rows over HTTP: written, found, judged by, and kept by the runs that used them."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from feasibility.routers import ROUTERS
from rmos.design.library import presets
from rmos.feasibility.inputs import FeasibilityInput
from rmos.http.app import create_app
from rmos.identity import Role, create_token
from rmos.settings import Settings
from rmos.storage.backend import Backend, open_local
from rmos.storage.dynamo import DynamoRecordStore
from rmos.storage.s3 import S3BlobStore
from runs.routers import ROUTERS as RUNS_ROUTERS

from tests.support.aws_stores import AwsStores
from tests.support.rosettes import body_of, changed, judged

BASE = "/api/rmos/feasibility"
KINDS = ("materials", "tools", "machines", "presets")
CUT = {"mode": "ROUTER", "target": "CHANNEL", "tool_id": "flat_3175", "spindle_rpm": 18000, "feed_mm_per_min": 1500}
VALUES = {
    "materials": {"class": "WOOD", "density_kg_per_m3": 425, "janka_n": 2270, "burn_tendency": 0.3},
    "tools": body_of()["context"]["cuts"][0]["tool"] | {"label": None},
    "machines": body_of()["context"]["machine"] | {"label": None},
    "presets": {"machine_id": "belt_hobby_router", "cuts": [CUT]},
}


@pytest.fixture
def stores(tmp_path):
    stores = open_local(tmp_path)
    yield stores
    stores.close()


@pytest.fixture
def serve(stores):
    app = create_app([*ROUTERS, *RUNS_ROUTERS], lambda: stores, Settings())

    def client(role=Role.OPERATOR, name="bench"):
        return TestClient(app, headers={"Authorization": f"Bearer {create_token(stores.records, name, role)}"})

    return client


@pytest.fixture
def client(serve):
    return serve()


def row(kind="materials", **changes):
    return {"id": f"own:my-{kind}", "label": f"My {kind}", "values": VALUES[kind]} | changes


def create(client, kind="materials", **changes):
    reply = client.post(f"{BASE}/{kind}", json=row(kind, **changes))
    assert reply.status_code == 201, reply.text
    return reply


def ids(client, kind="materials", **params):
    return [each["id"] for each in client.get(f"{BASE}/{kind}", params=params).json()["items"]]


def pointers(reply):
    return [each["pointer"] for each in reply.json()["errors"]]


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_is_created_shown_and_listed_as_the_workshops_own(client, kind):
    reply = create(client, kind, aliases=["attic"], confidence="80 %")
    shown = reply.json()
    assert reply.headers["location"] == f"{BASE}/{kind}/own:my-{kind}"
    assert (shown["origin"], shown["version"], shown["created_by"]) == ("OWN", 1, "bench")
    assert (shown["source"], shown["confidence"]) == ("workshop", 0.8)
    assert shown["request_id"] == reply.headers["x-request-id"]
    read = client.get(reply.headers["location"])
    assert (read.text, read.headers["etag"]) == (reply.text, reply.headers["etag"])
    assert client.get(reply.headers["location"], headers={"If-None-Match": read.headers["etag"]}).status_code == 304
    assert client.get(f"{BASE}/{kind}", params={"q": "ATTIC"}).json()["items"] == [shown]


@pytest.mark.parametrize("kind", KINDS)
def test_a_built_in_row_is_shown_with_its_table_and_cannot_be_changed(client, kind):
    built_in = client.get(f"{BASE}/{kind}").json()
    first = built_in["items"][0]
    assert (first["origin"], first["version"], first["created_by"]) == ("BUILT_IN", built_in["version"], None)
    place = f"{BASE}/{kind}/{first['id']}"
    assert client.get(place).json() == first
    body = {name: value for name, value in row(kind).items() if name != "id"}
    refused = client.put(place, json=body)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:rmos:problem:built-in-row")
    refused = client.post(f"{BASE}/{kind}", json=row(kind, id=first["id"]))
    assert (refused.status_code, pointers(refused)) == (422, ["/id"])
    assert client.get(place).json() == first


def test_own_rows_come_first_newest_first_and_pages_neither_repeat_nor_lose_any(client):
    built_in = ids(client, limit=200)
    for number in range(5):
        create(client, id=f"own:plank-{number}", label=f"Plank {number}")
    found, cursor = [], None
    while True:
        page = client.get(f"{BASE}/materials", params={"limit": 3} | ({"cursor": cursor} if cursor else {})).json()
        assert len(page["items"]) <= 3
        found += [each["id"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        if len(found) == 3:
            create(client, id="own:late", label="Late")
    assert found == [f"own:plank-{number}" for number in (4, 3, 2, 1, 0)] + built_in


def test_a_page_that_the_own_rows_fill_goes_on_with_the_built_in_ones(client):
    create(client, id="own:rosewood", label="Rosewood from the shed")
    page = client.get(f"{BASE}/materials", params={"q": "rosewood", "limit": 1}).json()
    rest = ids(client, q="rosewood", cursor=page["next_cursor"])
    assert [each["id"] for each in page["items"]] == ["own:rosewood"]
    assert "rosewood_east_indian" in rest
    assert "own:rosewood" not in rest
    other = client.get(f"{BASE}/materials", params={"q": "spruce", "cursor": page["next_cursor"]})
    assert (other.status_code, other.json()["type"]) == (400, "urn:rmos:problem:malformed-cursor")
    of_tools = client.get(f"{BASE}/tools", params={"q": "rosewood", "cursor": page["next_cursor"]})
    assert of_tools.status_code == 400


def test_an_id_is_made_of_the_label_when_none_is_given(client):
    made = client.post(f"{BASE}/tools", json={"label": "Åke's 1/8 bit", "values": VALUES["tools"]})
    assert made.json()["id"] == "own:ake-s-1-8-bit"
    nameless = client.post(f"{BASE}/tools", json={"label": "桐", "values": VALUES["tools"]})
    assert (nameless.status_code, pointers(nameless)) == (422, ["/id"])


def test_a_taken_id_is_refused_and_the_row_stays(client):
    create(client)
    again = client.post(f"{BASE}/materials", json=row(label="Another"))
    assert (again.status_code, again.json()["type"], again.json()["id"]) == (
        409,
        "urn:rmos:problem:row-exists",
        "own:my-materials",
    )
    assert client.get(f"{BASE}/materials/own:my-materials").json()["label"] == "My materials"


def test_the_same_create_again_under_its_key_gets_the_first_answer(client):
    headers = {"Idempotency-Key": "k1"}
    first = client.post(f"{BASE}/materials", json=row(), headers=headers)
    again = client.post(f"{BASE}/materials", json=row(), headers=headers)
    assert (again.status_code, again.text) == (201, first.text)
    assert again.headers["idempotent-replayed"] == "true"
    assert client.post(f"{BASE}/materials", json=row(label="x"), headers=headers).status_code == 422


@pytest.mark.parametrize(("key", "statuses"), [("k1", [201] * 6), (None, [201] + [409] * 5)])
def test_of_creates_at_the_same_moment_one_is_kept(client, key, statuses):
    together = threading.Barrier(6)

    def post(_number):
        together.wait()
        headers = {} if key is None else {"Idempotency-Key": key}
        return client.post(f"{BASE}/materials", json=row(), headers=headers)

    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(post, range(6)))
    assert sorted(each.status_code for each in replies) == statuses
    assert len({each.text for each in replies if each.status_code == 201}) == 1
    assert ids(client, q="own:") == ["own:my-materials"]


def test_a_change_says_by_whom_and_keeps_who_began(client, serve):
    etag = create(client).headers["etag"]
    place = f"{BASE}/materials/own:my-materials"
    body = row(label="Heavier", aliases=["pile"]) | {"values": VALUES["materials"] | {"density_kg_per_m3": 460}}
    changed_row = serve(name="other").put(place, json=body, headers={"If-Match": etag})
    shown = changed_row.json()
    assert changed_row.status_code == 200, changed_row.text
    assert (shown["version"], shown["created_by"], shown["updated_by"]) == (2, "bench", "other")
    assert (shown["label"], shown["values"]["label"], shown["values"]["density_kg_per_m3"]) == ("Heavier",) * 2 + (460,)
    read = client.get(place)
    assert (read.json(), read.headers["etag"]) == (shown, changed_row.headers["etag"])
    assert changed_row.headers["etag"] != etag
    assert ids(client, q="pile") == ["own:my-materials"]


def test_a_change_based_on_an_old_read_is_412_and_changes_nothing(client):
    etag = create(client).headers["etag"]
    place = f"{BASE}/materials/own:my-materials"
    assert client.put(place, json=row(label="Second"), headers={"If-Match": etag}).status_code == 200
    late = client.put(place, json=row(label="Third"), headers={"If-Match": etag})
    assert (late.status_code, client.get(place).json()["label"]) == (412, "Second")


def test_of_changes_at_the_same_moment_one_wins_and_the_others_are_412(client):
    etag = create(client).headers["etag"]
    place = f"{BASE}/materials/own:my-materials"
    together = threading.Barrier(6)

    def change(number):
        together.wait()
        return client.put(place, json=row(label=f"Change {number}"), headers={"If-Match": etag})

    with ThreadPoolExecutor(6) as pool:
        replies = list(pool.map(change, range(6)))
    assert sorted(each.status_code for each in replies) == [200] + [412] * 5
    (won,) = (each for each in replies if each.status_code == 200)
    assert client.get(place).json() == won.json()
    assert won.json()["version"] == 2


@pytest.mark.parametrize(
    ("place", "body", "status", "pointer"),
    [
        ("own:none", {}, 404, None),
        ("none", {}, 404, None),
        ("own:my-materials", {"id": "own:other"}, 422, "/id"),
        ("own:my-materials", {"values": {"class": "WOOD", "density_kg_per_m3": -1}}, 422, "/values/density_kg_per_m3"),
    ],
)
def test_a_change_of_what_is_not_there_or_to_what_cannot_be_is_refused(client, place, body, status, pointer):
    create(client)
    reply = client.put(
        f"{BASE}/materials/{place}", json={name: value for name, value in row().items() if name != "id"} | body
    )
    assert reply.status_code == status
    assert pointer is None or pointers(reply) == [pointer]
    assert client.get(f"{BASE}/materials/own:my-materials").json()["version"] == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_viewer_reads_and_does_not_write(client, serve, kind):
    create(client, kind)
    viewer = serve(Role.VIEWER)
    assert viewer.get(f"{BASE}/{kind}/own:my-{kind}").status_code == 200
    assert viewer.post(f"{BASE}/{kind}", json=row(kind, id="own:x")).status_code == 403
    assert viewer.put(f"{BASE}/{kind}/own:my-{kind}", json=row(kind)).status_code == 403


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"label": "two\nlines"}, "/label"),
        ({"label": "bell\u0007"}, "/label"),
        ({"label": "turned \u202e round"}, "/label"),
        ({"label": " padded "}, "/label"),
        ({"label": ""}, "/label"),
        ({"label": "x" * 101}, "/label"),
        ({"aliases": ["fine", "\u0000"]}, "/aliases/1"),
        ({"aliases": ["x"] * 21}, "/aliases"),
        ({"aliases": ["桐" * 100] * 6}, "/aliases"),
        ({"source": "a\u2028b"}, "/source"),
        ({"confidence": 1.5}, "/confidence"),
        ({"confidence": -0.1}, "/confidence"),
        ({"id": "own:"}, "/id"),
        ({"id": "own:a/b"}, "/id"),
        ({"id": "spruce_sitka"}, "/id"),
        ({"created_by": "somebody else"}, "/created_by"),
        ({"values": {"class": "WOOD", "density_kg_per_m3": 1}}, "/values/density_kg_per_m3"),
        ({"values": {"class": "ICE"}}, "/values/class"),
        ({"values": VALUES["materials"] | {"label": "another"}}, "/values/label"),
        ({"hazards": [{"kind": "DUST", "text": "\u001b[2J"}]}, "/hazards/0/text"),
    ],
)
def test_what_cannot_be_a_row_is_refused_with_a_pointer(client, changes, pointer):
    reply = client.post(f"{BASE}/materials", json=row(**changes))
    assert reply.status_code == 422, reply.text
    assert pointers(reply) == [pointer]
    assert ids(client, q="own:") == []


def test_markup_and_quotes_in_names_stay_text(client):
    label = '<script>alert("1")</script> | `x` \\ 1/8"'
    create(client, label=label, aliases=["'; DROP TABLE records; --", "=1+1"])
    read = client.get(f"{BASE}/materials/own:my-materials")
    assert read.headers["content-type"] == "application/json"
    assert read.json()["label"] == label
    assert ids(client, q="drop table") == ["own:my-materials"]
    design = body_of()["design"] | {"top_material_id": "own:my-materials"}
    picture = client.post(f"{BASE}/preview", json={"design": design})
    assert picture.status_code == 200
    assert "<script" not in picture.text


def test_a_row_is_at_most_16_kib(client):
    values = VALUES["presets"] | {"cuts": [CUT | {"name": "桐" * 200}] * 12}
    tools = [CUT | {"name": "桐" * 200, "tool_id": None, "tool": VALUES["tools"] | {"label": "桐" * 200}}] * 12
    assert client.post(f"{BASE}/presets", json=row("presets", values=values)).status_code == 201
    reply = client.post(f"{BASE}/presets", json=row("presets", id="own:big", values=values | {"cuts": tools}))
    assert (reply.status_code, reply.json()["type"]) == (413, "urn:rmos:problem:too-large")


# --- Used.


def asked(**changes):
    return changed(body_of(), **changes)


def own_setup(client):
    """Keep the rows that the README's rosette names or spells out, and return it naming them."""
    for kind in ("materials", "tools", "machines"):
        create(client, kind)
    return asked(
        top_material_id="own:my-materials",
        machine_id="own:my-machines",
        machine=...,
        cuts__0__tool_id="own:my-tools",
        cuts__0__tool=...,
    )


def test_own_rows_are_judged_as_the_same_values_in_the_request(client):
    inline = asked(top_material_id=..., top_material=VALUES["materials"])
    by_id = client.post(f"{BASE}/evaluate", json=own_setup(client)).json()
    spelt_out = client.post(f"{BASE}/evaluate", json=inline).json()
    assert by_id["risk_level"] == "GREEN"
    assert by_id["assumed_defaults"] == spelt_out["assumed_defaults"] == []
    scores = [[each["value"] for each in verdict["cuts"][0]["assessments"]] for verdict in (by_id, spelt_out)]
    assert scores[0] == scores[1]
    assert by_id["input_sha256"] != spelt_out["input_sha256"]


def test_batch_map_preview_and_suggestions_find_own_rows(client):
    body = own_setup(client)
    page = client.post(f"{BASE}/evaluate/batch", json={"items": [body, {"design": 1}, body_of()]}).json()
    assert [each["status"] for each in page["items"]] == [200, 422, 200]
    axes = {
        "feed_mm_per_min": {"min": 1000, "max": 2000, "steps": 3},
        "spindle_rpm": {"min": 12000, "max": 24000, "steps": 2},
    }
    grid = client.post(f"{BASE}/map", json=body | axes)
    assert (grid.status_code, grid.json()["present"]["risk_level"]) == (200, "GREEN")
    assert client.post(f"{BASE}/preview", json=body).status_code == 200
    body["context"]["cuts"][0]["feed_mm_per_min"] = 300
    advised = client.post(f"{BASE}/evaluate", json=body).json()
    assert advised["risk_level"] != "GREEN"
    assert advised["suggestions"][0]["risk_level"] == "GREEN"


def test_a_changed_row_changes_the_next_verdict(client):
    body = own_setup(client)
    before = client.post(f"{BASE}/evaluate", json=body).json()
    longer = VALUES["tools"] | {"stickout_mm": 40}
    assert client.put(f"{BASE}/tools/own:my-tools", json=row("tools", values=longer)).status_code == 200
    after = client.post(f"{BASE}/evaluate", json=body).json()
    assert (before["risk_level"], after["risk_level"]) == ("GREEN", "RED")


def test_hazards_that_a_workshop_knows_of_stand_in_the_verdict(client):
    create(client, hazards=[{"kind": "SENSITISER", "text": "Itches."}])
    verdict = client.post(f"{BASE}/evaluate", json=asked(top_material_id="own:my-materials")).json()
    found = [(each["kind"], each["text"]) for each in verdict["hazards"] if each["material"] == "My materials"]
    assert found == [("SENSITISER", "Itches.")]


def test_an_own_material_without_hazards_has_the_dust_of_its_class(client):
    create(client)
    verdict = client.post(f"{BASE}/evaluate", json=asked(top_material_id="own:my-materials")).json()
    assert [each["kind"] for each in verdict["hazards"] if each["material"] == "My materials"] == ["DUST"]


@pytest.mark.parametrize("path", ["evaluate", "map", "preview", "evaluate/batch"])
def test_an_unknown_own_id_is_422_with_a_pointer_and_the_nearest_id(client, path):
    create(client, id="own:shed-spruce")
    body = asked(top_material_id="own:shed-sprouce")
    body |= {
        "map": {
            "feed_mm_per_min": {"min": 1000, "max": 2000, "steps": 3},
            "spindle_rpm": {"min": 12000, "max": 24000, "steps": 2},
        }
    }.get(path, {})
    reply = client.post(f"{BASE}/{path}", json={"items": [body]} if path == "evaluate/batch" else body)
    problem = reply.json()["items"][0]["problem"] if path == "evaluate/batch" else reply.json()
    assert problem["status"] == 422
    (error,) = problem["errors"]
    assert error["pointer"].endswith("/design/top_material_id")
    assert "did you mean own:shed-spruce?" in error["detail"]


# --- Kept.


def test_a_run_keeps_the_rows_as_they_were(client):
    body = own_setup(client)
    run = client.post("/api/runs", json=body).json()
    place = f"/api/runs/{run['run_id']}"
    kept = run["context"]
    assert kept["materials"]["own:my-materials"]["values"]["density_kg_per_m3"] == 425
    assert "origin" not in kept["materials"]["own:my-materials"]
    assert kept["cuts"][0]["tool"]["stickout_mm"] == 14
    assert kept["machine"]["spindle_power_w"] == 450
    for kind, change in {
        "materials": {"density_kg_per_m3": 1200},
        "tools": {"stickout_mm": 40},
        "machines": {"spindle_power_w": 5},
    }.items():
        values = VALUES[kind] | change
        assert client.put(f"{BASE}/{kind}/own:my-{kind}", json=row(kind, values=values)).status_code == 200
    assert client.get(place).json() == run
    verification = client.get(f"{place}/verify").json()
    assert verification["ok"] is True, verification
    replay = client.post(f"{place}/replay", json={}).json()
    assert replay["run"]["context"] == kept
    assert replay["run"]["feasibility"]["result_sha256"] == run["feasibility"]["result_sha256"]
    assert replay["run"]["feasibility"]["input_sha256"] == run["feasibility"]["input_sha256"]
    anew = client.post("/api/runs", json=body).json()
    assert (run["status"], anew["status"]) == ("OK", "BLOCKED")


def test_a_run_of_an_unknown_own_row_is_refused_with_the_nearest_id(client):
    create(client, "tools")
    reply = client.post("/api/runs", json=asked(cuts__0__tool_id="own:my-tool", cuts__0__tool=...))
    assert (reply.status_code, pointers(reply)) == (422, ["/context/cuts/0/tool_id"])
    assert "own:my-tools" in reply.json()["errors"][0]["detail"]


# --- Presets.


@pytest.mark.parametrize("preset", presets().rows.values(), ids=lambda preset: preset.id)
def test_every_built_in_preset_is_a_context_that_can_be_cut(preset):
    body = asked(top_material_id="koa" if "hardwood" in preset.id else "spruce_sitka")
    plain = {"width_mm": 2.0, "construction": "SEGMENTED", "segments": 12, "kerf_mm": 0.4}
    shell = {"material_id": "mother_of_pearl", "slice_thickness_mm": 0.9}
    body["design"]["rings"][0] = plain | (shell if "pearl" in preset.id else {"material_id": "maple_hard"})
    body["context"] = json.loads(preset.values.model_dump_json(exclude_none=True))
    result = judged(body)
    # YELLOW for what only the workshop knows: how far the bit stands out and how sharp it is.
    assert result.risk_level == "YELLOW"
    assert {each.field for each in result.assumed_defaults} >= {"tool.edge", "tool.stickout_mm"}
    confirmed = body["context"] | {"confirmed_defaults": [each.field for each in result.assumed_defaults]}
    best = judged(body | {"context": confirmed}).risk_level
    assert best == ("YELLOW" if "pearl" in preset.id else "GREEN")


def test_the_values_of_a_preset_are_a_context(client):
    create(client, "presets")
    values = client.get(f"{BASE}/presets/own:my-presets").json()["values"]
    FeasibilityInput.model_validate({"design": body_of()["design"], "context": values})
    reply = client.post(f"{BASE}/evaluate", json={"design": body_of()["design"], "context": values})
    assert reply.status_code == 200
    assert "pearl_inlay_0400" in ids(client, "presets", q="MOP inlay")


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"machine_id": "own:gone", "cuts": [CUT]}, "/values/machine_id"),
        ({"cuts": [CUT, CUT | {"tool_id": "flat_3157"}]}, "/values/cuts/1/tool_id"),
        ({"cuts": []}, "/values/cuts"),
        ({"cuts": [CUT], "confirmed_defaults": ["tool.edge"]}, "/values/confirmed_defaults"),
        (
            {"cuts": [CUT], "stock": [{"ring_index": 0, "length_mm": 9, "width_mm": 9, "thickness_mm": 9}]},
            "/values/stock",
        ),
    ],
)
def test_a_preset_of_unknown_things_or_of_one_rosette_is_refused(client, values, pointer):
    reply = client.post(f"{BASE}/presets", json=row("presets", values=values))
    assert (reply.status_code, pointers(reply)) == (422, [pointer])


def test_rows_are_kept_alike_on_aws(moto_aws):
    aws = AwsStores(moto_aws)
    blobs = S3BlobStore(aws.s3, aws.bucket_name)
    backend = Backend(DynamoRecordStore(moto_aws.client("dynamodb"), aws.table_name, blobs), blobs)
    token = create_token(aws.records, "bench", Role.OPERATOR)
    app = create_app(ROUTERS, lambda: backend, Settings())
    client = TestClient(app, headers={"Authorization": f"Bearer {token}"})
    etag = create(client, aliases=["attic"]).headers["etag"]
    place = f"{BASE}/materials/own:my-materials"
    statuses = [
        client.put(place, json=row(label=label), headers={"If-Match": etag}).status_code for label in ("One", "Two")
    ]
    assert statuses == [200, 412]
    assert client.get(place).json()["label"] == "One"
    assert (ids(client, q="attic"), ids(client, q="one own:")) == ([], ["own:my-materials"])
    assert client.post(f"{BASE}/materials", json=row()).status_code == 409
    verdict = client.post(f"{BASE}/evaluate", json=asked(top_material_id="own:my-materials"))
    assert verdict.json()["risk_level"] == "GREEN"
