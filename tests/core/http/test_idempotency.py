"""Idempotency-Key: sent again, answered again; never done twice."""

import threading

import pytest


def test_the_same_key_and_body_gets_the_first_answer_again(caller):
    first = caller.post({"name": "n"}, headers={"Idempotency-Key": "k", "X-Request-Id": "one"})
    again = caller.post({"name": "n"}, headers={"Idempotency-Key": "k", "X-Request-Id": "two"})
    assert (again.status_code, again.content) == (first.status_code, first.content) == (201, first.content)
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    assert again.headers["x-request-id"] == "two"


def test_the_same_key_with_another_body_is_422_and_does_nothing(caller):
    caller.post({"name": "n"}, headers={"Idempotency-Key": "k"})
    reply = caller.post({"name": "m"}, headers={"Idempotency-Key": "k"})
    assert reply.status_code == 422
    assert reply.json()["type"] == "urn:rmos:problem:idempotency-key-reused"
    assert caller.stored() == ["thing/n"]


def test_keys_belong_to_one_caller(caller):
    caller.post({"name": "n"}, headers={"Idempotency-Key": "k"})
    assert caller.post({"name": "m"}, role="admin", headers={"Idempotency-Key": "k"}).status_code == 201


def test_a_refused_request_does_not_use_up_its_key(caller):
    assert caller.post({"name": ""}, headers={"Idempotency-Key": "k"}).status_code == 422
    assert caller.post({"name": "n"}, headers={"Idempotency-Key": "k"}).status_code == 201


def test_without_a_key_a_second_create_conflicts(caller):
    assert caller.post({"name": "n"}).status_code == 201
    assert caller.post({"name": "n"}).status_code == 409


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256])
def test_a_key_that_is_no_key_is_422(caller, key):
    reply = caller.post({"name": "n"}, headers={"Idempotency-Key": key})
    assert reply.status_code == 422
    assert [each["pointer"] for each in reply.json()["errors"]] == ["idempotency-key:"]


@pytest.mark.parametrize("caller", ["asgi"], indirect=True)  # a Lambda sandbox has one request at a time
def test_of_many_at_once_with_one_key_all_hear_the_same_answer(caller):
    replies = []

    def send():
        replies.append(caller.post({"name": "n"}, headers={"Idempotency-Key": "k"}))

    threads = [threading.Thread(target=send) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {reply.status_code for reply in replies} == {201}
    assert len({reply.content for reply in replies}) == 1
    assert caller.stored() == ["thing/n"]
