"""Where to ask: arguments before variables, and a key only for the host that it belongs to."""

from typing import Any

import pytest

from extract.chat.endpoint import Endpoint
from extract.chat.place import OPENAI_BASE_URL, find_place
from extract.errors import UsageError

OWN = Endpoint(
    name="own",
    source="made up for tests",
    base_url="https://api.own.test/v1",
    hosts=("eu.own.test", ".sub.own.test"),
    key_env="OWN_KEY",
)
DEEPSEEK_URL = "https://api.deepseek.com"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("ftp://x.test/v1", "no http or https URL"),
        ("x.test/v1", "no http or https URL"),
        ("http:///v1", "no http or https URL"),
        ("http://x.test:0/v1", "no http or https URL"),
        ("http://x.test/v 1", "no http or https URL"),
        ("http://[::1/v1", "is no URL"),
        ("http://x.test:70000/v1", "is no URL"),
        ("http://me:word@x.test/v1", "user name or password"),
        ("http://x.test/v1?key=a", "holds a \\? or #"),
        ("http://x.test/v1#a", "holds a \\? or #"),
    ],
)
def test_a_base_url_that_cannot_be_asked_is_refused(url: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        find_place({}, base_url=url, model="m")


def test_an_error_about_a_url_does_not_tell_its_password() -> None:
    with pytest.raises(UsageError) as caught:
        find_place({}, base_url="http://me:word@x.test/v1", model="m")
    assert "word@" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [({"base_url": 5}, "base_url is 5"), ({"model": ["m"]}, "model is "), ({"api_key": b"k"}, "api_key is a bytes")],
)
def test_what_is_no_text_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        find_place({}, **given)


def test_a_key_of_another_type_is_not_shown() -> None:
    with pytest.raises(UsageError) as caught:
        find_place({}, base_url="http://x.test/v1", model="m", api_key=b"hidden")  # type: ignore[arg-type]
    assert "hidden" not in str(caught.value)


def test_an_endpoint_that_is_a_name_is_refused() -> None:
    with pytest.raises(UsageError, match="must be an Endpoint"):
        find_place({}, model="m", row="vllm")  # type: ignore[arg-type]


def test_without_any_endpoint_the_error_names_the_variables() -> None:
    with pytest.raises(UsageError, match="EXTRACT_BASE_URL, EXTRACT_API_KEY and EXTRACT_MODEL"):
        find_place({})


def test_without_a_model_the_error_names_the_url() -> None:
    with pytest.raises(UsageError, match=r"no model is named for http://x\.test/v1"):
        find_place({}, base_url="http://x.test/v1/")


def test_a_server_on_this_machine_needs_no_model_but_one_that_serves_many_does() -> None:
    assert find_place({}, base_url="http://127.0.0.1:8080/v1").model == "default"
    with pytest.raises(UsageError, match="no model is named"):
        find_place({}, base_url="http://127.0.0.1:11434/v1")


def test_the_offline_rules_need_no_model() -> None:
    assert find_place({}, base_url="offline:").model == "rules"


def test_the_path_of_the_method_is_cut_from_a_base_url() -> None:
    assert find_place({}, base_url="http://x.test/v1/chat/completions/", model="m").base_url == "http://x.test/v1"


def test_arguments_win_over_variables() -> None:
    environ = {"EXTRACT_BASE_URL": "http://env.test/v1", "EXTRACT_MODEL": "env"}
    place = find_place(environ, base_url="http://x.test/v1", model="m")
    assert (place.base_url, place.model) == ("http://x.test/v1", "m")


def test_variables_alone_name_a_place() -> None:
    environ = {"EXTRACT_BASE_URL": "http://env.test/v1", "EXTRACT_MODEL": "env", "EXTRACT_API_KEY": "k"}
    place = find_place(environ)
    assert (place.base_url, place.model, place.key) == ("http://env.test/v1", "env", "k")


