import io
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta

import pytest
from rmos.canonical import canonical_json
from rmos.errors import Conflict
from rmos.fsck import Kind, check
from rmos.runs import evidence_records, repository
from rmos.runs.evidence import Advisory, AdvisoryKind, Attachment, Explanation, ExplanationStatus
from rmos.runs.inspection import BLOB_REFERENCES
from rmos.storage.backend import BLOBS_NAME, DATABASE_NAME
from rmos.storage.file_scan import FileBlobScan
from rmos.storage.ports import MAX_HEAD_BYTES
from rmos.storage.sqlite_scan import SqliteScan

from tests.support.disk import alter_row
from tests.support.run_artifacts import NOON, an_artifact


def an_advisory(advisory_id="adv_1", minutes=0, **fields):
    moment = NOON + timedelta(minutes=minutes)
    return Advisory(**{"advisory_id": advisory_id, "kind": AdvisoryKind.NOTE, "created_at": moment} | fields)


def an_attachment(sha256, minutes=0, **fields):
    moment = NOON + timedelta(minutes=minutes)
    given = {"kind": "PHOTO", "filename": "a.png", "media_type": "image/png", "size_bytes": 1, "created_at": moment}
    return Attachment(sha256=sha256, **given | fields)


@pytest.fixture
def run(stores):
    artifact = an_artifact()
    stores.records.commit([repository.create(artifact)])
    return artifact


def test_what_was_added_is_shown_with_the_run_in_order_and_the_artifact_stays(stores, run):
    first = an_attachment("a" * 64)
    stores.records.commit([evidence_records.put_advisory(run.run_id, an_advisory("adv_2", minutes=2, prompt="why?"))])
    stores.records.commit([evidence_records.put_advisory(run.run_id, an_advisory("adv_3", minutes=1))])
    stores.records.commit([evidence_records.put_attachment(run.run_id, first)])
    view = repository.get_view(stores.records, run.run_id)
    assert [each.advisory_id for each in view.advisory_inputs] == ["adv_3", "adv_2"]
    assert (view.advisory_count, view.attachments) == (2, (first,))
    assert view.artifact_sha256 == run.artifact_sha256
    assert evidence_records.get_advisory(stores.records, run.run_id, "adv_2").prompt == "why?"


def test_what_is_added_to_one_run_is_not_anothers(stores, run):
    stores.records.commit([evidence_records.put_advisory("run_2", an_advisory())])
    assert repository.get_view(stores.records, run.run_id).advisory_inputs == ()


def test_an_id_is_taken_once_for_each_run(stores, run):
    stores.records.commit([evidence_records.put_advisory(run.run_id, an_advisory())])
    stores.records.commit([evidence_records.put_advisory("run_2", an_advisory())])
    with pytest.raises(Conflict):
        stores.records.commit([evidence_records.put_advisory(run.run_id, an_advisory(kind=AdvisoryKind.ADVISORY))])
    assert evidence_records.get_advisory(stores.records, run.run_id, "adv_1").kind is AdvisoryKind.NOTE


def test_the_explanation_moves_only_from_the_state_that_was_read(stores, run):
    none, before = evidence_records.get_explanation(stores.records, run.run_id)
    assert (none.status, before) == (ExplanationStatus.NONE, None)
    pending = Explanation(status=ExplanationStatus.PENDING, event_id="e1")
    stores.records.commit([evidence_records.put_explanation(run.run_id, pending, before)])
    with pytest.raises(Conflict):
        stores.records.commit([evidence_records.put_explanation(run.run_id, pending, before)])
    read, record = evidence_records.get_explanation(stores.records, run.run_id)
    assert read == pending
    ready = Explanation(status=ExplanationStatus.READY, summary="It bends.")
    stores.records.commit([evidence_records.put_explanation(run.run_id, ready, record)])
    view = repository.get_view(stores.records, run.run_id)
    assert (view.explanation_status, view.explanation_summary) == (ExplanationStatus.READY, "It bends.")


def test_advisories_added_at_the_same_moment_all_survive(stores, run):
    def add(number):
        stores.records.commit([evidence_records.put_advisory(run.run_id, an_advisory(f"adv_{number}"))])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(200)))
    ids = [each.advisory_id for each in repository.get_view(stores.records, run.run_id).advisory_inputs]
    assert sorted(ids) == sorted(f"adv_{number}" for number in range(200))


def test_pages_of_advisories_give_each_once_in_order(stores, run):
    stores.records.commit([evidence_records.put_advisory(run.run_id, an_advisory(f"adv_{n}", n)) for n in range(20)])
    stores.records.commit([evidence_records.put_attachment(run.run_id, an_attachment("b" * 64, minutes=3))])
    found, after = [], None
    while True:
        page = evidence_records.list_advisories(stores.records, run.run_id, after, 7)
        found += [each.advisory_id for each in evidence_records.advisories_of(stores.records, page.items)]
        after = page.resume_after
        if after is None:
            break
    assert found == [f"adv_{n}" for n in range(20)]


def test_a_run_keeps_a_thousand_additions_and_refuses_the_next(stores, run):
    for start in range(0, 1_000, 25):
        some = [an_advisory(f"adv_{n}", n) for n in range(start, start + 25)]
        evidence_records.require_room(stores.records, run.run_id)
        stores.records.commit([evidence_records.put_advisory(run.run_id, each) for each in some])
    with pytest.raises(evidence_records.EvidenceFull):
        evidence_records.require_room(stores.records, run.run_id)


def test_the_longest_values_that_can_be_sent_fit_a_line():
    longest, name = "x" * 128, "\U0001f3b8" * 48
    given = {"created_by": name, "request_id": longest}
    advisory = an_advisory(longest, engine_id=longest, engine_version=longest, **given)
    attachment = an_attachment(
        "a" * 64, kind=longest, filename="\U0001f3b8" * 150, media_type="x" * 255, size_bytes=2**30, **given
    )
    for put in (
        evidence_records.put_advisory(longest, advisory),
        evidence_records.put_attachment(longest, attachment),
    ):
        assert len(canonical_json(dict(put.new.head))) <= MAX_HEAD_BYTES


def found_by_fsck(stores, folder):
    with closing(SqliteScan(folder / DATABASE_NAME, stores.blobs)) as scan:
        report = check(scan, FileBlobScan(folder / BLOBS_NAME), BLOB_REFERENCES, lambda _: None)
    return {(finding.kind, finding.name) for finding in report.findings}


def test_fsck_knows_the_bytes_of_later_attachments_and_names_what_became_of_each_addition(stores, run, tmp_path):
    folder = tmp_path / "data"
    blob = stores.blobs.put(io.BytesIO(b"photo"))
    stores.records.commit([evidence_records.put_attachment(run.run_id, an_attachment(blob.sha256, size_bytes=5))])
    stores.records.commit([evidence_records.put_advisory(run.run_id, an_advisory())])
    assert found_by_fsck(stores, folder) == set()
    (path,) = (folder / BLOBS_NAME).rglob(blob.sha256)
    path.unlink()
    key = evidence_records.advisory_key(run.run_id, "adv_1")
    alter_row(folder / DATABASE_NAME, "UPDATE records SET body = replace(body, 'NOTE', 'n0te') WHERE key = ?", key)
    alter_row(folder / DATABASE_NAME, "DELETE FROM entries WHERE key LIKE 'run-attachment/%'")
    assert found_by_fsck(stores, folder) == {
        (Kind.BLOB_MISSING, blob.sha256),
        (Kind.RECORD_DAMAGED, key),
        (Kind.ENTRY_MISSING, evidence_records.attachment_key(run.run_id, blob.sha256)),
    }
