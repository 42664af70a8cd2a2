"""What clouds say when something fails, and the codes that readers get."""

from __future__ import annotations

import pytest
from keystoneauth1.exceptions import ConnectFailure
from openstack.exceptions import SDKException

from province.errors import ZyError
from stacks.failure import asking, explain

POST = "POST http://127.0.0.1:9696/v2.0/networks"
CASES = (
    ("ZY-CLD-020", f'Error creating network: Post "{POST[5:]}": dial tcp 127.0.0.1:9696: connect: connection refused'),
    ("ZY-CLD-020", 'Get "http://127.0.0.1:15000/v3": EOF'),
    ("ZY-CLD-021", f"Expected HTTP response code [201 202] when accessing [{POST}], but got 500 instead: {{}}"),
    ("ZY-CLD-021", f"Expected HTTP response code [201] when accessing [{POST}], but got 503 instead: down"),
    ("ZY-CLD-022", f"Expected HTTP response code [201] when accessing [{POST}], but got 401 instead: {{}}"),
    (
        "ZY-CLD-023",
        f"when accessing [{POST}], but got 409 instead: {{'type': 'OverQuota', 'message': 'Quota exceeded'}}",
    ),
    ("ZY-CLD-023", f"when accessing [{POST}], but got 403 instead: Quota exceeded for instances"),
    (
        "ZY-CLD-076",
        f"when accessing [{POST}], but got 400 instead: Quota limit 3 for security_group must be greater than or equal"
        " to already used and reserved 4.",
    ),
    (
        "ZY-CLD-084",
        f"when accessing [{POST}], but got 400 instead: Failed to allocate subnet: Cannot allocate requested subnet"
        " from the available set of prefixes.",
    ),
    ("ZY-CLD-024", "timeout while waiting for state to become 'ACTIVE' (last state: 'BUILD', timeout: 30m0s)"),
    ("ZY-CLD-024", 'Post "http://x/": context deadline exceeded'),
    ("ZY-CLD-025", f"when accessing [{POST}], but got 409 instead: {{'message': 'duplicate'}}"),
    ("ZY-CLD-026", "error: the stack is currently locked by 1 lock(s)"),
    ("ZY-CLD-027", "Error waiting for instance: unexpected state 'ERROR', wanted target 'ACTIVE'"),
    ("ZY-CLD-082", "error: resource '155472e1' does not exist"),
    ("ZY-CLD-029", "something that nobody has seen before"),
)


@pytest.mark.parametrize(("code", "text"), CASES)
def test_failure_has_its_code(code: str, text: str) -> None:
    error = explain("region-gd", ["update failed", text])
    assert error.code == code
    assert error.place.target == "region-gd"
    assert error.fix


def test_failed_service_is_named() -> None:
    error = explain(
        "s", [f"Network x: Expected HTTP response code [201] when accessing [{POST}], but got 500 instead: no"]
    )
    assert error.message.startswith(f"the cloud failed with 500 on POST {POST[5:]} (Network x")


def test_the_explained_error_is_chosen_over_those_that_follow_from_it() -> None:
    error = explain("s", ["Port p: resource depends on failed", CASES[2][1]])
    assert error.code == "ZY-CLD-021"


def test_without_events_the_output_is_used() -> None:
    assert explain("s", [], "error: the stack is currently locked by 1 lock(s)").code == "ZY-CLD-026"
    assert explain("s", []).code == "ZY-CLD-029"


def test_errors_of_our_own_programs_keep_their_code() -> None:
    error = explain("s", ["ZY-CLD-003: the stack province has not made x yet; apply province first\n"])
    assert (error.code, error.fix) == ("ZY-CLD-003", "apply province first")


@pytest.mark.parametrize("raised", [SDKException("no such service"), ConnectFailure("refused"), OSError("reset")])
def test_a_cloud_that_cannot_be_asked_is_an_error_of_its_region(raised: Exception) -> None:
    with pytest.raises(ZyError) as caught, asking("gz"):
        raise raised
    assert (caught.value.code, caught.value.place.target) == ("ZY-CLD-020", "region-gz")
    assert str(raised) in caught.value.message


def test_a_mistake_of_ours_is_not_put_on_the_cloud() -> None:
    with pytest.raises(KeyError), asking("gz"):
        raise KeyError("x")
