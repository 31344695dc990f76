"""Settings: the only place that reads the environment."""

import json
import os
from enum import Enum
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

PREFIX = "RMOS_"


def _from_json(value: object) -> object:
    """Return what the text of a variable holds."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError as error:
        raise ValueError("lists and maps are written as JSON") from error


class Storage(Enum):
    """Where records and blobs live."""

    LOCAL = "LOCAL"
    AWS = "AWS"


class Settings(BaseModel):
    """All settings: those given, and the others from environment variables such as RMOS_DATA_DIR.

    Raises:
        ValidationError: a value does not fit, which stops the start.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    storage: Storage = Storage.LOCAL
    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    table_name: str = ""
    bucket_name: str = ""
    queue_urls: Annotated[dict[str, str], BeforeValidator(_from_json)] = {}
    """Queue name to SQS URL, as JSON; only the relay needs it."""
    cors_origins: Annotated[tuple[str, ...], BeforeValidator(_from_json)] = ()
    """Origins of browsers' pages that may call the API, as a JSON list; none by default."""
    openai_api_key: SecretStr = SecretStr("")
    openai_api_key_secret: str = ""
    """The secret of AWS Secrets Manager that holds the key; only the functions that call the provider read it."""
    openai_base_url: str = "https://api.openai.com/v1"
    openai_text_model: str = ""
    openai_timeout_s: Annotated[float, Field(gt=0, le=600)] = 120
    allow_stub_engine: bool = False
    default_engine_id: str = "baseline_v1"

    @model_validator(mode="before")
    @classmethod
    def _with_environment(cls, given: dict[str, object]) -> dict[str, object]:
        variables = os.environ  # noqa: TID251  # the one place
        read = {name: variables.get(f"{PREFIX}{name.upper()}") for name in cls.model_fields}
        return {name: value for name, value in read.items() if value is not None} | given
