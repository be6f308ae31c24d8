from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleetd.telemetry.redact import MASK, MIN_LENGTH, Redactor

# A secret made of the mask's own stars could appear anew by masking; nobody's secret is that.
SECRETS = st.text(st.characters(codec="utf-8", exclude_characters="*"), min_size=MIN_LENGTH)
WORDS = st.text("abcdefghijklmnop ", max_size=20)


def taught(*secrets: str) -> Redactor:
    redactor = Redactor()
    for secret in secrets:
        redactor.learn(secret)
    return redactor


@given(SECRETS, WORDS, WORDS)
def test_a_learned_secret_never_stays_in_text(secret: str, before: str, after: str) -> None:
    assert secret not in taught(secret).text(f"{before}{secret}{after}")


@given(SECRETS)
def test_a_learned_secret_is_found_as_json_urls_and_python_write_it(secret: str) -> None:
    redactor = taught(secret)

    for written in (json.dumps(secret)[1:-1], quote(secret, safe=""), repr(secret)[1:-1]):
        assert written not in redactor.text(f"<{written}>")


@given(st.lists(SECRETS, min_size=2, max_size=4), WORDS)
def test_a_secret_within_another_leaves_no_rest(secrets: list[str], word: str) -> None:
    longest = "".join(secrets)
    redactor = taught(*secrets, longest)

    text = redactor.text(f"{word} {longest}")

    assert not any(secret in text for secret in secrets)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=30),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
        max_leaves=12,
    )
)
def test_redacting_again_changes_nothing(value: Any) -> None:
    redactor = taught("swordfish")

    once = redactor.value(value)

    assert redactor.value(once) == once


@given(
    SECRETS,
    st.sampled_from(
        [
            *("password", "X-Auth-Token", "Set-Cookie", "api_key", "PassPhrase"),
            *("FirstTgtChapPwd", "LicenseKey", "AuthenticationKey"),  # as captured BMCs have them
        ]
    ),
)
def test_text_under_a_telling_key_is_masked_at_any_depth(secret: str, key: str) -> None:
    value = {"a": [{"b": {key: secret}}]}

    assert Redactor().value(value) == {"a": [{"b": {key: MASK}}]}


@given(
    st.text("abcdefgh:@%!$", min_size=1, max_size=12),
    st.sampled_from(["https", "postgresql+asyncpg", "http"]),
)
def test_user_information_in_a_url_is_masked(user: str, scheme: str) -> None:
    text = Redactor().text(f"asking {scheme}://{user}@10.0.0.1/redfish/v1 failed")

    assert text == f"asking {scheme}://{MASK}@10.0.0.1/redfish/v1 failed"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Authorization: Basic cm9vdDpjYWx2aW4=", f"Authorization: Basic {MASK}"),
        ("sent bearer eyJhbGciOi.J9-x", f"sent bearer {MASK}"),
        ("X-Auth-Token: 0123456789abcdef, next", f"X-Auth-Token: {MASK}, next"),
        (
            '{"Password": "a \\"quoted\\" one", "UserName": "root"}',
            f'{{"Password": {MASK}, "UserName": "root"}}',
        ),
        ("{'Password': 'calvin', 'RoleId': 'x'}", f"{{'Password': {MASK}, 'RoleId': 'x'}}"),
        ("login?password=calvin&user=root", f"login?password={MASK}&user=root"),
        ("OS_PASSWORD=calvin openstack", f"OS_PASSWORD={MASK} openstack"),
        ("password=None", "password=None"),
        ("the password was refused", "the password was refused"),
        ("https://10.0.0.1/redfish/v1/Systems/1", "https://10.0.0.1/redfish/v1/Systems/1"),
        ("mail to root@example.org", "mail to root@example.org"),
    ],
)
def test_secrets_are_known_by_their_shape(text: str, expected: str) -> None:
    assert Redactor().text(text) == expected


def test_numbers_and_truth_values_are_no_secrets() -> None:
    value = {"MinPasswordLength": 8, "PasswordExpired": False, "token": None}

    assert Redactor().value(value) == value


def test_odd_objects_become_redacted_text() -> None:
    redactor = taught("swordfish")

    assert redactor.value(ValueError("bad swordfish")) == f"bad {MASK}"
    assert redactor.value(b"swordfish \xff") == f"{MASK} \ufffd"


def test_endless_nesting_is_cut() -> None:
    value: dict[str, Any] = {}
    value["self"] = value

    assert "…" in json.dumps(Redactor().value(value), ensure_ascii=False)


def test_a_very_short_secret_does_not_shred_the_logs() -> None:
    assert taught("ab").text("grab a tab") == "grab a tab"
