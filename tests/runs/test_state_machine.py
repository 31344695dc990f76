"""Any sequence of requests leaves the runs that plain dictionaries would hold, and nothing is answered otherwise."""

import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from moto import mock_aws
from rmos.http.app import create_app
from rmos.identity import Role, create_token
from rmos.settings import Settings
from rmos.storage.backend import Backend, open_local
from runs.routers import ROUTERS

from tests.support.aws_stores import Aws, AwsStores, moto_client
from tests.support.run_model import ANSWERED, KnownRun, inputs, severity_between, sha256_of

STEPS = 40
EXPLANATION = "It cuts cleanly."
MARKDOWN = "text/markdown; charset=utf-8"
ENGINES = {None: "baseline_v1", "baseline_v1": "baseline_v1", "stub": "stub"}

labels = st.sampled_from([None, "first", "zweite älteste"])
sessions = st.sampled_from([None, "ses:1", "ses:2"])
keyed = st.booleans()
numbers = st.integers(0, 5)
choices = st.fixed_dictionaries(
    {},
    optional={
        "label": st.sampled_from(["first", "zweite älteste", "none has this"]),
        "workflow_session_id": st.sampled_from(["ses:1", "ses:2"]),
        "parent_run_id": numbers,
        "status": st.sampled_from(["OK", "BLOCKED"]),
        "risk_level": st.sampled_from(["GREEN", "YELLOW", "RED"]),
    },
)
datas = st.sampled_from([b"photo", b"", EXPLANATION.encode()])
advisory_ids = st.sampled_from(["adv_1", "adv_2", sha256_of(EXPLANATION.encode())])


OTHERS = {
    "runs": inputs()["green"][0] | {"notes": "another body"},
    "replay": {"engine_id": None},
    "attach-advisory": {"advisory_id": "adv_3", "kind": "UNKNOWN"},
    "suggest-and-attach": {"advisory_markdown": "Another text."},
}
"""Another body for each kind of request."""


@contextmanager
def one_machine():
    with tempfile.TemporaryDirectory() as folder:
        stores = open_local(Path(folder))
        yield Backend(stores.records, stores.blobs)
        stores.close()


@contextmanager
def aws():
    with mock_aws():
        stores = AwsStores(Aws(moto_client, is_moto=True))
        yield Backend(stores.records, stores.blobs)


