"""Taking submissions, and telling what became of them."""

from http import HTTPStatus

from aiohttp import web

from consensus.block import SubmissionId
from ledger_node.api.answers import answer, submission_view
from ledger_node.api.limits import SUBMISSION_BYTES
from ledger_node.api.problems import not_found
from ledger_node.api.requests import Query, check_media_type, read_body, submission_name
from ledger_node.api.services import Services, count_refusal, services_of
from ledger_node.ledger.refusal import SubmissionRefused
from ledger_node.node.admission import AuthorRefused
from ledger_node.node.receipts import Receipt, Stage


async def submit(request: web.Request) -> web.Response:
    """POST /v1/submissions: 202 while it waits to be ordered, 200 once it is final.

    The same bytes again are the same submission: they are answered, not taken twice.
    """
    wait_s = Query(request, "wait").wait_s()
    check_media_type(request, "application/msgpack", "application/octet-stream")
    body = await read_body(request, SUBMISSION_BYTES)
    services = services_of(request)
    try:
        receipt = await services.node.admission.submit(body)
    except (SubmissionRefused, AuthorRefused) as error:
        count_refusal(services, error)
        raise
    if receipt.stage is not Stage.FINAL and wait_s:
        receipt = await _final(services, receipt.id, wait_s)
    status = HTTPStatus.OK if receipt.stage is Stage.FINAL else HTTPStatus.ACCEPTED
    return answer(
        submission_view(receipt), status.value, Location=f"/v1/submissions/{receipt.id.hex()}"
    )


async def show(request: web.Request) -> web.Response:
    """GET /v1/submissions/{id}: how far it has come; waits for its end if asked to."""
    name = submission_name(request)
    wait_s = Query(request, "wait").wait_s()
    services = services_of(request)
    receipt = services.node.admission.receipt(name)
    if receipt.stage is not Stage.FINAL and wait_s:
        # Also an unknown one: it may be on its way from the node that took it.
        receipt = await _final(services, name, wait_s)
    if receipt.stage is Stage.UNKNOWN:
        detail = "neither final nor waiting here; it may have expired, or never have arrived"
        raise not_found("submission-unknown", detail)
    return answer(submission_view(receipt))


async def _final(services: Services, name: SubmissionId, wait_s: float) -> Receipt:
    admission = services.node.admission
    await services.waits.wait(wait_s, admission.final_receipt(name, wait_s))
    return admission.receipt(name)
