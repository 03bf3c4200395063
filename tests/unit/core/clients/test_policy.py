import pytest

from ocm_tui.core.clients.policy import WritePolicy
from ocm_tui.core.errors import ExitCode, Refused


def test_nothing_stands_against_a_write_by_default() -> None:
    policy = WritePolicy()
    assert policy.why_not() is None
    policy.require("delete orders-api")


@pytest.mark.parametrize(
    ("policy", "why", "hint"),
    [
        (WritePolicy(read_only=True), "--read-only", "without --read-only"),
        (WritePolicy(read_only=True, read_only_because="server.read_only"), "server.read_only", "server.read_only"),
        (WritePolicy(account_may_write=False), "account may only read", "Admin"),
        (WritePolicy(protected=True), "protected", "unlock"),
    ],
)
def test_each_reason_says_what_to_do(policy: WritePolicy, why: str, hint: str) -> None:
    assert why in (policy.why_not() or "")
    with pytest.raises(Refused) as caught:
        policy.require("delete orders-api")
    assert "delete orders-api" in caught.value.title
    assert why in caught.value.title
    assert hint in caught.value.hint
    assert caught.value.exit_code is ExitCode.REFUSED


def test_unlocking_overrules_protection_only() -> None:
    policy = WritePolicy(protected=True)
    policy.unlock()
    assert policy.why_not() is None
    policy.lock()
    assert policy.why_not() is not None
    stricter = WritePolicy(protected=True, read_only=True)
    stricter.unlock()
    assert "read-only" in (stricter.why_not() or "")


def test_a_403_teaches_unless_the_account_is_known_to_write() -> None:
    policy = WritePolicy()
    policy.learn_forbidden()
    assert policy.account_may_write is False
    writer = WritePolicy(account_may_write=True)
    writer.learn_forbidden()
    assert writer.account_may_write is True
