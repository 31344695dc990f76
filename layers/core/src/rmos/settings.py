"""Settings: the only place that reads the environment."""

from enum import Enum
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Storage(Enum):
    """Where records and blobs live."""

    LOCAL = "LOCAL"
    AWS = "AWS"


class Settings(BaseSettings):
    """All settings, from environment variables with the prefix RMOS_; a bad value stops the start by its name."""

    model_config = SettingsConfigDict(env_prefix="RMOS_", frozen=True, extra="ignore")

    storage: Storage = Storage.LOCAL
    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    table_name: str = ""
    bucket_name: str = ""
    queue_urls: dict[str, str] = {}
    """Queue name to SQS URL, as JSON; only the relay needs it."""
    cors_origins: tuple[str, ...] = ()
    """Origins of browsers' pages that may call the API, as a JSON list; none by default."""
    openai_api_key: SecretStr = SecretStr("")
    openai_api_key_secret: str = ""
    """The secret of AWS Secrets Manager that holds the key; only the functions that call the provider read it."""
    openai_base_url: str = "https://api.openai.com/v1"
    openai_text_model: str = ""
    openai_timeout_s: Annotated[float, Field(gt=0, le=600)] = 120
    allow_stub_engine: bool = False
    default_engine_id: str = "baseline_v1"
