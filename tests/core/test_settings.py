"""Settings: what is given counts, then the environment, then the defaults."""

import pytest
from pydantic import ValidationError
from rmos.settings import Settings, Storage


def test_a_setting_is_what_is_given_or_of_the_environment_or_its_default(monkeypatch):
    monkeypatch.setenv("RMOS_PORT", "8100")
    monkeypatch.setenv("RMOS_STORAGE", "AWS")
    assert Settings().port == 8100
    assert Settings(port=8200).port == 8200
    assert Settings().storage is Storage.AWS
    assert Settings().host == "127.0.0.1"


def test_lists_and_maps_of_the_environment_are_json(monkeypatch):
    monkeypatch.setenv("RMOS_CORS_ORIGINS", '["https://shop.example"]')
    monkeypatch.setenv("RMOS_QUEUE_URLS", '{"exports": "https://sqs.example/1"}')
    assert Settings().cors_origins == ("https://shop.example",)
    assert Settings().queue_urls == {"exports": "https://sqs.example/1"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RMOS_CORS_ORIGINS", "https://shop.example"),
        ("RMOS_CORS_ORIGINS", '"https://shop.example"'),
        ("RMOS_QUEUE_URLS", "[]"),
        ("RMOS_QUEUE_URLS", '{"exports": 1}'),
        ("RMOS_STORAGE", "CLOUD"),
        ("RMOS_OPENAI_TIMEOUT_S", "nan"),
        ("RMOS_PORT", ""),
    ],
)
def test_a_variable_that_does_not_fit_is_refused_by_its_name(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as refused:
        Settings()
    (error,) = refused.value.errors()
    assert f"RMOS_{error['loc'][0]}".upper() == name


def test_a_setting_that_does_not_exist_is_refused():
    with pytest.raises(ValidationError, match="data_folder"):
        Settings(data_folder="x")


def test_a_key_is_not_shown_when_settings_are():
    assert "sk-secret" not in repr(Settings(openai_api_key="sk-secret"))
