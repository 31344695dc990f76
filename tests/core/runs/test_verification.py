import io
import json

import pytest
from rmos.canonical import sha256_of_bytes
from rmos.errors import Corrupt
from rmos.runs import repository
from rmos.runs.evidence import Advisory, AdvisoryKind, Attachment
from rmos.runs.evidence_records import advisory_key, put_advisory, put_attachment
from rmos.runs.models import Outputs
from rmos.runs.verification import ABSENT, ANOTHER, DAMAGED, artifact_checks, verify_attachments, verify_run
from rmos.storage.digests import entry_digest
from rmos.storage.dynamo_items import line_place

from tests.support.disk import alter_row
from tests.support.run_artifacts import NOON, an_artifact

SVG = b"<svg/>"


def attachment(data):
    return Attachment(
        sha256=sha256_of_bytes(data), kind="DRAWING", filename="a.svg", media_type="image/svg+xml",
        size_bytes=len(data), created_at=NOON,
    )  # fmt: skip


def store(stores, **fields):
    artifact = an_artifact(**fields)
    stores.records.commit([repository.create(artifact)])
    return artifact


def failed(checks):
    return [check.name for check in checks if not check.ok]


def verify(stores, artifact):
    return verify_run(stores.records, stores.blobs, artifact.run_id)


def test_a_run_with_all_its_parts_verifies(stores):
    stores.blobs.put(io.BytesIO(SVG))
    outputs = Outputs(
        gcode_text="G0 Z5\n",
        opplan_json={"b": 1.0, "a": 1e20},
        toolpaths_json=[],
        preview_svg_sha256=sha256_of_bytes(SVG),
    )
    found = verify(stores, store(stores, outputs=outputs, attachments=(attachment(SVG),)))
    assert found.ok, found.checks
    names = [check.name for check in found.checks]
    assert names[:3] == ["record", "artifact_sha256", "feasibility_sha256"]
    assert {"gcode_sha256", "opplan_sha256", "toolpaths_sha256", f"blob {sha256_of_bytes(SVG)}"} <= set(names)


def test_a_missing_run_is_not_verified(stores):
    with pytest.raises(repository.RunNotFound):
        verify_run(stores.records, stores.blobs, "run_0")


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ({"label": "another"}, {"artifact_sha256"}),
        ({"unknown_field": 1}, {"artifact_sha256"}),
        ({"feasibility": {"risk_level": "GREEN"}}, {"artifact_sha256", "feasibility_sha256"}),
        ({"outputs": {"gcode_text": "G0 Z-5\n"}}, {"artifact_sha256", "gcode_sha256"}),
        ({"outputs": {}}, {"artifact_sha256", "gcode_sha256"}),
        ({"artifact_sha256": "0" * 64}, {"artifact_sha256"}),
    ],
)
def test_what_was_changed_together_with_the_stores_own_digest_is_named(stores, change, broken):
    stored = json.loads(an_artifact(outputs=Outputs(gcode_text="G0 Z5\n")).model_dump_json())
    checks = artifact_checks(json.dumps(stored | change), stores.blobs)
    assert set(failed(checks)) == broken
    assert all(check.expected != check.actual for check in checks if not check.ok)


def test_the_judged_input_and_the_result_are_checked_by_the_feasibilitys_own_hashes(stores):
    feasibility = {"input_sha256": "0" * 64, "result_sha256": "0" * 64, "cuts": []}
    checks = artifact_checks(an_artifact(feasibility=feasibility).model_dump_json(), stores.blobs)
    assert failed(checks) == ["input_sha256", "result_sha256"]


def test_a_dropped_artifact_hash_does_not_pass(stores):
    stored = json.loads(an_artifact().model_dump_json())
    del stored["artifact_sha256"]
    assert failed(artifact_checks(json.dumps(stored), stores.blobs)) == ["artifact_sha256"]


def alter(tmp_path, change, key):
    alter_row(tmp_path / "data" / "rmos.sqlite3", f"UPDATE records SET {change} WHERE key = ?", key)


def test_one_byte_of_the_stored_row_changed_is_refused_by_a_read_and_named_by_verify(stores, tmp_path):
    artifact = store(stores)
    alter(tmp_path, "body = replace(body, 'NONE', 'N0NE')", f"run/{artifact.run_id}")
    with pytest.raises(Corrupt):
        repository.get_view(stores.records, artifact.run_id)
    found = verify(stores, artifact)
    assert not found.ok
    assert failed(found.checks) == ["record"]


def an_advisory(advisory_id="adv_1", **fields):
    return Advisory(advisory_id=advisory_id, kind=AdvisoryKind.NOTE, created_at=NOON, **fields)


def test_one_altered_advisory_of_several_is_named(stores, tmp_path):
    artifact = store(stores)
    stores.records.commit([put_advisory(artifact.run_id, an_advisory(name)) for name in ("adv_1", "adv_2", "adv_3")])
    assert verify(stores, artifact).ok
    # What only the record's own digest covers: its head, which lists show, stays.
    alter(tmp_path, "body = replace(body, 'NOTE', 'n0te')", advisory_key(artifact.run_id, "adv_2"))
    found = verify(stores, artifact)
    assert failed(found.checks) == ["advisory adv_2"]
    assert "artifact_sha256" in [check.name for check in found.checks]