class Api(RuleBasedStateMachine):
    """Drives the API over one back-end, a fresh one for each example."""

    back_end = None

    @initialize()
    def begin(self):
        self.opened = ExitStack()
        stores = self.opened.enter_context(self.back_end())
        token = create_token(stores.records, "operator", Role.OPERATOR)
        app = create_app(ROUTERS, lambda: stores, Settings(allow_stub_engine=True))
        bearer = {"Authorization": f"Bearer {token}"}
        self.client = self.opened.enter_context(TestClient(app, headers=bearer, raise_server_exceptions=False))
        self.runs = []
        self.posts = 0
        self.sent = []
        self.walk = None

    def teardown(self):
        if not hasattr(self, "opened"):
            return
        with self.opened:
            for run in self.runs:
                self.shows(run)
            assert self.walked({}, 7) == self.chosen({})

    # What the model says

    def run_at(self, number):
        return self.runs[-1 - number % len(self.runs)]

    def chosen(self, filters):
        return [run.run_id for run in reversed(self.runs) if run.is_chosen_by(filters)]

    def filters_of(self, choice):
        number = choice.get("parent_run_id")
        return choice if number is None else choice | {"parent_run_id": self.run_at(number).run_id}

    def learn(self, view, work):
        run = KnownRun(view, work)
        self.runs.append(run)
        return run

    # What the API says

    def post(self, path, expected, is_keyed, **request):
        self.posts += 1
        headers = request.pop("headers", {}) | ({"Idempotency-Key": f"key-{self.posts}"} if is_keyed else {})
        answer = self.client.post(path, headers=headers, **request)
        assert answer.status_code == expected, answer.text
        assert "Idempotent-Replayed" not in answer.headers
        is_kept = answer.status_code < 300 or answer.json()["type"].endswith(":run-blocked")
        if is_keyed and is_kept:
            self.sent.append((path, headers, request, answer))
        return answer

    def get(self, path, **params):
        answer = self.client.get(path, params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def shows(self, run):
        assert self.get(f"/api/runs/{run.run_id}") == run.expected()

    def walked(self, filters, limit):
        """Return the ids of a whole list, page by page."""
        found, cursor = [], {}
        while cursor is not None:
            page = self.get("/api/runs", limit=limit, **filters, **cursor)
            assert len(page["items"]) <= limit
            found += [item["run_id"] for item in page["items"]]
            cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
        return found

    # What is done

    @rule(
        name=st.sampled_from(sorted(inputs())),
        label=labels,
        session=sessions,
        parent=st.none() | numbers,
        is_keyed=keyed,
    )
    def create(self, name, label, session, parent, is_keyed):
        body, risk_level = inputs()[name]
        given = {"label": label, "workflow_session_id": session}
        if parent is not None and self.runs:
            given["parent_run_id"] = self.run_at(parent).run_id
        view = self.post("/api/runs", 201, is_keyed, json=body | given).json()
        assert (view["decision"]["risk_level"], view["status"]) == (risk_level, ANSWERED[risk_level])
        assert {name: view[name] for name in given} == given
        self.learn(view, (name, "baseline_v1", label, session))

    @rule(is_keyed=keyed)
    def create_with_outputs_that_are_refused(self, is_keyed):
        answer = self.post("/api/runs", 409, is_keyed, json=inputs()["red"][0] | {"outputs": {"gcode_text": "G21\n"}})
        view = self.get(answer.headers["location"])
        assert (view["status"], view["outputs"]["gcode_text"]) == ("BLOCKED", None)
        assert view["run_id"] == answer.json()["run_id"]
        self.learn(view, ("red", "baseline_v1", None, None))

    @rule(is_keyed=keyed)
    def create_what_is_refused(self, is_keyed):
        self.post("/api/runs", 422, is_keyed, json=inputs()["green"][0] | {"parent_run_id": "run_0"})
        self.post("/api/runs", 404, is_keyed, json=inputs()["green"][0] | {"engine_id": "guess"})

    @precondition(lambda self: self.runs)
    @rule(number=numbers, engine_id=st.sampled_from([*ENGINES, "guess"]), is_keyed=keyed)
    def replay(self, number, engine_id, is_keyed):
        run = self.run_at(number)
        path = f"/api/runs/{run.run_id}/replay"
        if engine_id == "guess":
            self.post(path, 404, is_keyed, json={"engine_id": engine_id})
            return
        found = self.post(path, 201, is_keyed, json={} if engine_id is None else {"engine_id": engine_id}).json()
        name, _, *rest = run.work
        work = (name, ENGINES[engine_id], *rest)
        assert (found["diff"]["severity"] == "NONE") == (work == run.work)
        assert found["run"]["parent_run_id"] == run.run_id
        assert {each: found["run"][each] for each in ("design", "label")} == {
            each: run.view[each] for each in ("design", "label")
        }
        self.learn(found["run"], work)

    @precondition(lambda self: self.runs)
    @rule(
        number=numbers,
        data=datas,
        file=st.sampled_from(
            [("PHOTO", "a.png", "image/png"), ("PHOTO", "b.png", "image/png"), ("NOTE", "note.md", MARKDOWN)]
        ),
        is_keyed=keyed,
    )
    def attach(self, number, data, file, is_keyed):
        run = self.run_at(number)
        kind, filename, media_type = file
        expected = run.attach(data, *file)
        found = self.post(
            f"/api/runs/{run.run_id}/attachments",
            expected,
            is_keyed,
            params={"kind": kind, "filename": filename},
            content=data,
            headers={"Content-Type": media_type},
        ).json()
        sha256 = sha256_of(data)
        if expected == 201:
            assert (found["sha256"], found["filename"], found["size_bytes"]) == (sha256, filename, len(data))
            run.attachments[sha256] = found
        else:
            assert (found if expected == 200 else found["attachment"]) == run.attachments[sha256]
        got = self.client.get(f"/api/runs/{run.run_id}/attachments/{sha256}")
        assert (got.status_code, got.content) == (200, data)

    @precondition(lambda self: self.runs)
    @rule(
        number=numbers,
        advisory_id=advisory_ids,
        kind=st.sampled_from(["NOTE", "ADVISORY"]),
        engine_id=st.sampled_from([None, "somebody"]),
        is_keyed=keyed,
    )
    def advise(self, number, advisory_id, kind, engine_id, is_keyed):
        run = self.run_at(number)
        body = {"advisory_id": advisory_id, "kind": kind, "engine_id": engine_id}
        expected = run.advise(advisory_id, kind, engine_id)
        found = self.post(f"/api/runs/{run.run_id}/attach-advisory", expected, is_keyed, json=body).json()
        if expected == 201:
            assert {name: found[name] for name in body} == body
            run.advisories[advisory_id] = found
        else:
            assert (found if expected == 200 else found["advisory"]) == run.advisories[advisory_id]

    @precondition(lambda self: self.runs)
    @rule(number=numbers, is_keyed=keyed)
    def explain_by_rules(self, number, is_keyed):
        run = self.run_at(number)
        is_shown = run.by_rules is not None and run.view["explanation_summary"] == run.by_rules[1]
        found = self.post(
            f"/api/runs/{run.run_id}/suggest-and-attach", 200 if is_shown else 201, is_keyed, json={}
        ).json()
        sha256 = found["advisory_sha256"]
        text = self.client.get(f"/api/runs/{run.run_id}/attachments/{sha256}")
        assert sha256_of(text.content) == sha256
        assert run.by_rules in (None, (sha256, found["explanation_summary"]))
        run.by_rules = (sha256, found["explanation_summary"])
        self.take_text(run, sha256, found["explanation_summary"])

    @precondition(lambda self: self.runs)
    @rule(number=numbers, kind=st.sampled_from(["NOTE", "EXPLANATION"]), is_keyed=keyed)
    def explain_by_hand(self, number, kind, is_keyed):
        run = self.run_at(number)
        sha256 = sha256_of(EXPLANATION.encode())
        body = {"advisory_markdown": EXPLANATION, "kind": kind}
        advised = run.advise(sha256, kind, None)
        is_new = advised == 201 or sha256 not in run.attachments
        moves = kind == "EXPLANATION" and run.view["explanation_summary"] != EXPLANATION
        expected = 409 if advised == 409 else 201 if is_new or moves else 200
        self.post(f"/api/runs/{run.run_id}/suggest-and-attach", expected, is_keyed, json=body)
        if expected != 409:
            self.take_text(run, sha256, EXPLANATION if kind == "EXPLANATION" else None)

    def take_text(self, run, sha256, summary):
        """Learn the records of a text that was kept, which its answer does not show."""
        view = self.get(f"/api/runs/{run.run_id}")
        attached = {each["sha256"]: each for each in view["attachments"]}
        advised = {each["advisory_id"]: each for each in view["advisory_inputs"]}
        run.attachments.setdefault(sha256, attached[sha256])
        run.advisories.setdefault(sha256, advised[sha256])
        if summary is not None:
            run.view |= {"explanation_status": "READY", "explanation_summary": summary}
        assert view == run.expected()

    @rule(path=st.sampled_from(["attach-advisory", "suggest-and-attach", "attachments", "replay"]), is_keyed=keyed)
    def add_to_a_run_that_is_not_there(self, path, is_keyed):
        body = {"advisory_id": "adv_1", "kind": "NOTE"} if path == "attach-advisory" else {}
        query = {"kind": "PHOTO", "filename": "a.png"} if path == "attachments" else {}
        self.post(f"/api/runs/run_0/{path}", 404, is_keyed, json=body, params=query)

    # What is sent again

    @precondition(lambda self: self.sent)
    @rule(number=numbers)
    def retry(self, number):
        path, headers, request, first = self.sent[-1 - number % len(self.sent)]
        again = self.client.post(path, headers=headers, **request)
        assert (again.status_code, again.json()) == (first.status_code, first.json())
        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.headers.get("location") == first.headers.get("location")

    @precondition(lambda self: self.sent)
    @rule(number=numbers)
    def retry_with_another_body(self, number):
        path, headers, request, _ = self.sent[-1 - number % len(self.sent)]
        other = (
            {"content": request["content"] + b"!"}
            if "content" in request
            else {"json": OTHERS[path.rpartition("/")[2]]}
        )
        answer = self.client.post(path, headers=headers, **request | other)
        assert answer.status_code == 422, answer.text
        assert answer.json()["type"] == "urn:rmos:problem:idempotency-key-reused"

    # What is read

    @precondition(lambda self: self.runs)
    @rule(number=numbers, limit=st.integers(1, 3))
    def read(self, number, limit):
        run = self.run_at(number)
        self.shows(run)
        for name, kept in (("attachments", run.attachments), ("advisories", run.advisories)):
            found, cursor = [], {}
            while cursor is not None:
                page = self.get(f"/api/runs/{run.run_id}/{name}", limit=limit, **cursor)
                found += page["items"]
                cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else None
            shown = [{each: item[each] for each in known} for item, known in zip(found, kept.values(), strict=True)]
            assert shown == list(kept.values())

    @precondition(lambda self: self.runs)
    @rule(choice=choices, limit=st.integers(1, 5))
    def list(self, choice, limit):
        filters = self.filters_of(choice)
        assert self.walked(filters, limit) == self.chosen(filters)

    @precondition(lambda self: self.runs)
    @rule(choice=choices, limit=st.integers(1, 2))
    def page_on_while_others_write(self, choice, limit):
        """Each call reads one page: what other rules do happens between the pages."""
        if self.walk is None:
            filters = self.filters_of(choice)
            self.walk = (filters, {}, self.chosen(filters))
        filters, cursor, left = self.walk
        page = self.get("/api/runs", limit=limit, **filters, **cursor)
        found = [item["run_id"] for item in page["items"]]
        # A walk that has begun shows what was there; the first page is of this moment.
        assert found == left[:limit]
        self.walk = (filters, {"cursor": page["next_cursor"]}, left[limit:]) if page["next_cursor"] else None
        assert self.walk is not None or left[limit:] == []
        if cursor:
            other = filters | {"label": "not of this list"}
            assert self.client.get("/api/runs", params=other | cursor).status_code == 400

    @precondition(lambda self: self.runs)
    @rule(a=numbers, b=numbers)
    def diff(self, a, b):
        a, b = self.run_at(a), self.run_at(b)
        found = self.get("/api/runs/diff", a=a.run_id, b=b.run_id)
        assert found["severity"] == (severity_between(a.work, b.work) or found["severity"])
        assert (found["severity"] == "NONE") == (a.work == b.work) == (found["changes"] == [])
        back = self.get("/api/runs/diff", a=b.run_id, b=a.run_id)
        assert {(each["path"], str(each["a"]), str(each["b"])) for each in found["changes"]} == {
            (each["path"], str(each["b"]), str(each["a"])) for each in back["changes"]
        }

    @precondition(lambda self: self.runs)
    @rule(number=numbers)
    def verify(self, number):
        run = self.run_at(number)
        found = self.get(f"/api/runs/{run.run_id}/verify")
        assert found["ok"], found
        names = {check["name"] for check in found["checks"]}
        assert {f"{noun} {each}" for noun in ("attachment", "blob") for each in run.attachments} <= names
        assert {f"advisory {each}" for each in run.advisories} <= names
        expected = {check["name"]: check["expected"] for check in found["checks"]}
        assert expected["artifact_sha256"] == run.view["artifact_sha256"]

    @precondition(lambda self: self.runs)
    @rule(number=numbers)
    def show_lineage(self, number):
        run = self.run_at(number)
        found = self.get(f"/api/runs/{run.run_id}/lineage")
        by_id = {each.run_id: each for each in self.runs}
        parents = []
        while (parent := (parents[-1] if parents else run).view["parent_run_id"]) is not None:
            parents.append(by_id[parent])
        assert [each["run_id"] for each in found["ancestors"]] == [each.run_id for each in reversed(parents)]
        assert [each["run_id"] for each in found["children"]] == self.chosen({"parent_run_id": run.run_id})


# 2,000 steps in all, fewer of them where the stand-in is slow.
@pytest.mark.parametrize(("place", "examples"), [(one_machine, 33), (aws, 17)])
def test_the_api_does_what_dictionaries_would(place, examples):
    class ApiUnderTest(Api):
        back_end = staticmethod(place)

    run_state_machine_as_test(
        ApiUnderTest,
        settings=settings(
            max_examples=examples,
            stateful_step_count=STEPS,
            deadline=None,
            phases=[Phase.reuse, Phase.generate],  # a failure is told at once: shrinking it would take minutes
            report_multiple_bugs=False,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        ),
    )
