"""RetryPolicy, RetryRequested, Failure: their rules, and what materialize() makes of them."""

from __future__ import annotations

import pytest

from headrace import (
    Backoff,
    DagsterEventType,
    DagsterInvalidDefinitionError,
    Failure,
    Jitter,
    RetryPolicy,
    RetryRequested,
    asset,
    materialize,
)
from headrace.retry_policy import wish_of


def delays(**options):
    policy = RetryPolicy(delay=2, **options)
    return [policy.calculate_delay(number) for number in (1, 2, 3, 4)]


def test_backoff():
    assert delays() == [2, 2, 2, 2]
    assert delays(backoff=Backoff.LINEAR) == [2, 4, 6, 8]
    assert delays(backoff=Backoff.EXPONENTIAL) == [2, 6, 14, 30]


def test_jitter_stays_in_its_bounds():
    for _ in range(200):
        full = delays(backoff=Backoff.LINEAR, jitter=Jitter.FULL)
        assert all(0 <= value <= bound for value, bound in zip(full, [2, 4, 6, 8], strict=True))
        around = delays(backoff=Backoff.LINEAR, jitter=Jitter.PLUS_MINUS)
        assert all(abs(value - base) <= 2 for value, base in zip(around, [2, 4, 6, 8], strict=True))
    assert len({tuple(delays(jitter=Jitter.FULL)) for _ in range(10)}) > 1


@pytest.mark.parametrize(
    "options",
    [
        {"backoff": Backoff.LINEAR},
        {"jitter": Jitter.FULL},
        {"max_retries": -1},
        {"max_retries": True},
        {"delay": -1},
        {"delay": float("nan")},
    ],
)
def test_a_policy_that_makes_no_sense(options):
    with pytest.raises(DagsterInvalidDefinitionError):
        RetryPolicy(**options)


def test_a_policy_of_the_wrong_type():
    with pytest.raises(Exception, match="retry_policy"):
        asset(retry_policy=3)(lambda: 1)


def test_policies_are_values():
    assert RetryPolicy(3, 1) == RetryPolicy(3, 1) != RetryPolicy(3, 2)
    assert RetryPolicy(1, 2, Backoff.LINEAR, Jitter.PLUS_MINUS).to_json() == {
        "max_retries": 1,
        "delay": 2,
        "backoff": "linear",
        "jitter": "plus_minus",
    }


def test_what_an_exception_wants():
    assert wish_of(RetryRequested(3, 1.5)) == {"max_retries": 3, "seconds": 1.5}
    assert wish_of(RetryRequested()) == {"max_retries": 1, "seconds": None}
    assert wish_of(Failure(allow_retries=False)) is False
    assert wish_of(Failure("no", allow_retries=True)) is None
    assert wish_of(ValueError()) is None


def flaky(error, failures, **options):
    """An asset that raises so often, then succeeds; `.calls` counts."""
    calls = []

    @asset(name="flaky", **options)
    def fn(context):
        calls.append(context.retry_number)
        if len(calls) <= failures:
            raise error
        return len(calls)

    fn.calls = calls
    return fn


def kinds_of(result):
    wanted = {"STEP_START", "STEP_RESTARTED", "STEP_UP_FOR_RETRY", "STEP_SUCCESS", "STEP_FAILURE"}
    return [each.event_type.value for each in result.all_events if each.event_type.value in wanted]


def test_materialize_follows_the_policy():
    one = flaky(ValueError("no"), 2, retry_policy=RetryPolicy(2))
    result = materialize([one])
    assert one.calls == [0, 1, 2]
    assert result.retry_attempts_for_node("flaky") == 2
    assert kinds_of(result) == [
        "STEP_START",
        *["STEP_UP_FOR_RETRY", "STEP_RESTARTED"] * 2,
        "STEP_SUCCESS",
    ]


def test_a_policy_that_is_used_up():
    one = flaky(ValueError("no"), 9, retry_policy=RetryPolicy(2))
    result = materialize([one], raise_on_error=False)
    assert not result.success and len(one.calls) == 3
    assert kinds_of(result)[-1] == "STEP_FAILURE"


def test_a_request_goes_before_the_policy():
    one = flaky(RetryRequested(max_retries=1), 9, retry_policy=RetryPolicy(5))
    with pytest.raises(RetryRequested):
        materialize([one])
    assert len(one.calls) == 2


def test_failure_may_forbid_retries():
    one = flaky(Failure("hopeless", allow_retries=False), 9, retry_policy=RetryPolicy(5))
    with pytest.raises(Failure, match="hopeless"):
        materialize([one])
    assert len(one.calls) == 1


def test_the_delay_is_in_the_event():
    one = flaky(RetryRequested(max_retries=1, seconds_to_wait=0.001), 1)
    result = materialize([one])
    (event,) = [each for each in result.all_events if each.event_type is DagsterEventType.STEP_UP_FOR_RETRY]
    assert event.event_specific_data.seconds_to_wait == 0.001