def test_an_altered_line_of_what_was_added_is_named_and_the_run_is_not_shown_without_it(stores, tmp_path):
    artifact = store(stores)
    stores.records.commit([put_advisory(artifact.run_id, an_advisory())])
    alter(tmp_path, "head = replace(head, 'NOTE', 'n0te')", advisory_key(artifact.run_id, "adv_1"))
    assert failed(verify(stores, artifact).checks) == ["appended", "advisory adv_1"]
    with pytest.raises(Corrupt):
        repository.get_view(stores.records, artifact.run_id)


def test_an_altered_and_a_missing_line_of_a_list_are_named_on_dynamodb_too(moto_stores):
    """There each line is an item of its own, with a head of its own."""
    artifact = store(moto_stores)
    (run,) = moto_stores.records.get([repository.key_of(artifact.run_id)])
    altered, gone = run.entries[:2]
    moto_stores.dynamodb.update_item(
        TableName=moto_stores.table_name,
        Key=line_place(altered),
        UpdateExpression="SET head = :head",
        ExpressionAttributeValues={":head": {"S": json.dumps(dict(run.head) | {"status": "BLOCKED"})}},
    )
    moto_stores.dynamodb.delete_item(TableName=moto_stores.table_name, Key=line_place(gone))

    found = {check.name: check.actual for check in verify(moto_stores, artifact).checks if not check.ok}

    assert found == {f"index {altered.index}": DAMAGED, f"index {gone.index}": ABSENT}


def test_a_line_that_was_changed_together_with_its_own_digest_is_held_against_the_run(moto_stores):
    artifact = store(moto_stores)
    (run,) = moto_stores.records.get([repository.key_of(artifact.run_id)])
    head = dict(run.head) | {"status": "BLOCKED"}
    moto_stores.dynamodb.update_item(
        TableName=moto_stores.table_name,
        Key=line_place(run.entries[0]),
        UpdateExpression="SET head = :head, digest = :digest",
        ExpressionAttributeValues={
            ":head": {"S": json.dumps(head)},
            ":digest": {"S": entry_digest(run.key, head, run.entries[0], None)},
        },
    )
    found = {check.name: check.actual for check in verify(moto_stores, artifact).checks if not check.ok}
    assert found == {f"index {run.entries[0].index}": ANOTHER}


def test_all_damage_that_is_found_is_reported_as_an_incident(stores, tmp_path, caplog):
    stores.blobs.put(io.BytesIO(SVG))
    artifact = store(stores, attachments=(attachment(SVG),))
    stores.records.commit([put_advisory(artifact.run_id, an_advisory())])
    assert verify(stores, artifact).ok
    assert not caplog.records
    alter(tmp_path, "body = replace(body, 'NOTE', 'n0te')", advisory_key(artifact.run_id, "adv_1"))
    next((tmp_path / "data" / "blobs").rglob(sha256_of_bytes(SVG))).unlink()
    assert not verify(stores, artifact).ok
    incidents = [record.key for record in caplog.records if record.message == "incident"]
    assert sorted(incidents) == sorted([sha256_of_bytes(SVG), f"run/{artifact.run_id} advisory adv_1"])


def test_a_picture_that_an_import_brought_along_is_checked_too(stores):
    preview = sha256_of_bytes(b"<svg>a picture</svg>")
    artifact = store(stores, outputs=Outputs(preview_svg_sha256=preview))
    assert [(each.name, each.actual) for each in verify(stores, artifact).checks if not each.ok] == [
        (f"blob {preview}", ABSENT)
    ]
    stores.blobs.put(io.BytesIO(b"<svg>a picture</svg>"))
    assert verify(stores, artifact).ok


@pytest.mark.parametrize("place", ["artifact", "appended"])
@pytest.mark.parametrize("damage", ["altered", "gone"])
@pytest.mark.parametrize("verifies", [verify_run, verify_attachments])
def test_a_blob_altered_or_gone_is_named(stores, tmp_path, damage, place, verifies):
    blob = stores.blobs.put(io.BytesIO(SVG))
    in_artifact = (attachment(SVG),) if place == "artifact" else ()
    artifact = store(stores, attachments=in_artifact)
    if not in_artifact:
        stores.records.commit([put_attachment(artifact.run_id, attachment(SVG))])
    assert verifies(stores.records, stores.blobs, artifact.run_id).ok
    (path,) = (tmp_path / "data" / "blobs").rglob(blob.sha256)
    path.chmod(0o644)
    path.write_bytes(b"<svg\\>") if damage == "altered" else path.unlink()
    found = verifies(stores.records, stores.blobs, artifact.run_id)
    assert failed(found.checks) == [f"blob {blob.sha256}"]
