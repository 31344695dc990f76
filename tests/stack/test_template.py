"""The promises of template.yaml, read from its text: in a second, and where no emulator would show a breach."""

import fnmatch
import importlib
import json
import re
from typing import Any

import pytest
from rmos.http.produced import MAX_PRODUCED_BYTES
from rmos.settings import Settings
from rmos.storage.ports import Blob
from rmos.storage.s3 import BLOB_PREFIX
from rmos.storage.s3_handover import PRODUCED_PREFIX
from rmos.storage.s3_links import S3BlobLinks

from tests.support.aws_stores import moto_client
from tests.support.template import FUNCTION, functions, load_template

TEMPLATE = load_template()
RESOURCES: dict[str, Any] = TEMPLATE["Resources"]
FUNCTIONS = functions(TEMPLATE)
FUNCTION_RESOURCES = {name: RESOURCES[name]["Properties"] for name in FUNCTIONS}
RUN_KEYS = (
    "record#run/run_0",
    "index#runs",
    "index#runs/status=OK",
    "record#run-advisory/run_0/adv_0",
    "record#run-attachment/run_0/0",
    "index#run-evidence/run_0",
)
CHANGING_ACTIONS = ("dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "dynamodb:PartiQLUpdate")


def of_type(kind: str) -> dict[str, Any]:
    return {name: resource for name, resource in RESOURCES.items() if resource["Type"] == kind}


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def statements_of(function: str) -> list[dict[str, Any]]:
    policies = FUNCTION_RESOURCES[function].get("Policies", [])
    documents = [RESOURCES[each["Ref"]]["Properties"]["PolicyDocument"] if "Ref" in each else each for each in policies]
    return [statement for document in documents for statement in document["Statement"]]


def all_statements() -> list[dict[str, Any]]:
    return [statement for function in FUNCTIONS for statement in statements_of(function)]


def leading_keys(statement: dict[str, Any]) -> list[str]:
    keys: list[str] = statement.get("Condition", {}).get("ForAllValues:StringLike", {}).get("dynamodb:LeadingKeys", [])
    return keys


def bucket_statement(sid: str) -> dict[str, Any]:
    (found,) = [
        statement
        for statement in RESOURCES["BlobBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
        if statement["Sid"] == sid
    ]
    return found


def test_no_gateway_answers_for_the_functions():
    for api in of_type("AWS::Serverless::HttpApi").values():
        assert not {"Auth", "CorsConfiguration"} & set(api["Properties"])
    events = [event for function in FUNCTION_RESOURCES.values() for event in function.get("Events", {}).values()]
    assert not [event for event in events if "Auth" in event["Properties"]]


def test_the_gateway_throttles_and_logs():
    api = RESOURCES["HttpApi"]["Properties"]
    assert 0 < api["DefaultRouteSettings"]["ThrottlingRateLimit"] <= api["DefaultRouteSettings"]["ThrottlingBurstLimit"]
    assert "authorization" not in api["AccessLogSettings"]["Format"].lower()


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
def test_every_handler_can_be_imported(function):
    module, name = function.handler.rsplit(".", 1)
    assert callable(getattr(importlib.import_module(module), name))


def test_http_functions_end_before_the_gateway_gives_up():
    for name, properties in FUNCTION_RESOURCES.items():
        if any(event["Type"] == "HttpApi" for event in properties["Events"].values()):
            assert FUNCTIONS[name].timeout_s <= 28


def test_the_disk_of_the_runs_function_holds_what_it_makes_and_a_blob_that_goes_in():
    disk_bytes = FUNCTION_RESOURCES["RunsFunction"]["EphemeralStorage"]["Size"] * 1024 * 1024
    assert disk_bytes > 2 * MAX_PRODUCED_BYTES + 100_000_000
    assert {name for name in FUNCTIONS if "EphemeralStorage" in FUNCTION_RESOURCES[name]} == {"RunsFunction"}


def test_functions_are_given_settings_that_exist():
    known = {f"RMOS_{name.upper()}" for name in Settings.model_fields}
    given = [*FUNCTION_RESOURCES.values(), TEMPLATE["Globals"]["Function"]]
    names = {name for one in given for name in one.get("Environment", {}).get("Variables", {})}
    assert {name for name in names if name.startswith("RMOS_")} <= known


def test_the_key_of_the_provider_is_sent_over_tls_or_not_past_the_function():
    allowed = re.compile(TEMPLATE["Parameters"]["OpenAiBaseUrl"]["AllowedPattern"])
    for good in ("https://api.openai.com/v1", "https://gateway.shop.example", "http://127.0.0.1:8080/v1"):
        assert allowed.fullmatch(good)
    for bad in ("", "http://api.openai.com/v1", "http://127.0.0.1.evil.example/v1", "https://a b"):
        assert not allowed.fullmatch(bad)
    told = {name for name in FUNCTIONS if "RMOS_OPENAI_BASE_URL" in str(FUNCTION_RESOURCES[name])}
    assert told == {"ExplanationsFunction"}


def test_data_outlives_the_stack():
    kept = of_type("AWS::DynamoDB::Table") | of_type("AWS::S3::Bucket")
    assert len(kept) == 2
    for resource in kept.values():
        assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_the_table_can_be_restored_and_tells_of_every_change():
    table = RESOURCES["Table"]["Properties"]
    assert table["DeletionProtectionEnabled"]
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_the_bucket_keeps_versions_and_is_closed_to_the_public():
    bucket = RESOURCES["BlobBucket"]["Properties"]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_the_bucket_forgets_what_was_made_for_one_download_and_never_a_blob():
    rules = RESOURCES["BlobBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    forgetting = [rule for rule in rules if "AbortIncompleteMultipartUpload" not in rule]
    assert {rule["Prefix"] for rule in forgetting} == {PRODUCED_PREFIX}
    assert not BLOB_PREFIX.startswith(PRODUCED_PREFIX)
    days = [rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule]
    assert days == [2], "a link of the last minute of a day outlives that day"


def test_the_bucket_forgets_uploads_that_were_never_finished_and_nothing_else_by_that_rule():
    rules = RESOURCES["BlobBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    (rule,) = [rule for rule in rules if "AbortIncompleteMultipartUpload" in rule]
    assert set(rule) == {"Id", "Status", "AbortIncompleteMultipartUpload"}


def test_only_pages_of_the_listed_origins_reach_the_bucket_and_only_as_presigned_urls_need():
    chosen, configuration, otherwise = RESOURCES["BlobBucket"]["Properties"]["CorsConfiguration"]["Fn::If"]
    assert (chosen, otherwise) == ("HasCorsOrigins", {"Ref": "AWS::NoValue"})
    (rule,) = configuration["CorsRules"]
    assert rule["AllowedOrigins"] == {"Fn::Split": [",", {"Ref": "CorsOrigins"}]}
    assert rule["AllowedMethods"] == ["GET", "HEAD", "PUT"]
    sent = S3BlobLinks(moto_client("s3"), "bucket").to_put(Blob(64 * "0", 1)).headers
    by_the_page = {name.lower() for name in sent} - {"content-length"}
    assert by_the_page | {"content-type"} <= {name.lower() for name in rule["AllowedHeaders"]}
    assert {"ETag", "x-amz-checksum-sha256"} <= set(rule["ExposedHeaders"])


def test_an_object_is_only_ever_created():
    statement = bucket_statement("OnlyCreate")
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:PutObject")
    assert statement["Condition"] == {
        "Null": {"s3:if-none-match": "true"},
        "Bool": {"s3:ObjectCreationOperation": "true"},
    }


def test_the_bucket_refuses_plain_http():
    statement = bucket_statement("OnlyOverTls")
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_no_role_may_delete_a_blob():
    denied = bucket_statement("NoFunctionDeletes")
    assert denied["Action"] == "s3:DeleteObject*"
    roles = {role["Fn::GetAtt"] for role in denied["Principal"]["AWS"]}
    assert roles == {f"{name}Role.Arn" for name in FUNCTIONS}
    assert not [
        action for statement in all_statements() for action in listed(statement["Action"]) if "Delete" in action
    ]


def test_rights_are_spelled_out():
    for statement in all_statements():
        assert statement["Effect"] == "Allow"
        assert not [action for action in listed(statement["Action"]) if "*" in action]
        assert "*" not in listed(statement["Resource"])


def test_rights_on_the_table_end_at_the_keys_of_their_area():
    for function in FUNCTIONS:
        for statement in statements_of(function):
            actions = listed(statement["Action"])
            if any(action.startswith("dynamodb:") for action in actions):
                assert leading_keys(statement), (function, statement["Sid"])
                assert not {"dynamodb:Scan", "dynamodb:PartiQLSelect"} & set(actions)


def test_no_role_may_change_or_remove_a_run():
    for statement in all_statements():
        if not set(listed(statement["Action"])) & set(CHANGING_ACTIONS):
            continue
        reached = [key for key in RUN_KEYS for keys in leading_keys(statement) if fnmatch.fnmatchcase(key, keys)]
        assert not reached, statement["Sid"]


def test_only_the_runs_area_creates_runs():
    creators = {
        function
        for function in FUNCTIONS
        for statement in statements_of(function)
        if "dynamodb:PutItem" in listed(statement["Action"])
        and any(fnmatch.fnmatchcase(RUN_KEYS[0], keys) for keys in leading_keys(statement))
    }
    assert creators == {"RunsFunction"}


def test_the_front_has_no_rights_and_knows_of_no_data():
    front = FUNCTION_RESOURCES["FrontFunction"]
    assert "Policies" not in front
    assert "Environment" not in front
    assert not {"RMOS_TABLE_NAME", "RMOS_BUCKET_NAME"} & set(
        TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    )


def test_every_preflight_and_all_that_nobody_else_serves_go_to_the_front():
    routes = {
        (event["Properties"].get("Method", "$default"), event["Properties"].get("Path", "")): name
        for name, properties in FUNCTION_RESOURCES.items()
        for event in properties["Events"].values()
        if event["Type"] == "HttpApi"
    }
    assert routes["$default", ""] == "FrontFunction"
    served = [path for method, path in routes if method == "ANY"]
    assert served
    for path in served:
        assert routes["OPTIONS", path] == "FrontFunction"
        assert routes["ANY", path.removesuffix("/{proxy+}")] == routes["ANY", path]


def test_every_function_logs_to_a_group_that_forgets():
    for properties in FUNCTION_RESOURCES.values():
        group = RESOURCES[properties["LoggingConfig"]["LogGroup"]["Ref"]]
        assert group["Type"] == "AWS::Logs::LogGroup"
    for group in of_type("AWS::Logs::LogGroup").values():
        assert group["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_every_queue_has_a_dead_letter_queue_with_an_alarm():
    queues = of_type("AWS::SQS::Queue")
    dead = {name for name in queues if name.endswith("DeadLetters")}
    for name in set(queues) - dead:
        assert queues[name]["Properties"]["RedrivePolicy"]["deadLetterTargetArn"] == {
            "Fn::GetAtt": f"{name.removesuffix('Queue')}DeadLetters.Arn"
        }
    watched = {
        alarm["Properties"]["Dimensions"][0]["Value"]["Fn::GetAtt"]
        for alarm in of_type("AWS::CloudWatch::Alarm").values()
        if alarm["Properties"]["Namespace"] == "AWS/SQS"
    }
    assert watched == {f"{name}.QueueName" for name in dead}


def test_the_relay_sees_new_events_and_changed_runs_and_gives_up_into_its_dead_letters():
    stream = FUNCTION_RESOURCES["RelayFunction"]["Events"]["Stream"]["Properties"]
    guarded = [{"prefix": f"record#{noun}/"} for noun in ("run", "run-advisory", "run-attachment")]
    assert [json.loads(entry["Pattern"]) for entry in stream["FilterCriteria"]["Filters"]] == [
        {"eventName": ["INSERT"], "dynamodb": {"Keys": {"pk": {"S": [{"prefix": "outbox#"}]}}}},
        {"eventName": ["MODIFY", "REMOVE"], "dynamodb": {"Keys": {"pk": {"S": guarded}}}},
    ]
    assert stream["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert stream["DestinationConfig"]["OnFailure"]["Destination"] == {"Fn::GetAtt": "RelayDeadLetters.Arn"}
    assert FUNCTION_RESOURCES["RelayFunction"]["Events"]["Sweep"]["Properties"]["Schedule"] == "rate(5 minutes)"


def test_the_relay_may_send_to_every_queue_it_is_told_of():
    send = next(each for each in statements_of("RelayFunction") if each["Sid"] == "Send")
    assert listed(send["Action"]) == ["sqs:SendMessage"]
    urls = FUNCTION_RESOURCES["RelayFunction"]["Environment"]["Variables"]["RMOS_QUEUE_URLS"]["Fn::Sub"]
    queues = json.loads(urls.replace("${", "").replace("}", "", urls.count("${"))).values()
    assert {each["Fn::GetAtt"] for each in listed(send["Resource"])} == {f"{queue}.Arn" for queue in queues}


def test_every_alarm_tells_somebody():
    alarms = of_type("AWS::CloudWatch::Alarm")
    watched = {alarm["Properties"]["MetricName"] for alarm in alarms.values()}
    assert watched >= {
        "ApproximateNumberOfMessagesVisible",
        "IteratorAge",
        "5xx",
        "Throttles",
        "RunTampered",
        "Incidents",
    }
    for alarm in alarms.values():
        assert alarm["Properties"]["AlarmActions"] == [{"Ref": "AlarmTopic"}]
    throttled = {
        alarm["Properties"]["Dimensions"][0]["Value"]["Ref"]
        for alarm in alarms.values()
        if alarm["Properties"]["MetricName"] == "Throttles"
    }
    assert throttled == set(FUNCTIONS)


def test_every_function_that_keeps_data_has_its_incidents_counted():
    counted = {
        metric["Properties"]["LogGroupName"]["Ref"].removesuffix("Logs")
        for metric in of_type("AWS::Logs::MetricFilter").values()
        if metric["Properties"]["MetricTransformations"][0]["MetricName"] == "Incidents"
    }
    assert {f"{area}Function" for area in counted} == {name for name in FUNCTIONS if statements_of(name)}


def test_every_alarm_on_damage_watches_what_the_filters_count_and_one_line_is_counted_once():
    filters = [each["Properties"] for each in of_type("AWS::Logs::MetricFilter").values()]
    counted = [(each["LogGroupName"]["Ref"], each["FilterPattern"]) for each in filters]
    assert len(set(counted)) == len(counted)
    alarms = [each["Properties"] for each in of_type("AWS::CloudWatch::Alarm").values()]
    watched = {
        (alarm["Namespace"]["Fn::Sub"], alarm["MetricName"]) for alarm in alarms if isinstance(alarm["Namespace"], dict)
    }
    transformed = [each["MetricTransformations"][0] for each in filters]
    assert watched == {(each["MetricNamespace"]["Fn::Sub"], each["MetricName"]) for each in transformed}


def test_a_restored_stack_takes_up_the_table_and_bucket_it_is_given():
    assert RESOURCES["Table"]["Condition"] == "MakesTable"
    assert RESOURCES["BlobBucket"]["Condition"] == "MakesBucket"
    assert "Condition" not in RESOURCES["BlobBucketPolicy"]


def test_only_functions_of_the_runtime_that_is_tested_are_built():
    for resource in of_type(FUNCTION).values():
        assert not {"Runtime", "Architectures", "CodeUri"} & set(resource["Properties"])
        # SAM adds a function's own layers to those of Globals.
        assert resource["Properties"].get("Layers", []) in ([], [{"Ref": "ImagingLayer"}])
        assert resource["Metadata"] == {"BuildMethod": "makefile"}
    assert TEMPLATE["Globals"]["Function"]["Runtime"] == "python3.13"