def test_the_url_of_a_row_wins_over_the_variable() -> None:
    assert find_place({"EXTRACT_BASE_URL": "http://env.test/v1"}, model="m", row=OWN).base_url == OWN.base_url


# A provider by its key ------------------------------------------------------------------------------------------------


def test_the_only_key_that_is_set_names_the_provider() -> None:
    place = find_place({"DEEPSEEK_API_KEY": "k"}, model="m")
    assert (place.base_url, place.key) == (DEEPSEEK_URL, "k")


def test_an_empty_variable_is_no_key() -> None:
    assert find_place({"DEEPSEEK_API_KEY": "k", "SILICONFLOW_API_KEY": ""}, model="m").base_url == DEEPSEEK_URL


def test_the_keys_of_two_providers_are_a_question() -> None:
    with pytest.raises(UsageError, match="DEEPSEEK_API_KEY and SILICONFLOW_API_KEY are all set"):
        find_place({"DEEPSEEK_API_KEY": "k", "SILICONFLOW_API_KEY": "k"}, model="m")


def test_another_providers_key_wins_over_that_of_openai() -> None:
    assert find_place({"DEEPSEEK_API_KEY": "k", "OPENAI_API_KEY": "o"}, model="m").base_url == DEEPSEEK_URL


def test_openais_key_alone_names_openai() -> None:
    place = find_place({"OPENAI_API_KEY": "o"}, model="m")
    assert (place.base_url, place.key) == (OPENAI_BASE_URL, "o")


def test_openais_pair_names_its_own_host() -> None:
    place = find_place({"OPENAI_API_KEY": "o", "OPENAI_BASE_URL": "http://proxy.test/v1"}, model="m")
    assert (place.base_url, place.key) == ("http://proxy.test/v1", "o")


# Which key goes where -------------------------------------------------------------------------------------------------


def test_a_key_given_wins_over_all_variables() -> None:
    assert find_place({"OWN_KEY": "k", "EXTRACT_API_KEY": "e"}, model="m", row=OWN, api_key="given").key == "given"


def test_our_own_key_stays_with_our_own_host() -> None:
    environ = {"EXTRACT_BASE_URL": "http://env.test/v1", "EXTRACT_API_KEY": "k"}
    assert find_place(environ, base_url="http://x.test/v1", model="m").key is None


def test_our_own_key_goes_to_its_host_in_any_spelling() -> None:
    environ = {"EXTRACT_BASE_URL": "http://ENV.test/v1", "EXTRACT_API_KEY": "k"}
    assert find_place(environ, base_url="http://env.test:8080/v2", model="m").key == "k"


def test_our_own_key_without_a_url_goes_where_the_caller_asks() -> None:
    assert find_place({"EXTRACT_API_KEY": "k"}, base_url="http://x.test/v1", model="m").key == "k"


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://api.own.test/v1", "k"),
        ("https://eu.own.test/v1", "k"),
        ("https://a.sub.own.test/v1", "k"),
        ("https://us.own.test/v1", None),
        ("https://own.test.thief.test/v1", None),
        ("https://badsub.own.test/v1", None),
    ],
)
def test_the_key_of_a_row_goes_to_its_hosts_alone(url: str, key: str | None) -> None:
    assert find_place({"OWN_KEY": "k"}, base_url=url, model="m", row=OWN).key == key


def test_openais_key_goes_to_no_other_host() -> None:
    assert find_place({"OPENAI_API_KEY": "o"}, base_url="http://x.test/v1", model="m").key is None


def test_openais_key_goes_to_the_proxy_that_stands_beside_it() -> None:
    environ = {"OPENAI_API_KEY": "o", "OPENAI_BASE_URL": "http://proxy.test/v1"}
    assert find_place(environ, base_url="http://proxy.test/v1", model="m").key == "o"


def test_a_place_does_not_show_its_key() -> None:
    assert "hidden" not in repr(find_place({}, base_url="http://x.test/v1", model="m", api_key="hidden"))
