"""What a cold start is held against: an ordinary handler that loads and opens all that it may ever need.

FastAPI, Mangum, boto3 with two clients and openai; its request reads one item, as ours do to check the token. It is
copied out of the package and run in the Lambda runtime, beside the packages named in `bench.cold_start`.
"""

import os
from typing import Annotated

import boto3
from fastapi import FastAPI, Header, HTTPException
from mangum import Mangum
from openai import OpenAI
from pydantic import BaseModel, Field

dynamodb = boto3.client("dynamodb")
s3 = boto3.client("s3")
images = OpenAI(api_key="not used")
app = FastAPI(title="baseline")


class Cut(BaseModel):
    name: str = Field(max_length=200)
    spindle_rpm: float = Field(gt=0)
    feed_mm_per_min: float = Field(gt=0)
    depth_per_pass_mm: float = Field(gt=0)


class Request(BaseModel):
    design: dict[str, object]
    context: dict[str, object]


class Answer(BaseModel):
    risk_level: str
    cuts: list[Cut]


@app.post("/api/rmos/feasibility/evaluate")
def evaluate(request: Request, authorization: Annotated[str, Header()]) -> Answer:
    token_id = authorization.split("_")[1]
    key = {"pk": {"S": f"record#token/{token_id}"}, "sk": {"S": "record"}}
    if "Item" not in dynamodb.get_item(TableName=os.environ["RMOS_TABLE_NAME"], Key=key):  # noqa: TID251  # not ours
        raise HTTPException(401)
    cuts = [Cut.model_validate(cut) for cut in request.context["cuts"]]
    return Answer(risk_level="GREEN", cuts=cuts)


handler = Mangum(app, lifespan="off")
