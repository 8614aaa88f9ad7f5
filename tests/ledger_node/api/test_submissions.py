"""What the door takes in, what it refuses with which rule, and what a client is told after."""

import asyncio
from collections.abc import Callable

import msgspec
import pytest

from ledger_node.codec import encode
from ledger_node.crypto.signatures import SoftwareSigner
from ledger_node.ledger.submission import VerifiedSubmission
from ledger_node.node.mempool import Mempool, MempoolLimits
from tests.ledger_node.api.served import Answer, Served, registration
from tests.patience import PATIENCE_S


async def test_a_submission_is_taken_with_202_and_the_place_to_follow_it(api: Served) -> None:
    submission = api.submission(registration("AM-1"))
    answer = await api.post(submission.to_bytes())
    assert answer.status == 202
    assert answer.json()["id"] == submission.id.hex()
    assert answer.headers["Location"] == f"/v1/submissions/{submission.id.hex()}"


async def test_waiting_gives_the_final_outcome(api: Served) -> None:
    submission = api.submission(registration("AM-1"))
    await api.post(submission.to_bytes())
    answer = await api.ask(f"/v1/submissions/{submission.id.hex()}?wait=60")
    view = answer.json()
    assert (answer.status, view["stage"], view["height"]) == (200, "final", 1)
    assert view["records"][0]["outcome"] == "accepted"
    assert view["records"][0]["log_index"] == view["log_index"] + 1


async def test_a_submitter_may_wait_in_the_same_request(api: Served) -> None:
    answer = await api.post(api.submission(registration("AM-1")).to_bytes(), query="?wait=60")
    assert (answer.status, answer.json()["stage"]) == (200, "final")


async def test_a_rejected_record_cites_rule_text_source_and_values(api: Served) -> None:
    first, again = registration("AM-1"), registration("AM-1")
    answer = await api.post(api.submission(first, again).to_bytes(), query="?wait=60")
    accepted, rejected = answer.json()["records"]
    assert accepted["outcome"] == "accepted"
    assert (rejected["outcome"], rejected["rule"]) == ("rejected", "RE-006")
    assert rejected["values"] == {"participant": "AM-1"}
    assert rejected["text"]
    assert rejected["source"]


async def test_the_same_bytes_again_are_answered_not_taken_twice(api: Served) -> None:
    data = api.submission(registration("AM-1")).to_bytes()
    first = await api.post(data, query="?wait=60")
    again = await api.post(data, query="?wait=60")
    assert again.json() == first.json()
    assert (await api.ask("/v1/status")).json()["height"] == 1


async def test_an_octet_stream_is_taken_as_well(api: Served) -> None:
    data = api.submission(registration("AM-1")).to_bytes()
    assert (await api.post(data, "application/octet-stream")).status == 202


def _truncated(submission: VerifiedSubmission) -> bytes:
    return submission.to_bytes()[:-1]


def _trailing(submission: VerifiedSubmission) -> bytes:
    return submission.to_bytes() + b"\x00"


def _empty(_: VerifiedSubmission) -> bytes:
    return b""


def _text(_: VerifiedSubmission) -> bytes:
    return b'{"records": []}'


def _text_for_a_time(submission: VerifiedSubmission) -> bytes:
    header = list(msgspec.structs.astuple(submission.header))
    header[4] = "tomorrow"
    return encode([encode(header), list(submission.records), submission.signature])


def _a_record_of_text(submission: VerifiedSubmission) -> bytes:
    return encode([submission.header_bytes, ["a record"], submission.signature])


@pytest.mark.parametrize(
    ("spoil", "field", "detail"),
    [
        (_truncated, "submission", "is cut short"),
        (_trailing, "submission", "goes on after its end, at byte"),
        (_empty, "submission", "is cut short"),
        (_text, "submission", "is a whole number, not a list"),
        (_text_for_a_time, "header.expiry_ms", "expiry_ms is text, not a whole number"),
        (_a_record_of_text, "records[0]", "records[0] is text, not bytes"),
    ],
)
async def test_bytes_that_are_no_submission_are_refused_in_plain_words(
    api: Served, spoil: Callable[[VerifiedSubmission], bytes], field: str, detail: str
) -> None:
    answer = await api.post(spoil(api.submission(registration("AM-1"))))
    problem = answer.problem()
    assert (answer.status, problem.rule, problem.field) == (400, "SUB-002", field)
    assert detail in problem.detail
    assert problem.title == "a submission is the canonical encoding of its format"
    await _nothing_happened(api)


async def test_a_flipped_bit_of_the_signature_is_refused(api: Served) -> None:
    data = bytearray(api.submission(registration("AM-1")).to_bytes())
    data[-1] ^= 1
    answer = await api.post(bytes(data))
    problem = answer.problem()
    assert (answer.status, problem.rule, problem.field) == (403, "SUB-009", "signature")
    await _nothing_happened(api)


async def test_a_flipped_bit_of_a_record_is_refused(api: Served) -> None:
    submission = api.submission(registration("AM-1"))
    data = submission.to_bytes().replace(b"Participant AM-1", b"Participant AM-2")
    assert (await api.post(data)).problem().rule == "SUB-008"
    await _nothing_happened(api)


async def test_a_submission_for_another_union_is_refused(api: Served) -> None:
    answer = await api.post(api.submission(registration("AM-1"), union=bytes(32)).to_bytes())
    assert (answer.status, answer.problem().rule) == (400, "SUB-003")


