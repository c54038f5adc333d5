"""Secrets never leave the process."""

from __future__ import annotations

import pytest

from headrace import redaction


@pytest.fixture(autouse=True)
def no_secrets():
    redaction.forget_all()
    yield
    redaction.forget_all()


def test_a_known_secret_is_masked_everywhere_in_a_text():
    redaction.add_secret("hunter2-canary")
    assert redaction.mask("a hunter2-canary b, hunter2-canary") == "a *** b, ***"


@pytest.mark.parametrize(
    "text",
    [
        "p%40ss%2Fword+%26",  # form-encoded
        "p%40ss/word%20%26",
        "p%40ss%2Fword%20%26",
        repr("p@ss/word &"),
    ],
)
def test_a_secret_is_masked_in_its_quoted_forms(text):
    redaction.add_secret("p@ss/word &")
    assert "word" not in redaction.mask(f"x={text}")


def test_a_secret_of_many_lines_is_masked_line_by_line():
    redaction.add_secret("-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END KEY-----\n")
    assert redaction.mask("at MIIEvQIBADANBgkq:") == "at ***:"


def test_the_longer_of_two_secrets_wins():
    redaction.add_secret("secret")
    redaction.add_secret("secret-and-more")
    assert redaction.mask("secret-and-more") == "***"


@pytest.mark.parametrize("short", [None, "", "1", "no", "abc"])
def test_what_is_too_short_to_be_a_secret_is_not_masked(short):
    redaction.add_secret(short)
    assert redaction.mask("1 no abc") == "1 no abc"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("postgresql://me:s3cret@db.example.com:5432/x", "postgresql://me:***@db.example.com:5432/x"),
        ("redis://:s3cret@cache/0", "redis://:***@cache/0"),
        (
            "https://a.blob.core.windows.net/c?sv=2022-11-02&sig=aB%2Fc%3D&se=2024",
            "https://a.blob.core.windows.net/c?sv=2022-11-02&sig=***&se=2024",
        ),
        ("?sv=2022-11-02&ss=bfqt&sig=abc/def=", "?sv=2022-11-02&ss=bfqt&sig=***"),
        ("AccountName=a;AccountKey=Zm9v==;EndpointSuffix=x", "AccountName=a;AccountKey=***;EndpointSuffix=x"),
        (
            "https://b.s3.amazonaws.com/k?X-Amz-Signature=0a1b&X-Amz-Expires=1",
            "https://b.s3.amazonaws.com/k?X-Amz-Signature=***&X-Amz-Expires=1",
        ),
    ],
)
def test_credentials_are_masked_by_their_form(text, masked):
    assert redaction.mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "my_data/setosa.csv",
        "https://example.com/a?b=c",
        "http://127.0.0.1:3000/assets/a@b",
        "wrote to file:///data/me/a.csv at 10:30, mail me@example.com",
        "design=round, assign=1",
        "keys sorted: key=species",
    ],
)
def test_ordinary_text_stays_readable(text):
    assert redaction.mask(text) == text


def test_masking_comes_before_cutting():
    redaction.add_secret("canary-secret-value")
    for most in range(20, 60):
        cut = redaction.mask_and_cut("x" * 20 + "canary-secret-value" + "y" * 20, most)
        assert "canary" not in cut and "value" not in cut


def test_a_long_text_keeps_head_and_tail():
    cut = redaction.mask_and_cut("a" * 500 + "b" * 500, 100)
    assert cut.startswith("a" * 50) and cut.endswith("b" * 50) and "900 characters left out" in cut


def test_json_is_masked_in_depth_labels_too():
    redaction.add_secret("canary")
    value = {"canary": [1, None, {"x": "my canary", "n": 1.5}], "ok": True}
    assert redaction.mask_json(value) == {"***": [1, None, {"x": "my ***", "n": 1.5}], "ok": True}
