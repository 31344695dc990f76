import pytest
from rmos.http.negotiation import preferred

JSON, MARKDOWN = "application/json", "text/markdown"


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, JSON),
        ("", JSON),
        ("*/*", JSON),
        ("text/markdown", MARKDOWN),
        ("Text/Markdown; charset=utf-8", MARKDOWN),
        ("text/*", MARKDOWN),
        ("text/html, text/markdown;q=0.9, */*;q=0.1", MARKDOWN),
        ("application/json, text/markdown", JSON),
        ("text/markdown;q=0.5, application/json;q=0.4", MARKDOWN),
        ("text/markdown;q=0, */*", JSON),
        ("image/png", JSON),
        ("text/markdown;q=2", MARKDOWN),
        (";;,;", JSON),
    ],
)
def test_the_most_wanted_of_what_is_offered_is_chosen(accept, chosen):
    assert preferred(accept, (JSON, MARKDOWN)) == chosen
