"""Verifying within the time of a function: what is read, and what the store tells of."""

import io

import pytest
from rmos.canonical import sha256_of_bytes
from rmos.runs import repository, stored_blobs
from rmos.runs.evidence import Attachment
from rmos.runs.evidence_records import attachment_key, put_attachment
from rmos.runs.stored_blobs import READ_BYTES
from rmos.runs.verification import artifact_checks, verify_attachments, verify_run
from rmos.storage.dynamo_items import record_place
from rmos.storage.s3 import blob_key
from rmos.storage.s3_links import S3BlobLinks

from tests.support.aws_stores import calls_of
from tests.support.run_artifacts import NOON, an_artifact

SMALL, LARGE = b"small", bytes(READ_BYTES + 1)


def attachment(data, **changes):
    given = {"sha256": sha256_of_bytes(data), "size_bytes": len(data)} | changes
    return Attachment(kind="FILM", filename="a", media_type="video/mp4", created_at=NOON, **given)


def blob_name(data):
    return f"blob {sha256_of_bytes(data)}"


def told_name(data):
    return f"{blob_name(data)} (checksum kept by the store)"


class Aws:
    """A run on AWS: a small file is part of it, a large one was added."""

    def __init__(self, stores):
        self.stores = stores
        self.links = S3BlobLinks(stores.s3, stores.bucket_name)
        for data in (SMALL, LARGE):
            stores.blobs.put(io.BytesIO(data))
        artifact = an_artifact(attachments=(attachment(SMALL),))
        self.run_id = artifact.run_id
        stores.records.commit([repository.create(artifact), put_attachment(self.run_id, attachment(LARGE))])

    def checks(self, verifies=verify_run):
        """Return what is said of each blob, and how many were read for it."""
        with calls_of(self.stores.s3, "s3.GetObject") as read:
            found = verifies(self.stores.records, self.stores.blobs, self.run_id, self.links)
        assert found.ok == all(check.ok for check in found.checks)
        return {check.name: check.ok for check in found.checks if check.name.startswith("blob ")}, len(read)


@pytest.fixture
def aws(moto_stores):
    return Aws(moto_stores)


@pytest.mark.parametrize("verifies", [verify_run, verify_attachments])
def test_a_function_reads_what_is_small_and_has_s3_tell_of_what_is_large(aws, verifies):
    assert aws.checks(verifies) == ({blob_name(SMALL): True, told_name(LARGE): True}, 1)


def test_when_the_time_for_reading_is_over_s3_tells_of_the_rest(aws, monkeypatch):
    monkeypatch.setattr(stored_blobs, "READ_S", 0.0)
    assert aws.checks() == ({told_name(SMALL): True, told_name(LARGE): True}, 0)


@pytest.mark.parametrize("damage", ["other bytes", "a checksum of its own", "gone"])
def test_what_replaced_a_large_file_at_s3_does_not_verify(aws, damage):
    place = {"Bucket": aws.stores.bucket_name, "Key": blob_key(sha256_of_bytes(LARGE))}
    forged = LARGE[:-1] + b"!"
    match damage:
        case "other bytes":
            aws.stores.s3.put_object(Body=forged, **place)
        case "a checksum of its own":
            aws.stores.s3.put_object(Body=forged, ChecksumAlgorithm="SHA256", **place)
        case _:
            aws.stores.s3.delete_object(**place)
    assert aws.checks() == ({blob_name(SMALL): True, told_name(LARGE): False}, 1)


def test_a_size_that_differs_from_what_is_stored_does_not_verify(aws):
    shorter = attachment(LARGE, size_bytes=len(LARGE) + 1)
    run = an_artifact(attachments=(shorter,))
    aws.stores.records.commit([repository.create(run)])
    found = verify_run(aws.stores.records, aws.stores.blobs, run.run_id, aws.links)
    assert [check.name for check in found.checks if not check.ok] == [told_name(LARGE)]


def test_an_addition_whose_record_is_gone_while_a_line_leads_to_it_does_not_verify(aws):
    place = record_place(attachment_key(aws.run_id, sha256_of_bytes(LARGE)))
    aws.stores.dynamodb.delete_item(TableName=aws.stores.table_name, Key=place)
    found = verify_run(aws.stores.records, aws.stores.blobs, aws.run_id, aws.links)
    failed = [(check.name, check.actual) for check in found.checks if not check.ok]
    assert failed == [(f"attachment {sha256_of_bytes(LARGE)}", "absent")]


def test_one_machine_reads_everything(stores, monkeypatch):
    monkeypatch.setattr(stored_blobs, "READ_S", 0.0)
    stores.blobs.put(io.BytesIO(LARGE))
    run = an_artifact(attachments=(attachment(LARGE),))
    stores.records.commit([repository.create(run)])
    found = verify_run(stores.records, stores.blobs, run.run_id)
    assert found.ok
    assert blob_name(LARGE) in [check.name for check in found.checks]


def test_what_is_no_digest_names_nothing_that_is_stored(stores):
    forged = an_artifact().model_dump_json().replace('"attachments":[]', '"attachments":[{"sha256":"../x"}]')
    failed = [check for check in artifact_checks(forged, stores.blobs) if not check.ok]
    assert [(check.name, check.actual) for check in failed][1:] == [("blob ../x", "absent")]