async def test_an_unknown_author_is_refused_with_the_contracts_rule(api: Served) -> None:
    answer = await api.post(api.submission(registration("AM-1"), author="AM-NOBODY").to_bytes())
    problem = answer.problem()
    assert (answer.status, problem.rule, problem.field) == (403, "RE-001", "author")
    assert problem.values == {"author": "AM-NOBODY"}
    assert problem.source
    await _nothing_happened(api)


async def test_a_key_that_is_not_the_authors_is_refused(api: Served) -> None:
    stranger = SoftwareSigner.generate()
    answer = await api.post(api.submission(registration("AM-1"), signer=stranger).to_bytes())
    assert (answer.status, answer.problem().rule) == (403, "RE-003")


@pytest.mark.parametrize("expires_in_ms", [-1, 500, 25 * 3600 * 1000])
async def test_an_expiry_in_the_past_or_too_far_ahead_is_refused(
    api: Served, expires_in_ms: int
) -> None:
    submission = api.submission(registration("AM-1"), expires_in_ms=expires_in_ms)
    answer = await api.post(submission.to_bytes())
    assert (answer.status, answer.problem().rule) == (400, "SUB-010")


async def test_more_than_a_megabyte_is_refused_whether_announced_or_not(api: Served) -> None:
    async def in_pieces() -> object:
        for _ in range(17):
            yield bytes(64 * 1024)

    announced = await api.post(bytes(1024 * 1024 + 1))
    streamed = await api.ask(
        "/v1/submissions",
        "POST",
        data=in_pieces(),
        headers={"Content-Type": "application/msgpack"},
    )
    assert [announced.status, streamed.status] == [413, 413]
    assert announced.problem().field == "body"


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data"])
async def test_another_media_type_is_refused(api: Served, kind: str) -> None:
    answer = await api.post(api.submission(registration("AM-1")).to_bytes(), kind)
    assert (answer.status, answer.problem().field) == (415, "Content-Type")


async def test_a_compressed_body_is_refused(api: Served) -> None:
    answer = await api.ask(
        "/v1/submissions",
        "POST",
        data=b"\x1f\x8b",
        headers={"Content-Type": "application/msgpack", "Content-Encoding": "gzip"},
    )
    assert (answer.status, answer.problem().field) == (415, "Content-Encoding")


async def test_a_full_mempool_asks_to_come_back(api: Served) -> None:
    api.node.mempool._limits = MempoolLimits(submissions=0)
    answer = await api.post(api.submission(registration("AM-1")).to_bytes())
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert answer.problem().type.endswith(":mempool-full")
    assert isinstance(api.node.mempool, Mempool)


async def test_refusals_are_counted_by_rule(api: Served) -> None:
    await api.post(b"")
    assert 'ledger_refusals_total{rule="SUB-002"} 1.0' in (await _metrics(api)).body.decode()


async def test_an_unknown_submission_is_not_found(api: Served) -> None:
    answer = await api.ask(f"/v1/submissions/{bytes(32).hex()}")
    assert (answer.status, answer.problem().type) == (
        404,
        "urn:customs-trust-ledger:problem:submission-unknown",
    )


async def test_waiting_for_an_unknown_submission_sees_it_arrive(api: Served) -> None:
    submission = api.submission(registration("AM-1"))
    waiting = asyncio.create_task(api.ask(f"/v1/submissions/{submission.id.hex()}?wait=60"))
    while not api.node.admission._awaiting:  # noqa: ASYNC110 - a test looks from outside
        await asyncio.sleep(0.005)
    await api.post(submission.to_bytes())
    assert (await waiting).json()["stage"] == "final"


async def test_waiting_ends_with_the_time_and_leaves_nothing_behind(api: Served) -> None:
    answer = await api.ask(f"/v1/submissions/{bytes(32).hex()}?wait=0.05")
    assert answer.status == 404
    assert not api.node.admission._awaiting


async def test_a_client_that_goes_away_leaves_nothing_behind(api: Served) -> None:
    waiting = asyncio.create_task(api.ask(f"/v1/submissions/{bytes(32).hex()}?wait=60"))
    while not api.node.admission._awaiting:  # noqa: ASYNC110 - a test looks from outside
        await asyncio.sleep(0.005)
    waiting.cancel()
    async with asyncio.timeout(PATIENCE_S):
        while api.node.admission._awaiting:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("wait", ["-1", "61", "60.5", "abc", "1e1", "", "nan", "0x1", "9999"])
async def test_a_bad_wait_is_refused(api: Served, wait: str) -> None:
    answer = await api.ask(f"/v1/submissions/{bytes(32).hex()}?wait={wait}")
    assert (answer.status, answer.problem().field) == (400, "wait")


@pytest.mark.parametrize("name", ["00", "zz" * 32, "AB" * 32, "00" * 33, "0" * 63])
async def test_a_bad_id_is_refused(api: Served, name: str) -> None:
    answer = await api.ask(f"/v1/submissions/{name}")
    assert (answer.status, answer.problem().field) == (400, "id")


async def _metrics(api: Served) -> Answer:
    return await api.ask("/metrics", token="")


async def _nothing_happened(api: Served) -> None:
    status = (await api.ask("/v1/status")).json()
    assert (status["height"], status["mempool"]["submissions"]) == (0, 0)
