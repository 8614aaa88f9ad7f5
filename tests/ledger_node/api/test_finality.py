"""What made blocks final, and the rules they were judged by, as a node gives them to auditors."""

import pytest

from consensus.messages import Finalization, decode_message
from ledger_node.contract_sets.packing import unpack
from ledger_node.contract_sets.shelf import ContractSets
from ledger_node.genesis.epochs import committee_of
from ledger_node.ledger.contract_set import contract_set_digest, installed_contracts
from ledger_node.ledger.finality import check_final, checker
from tests.ledger_node.api.served import Served, registration
from tests.union.changed_rules import changed_rules


async def _blocks(api: Served, count: int) -> int:
    """Final blocks with a record each; the height of the last."""
    for number in range(count):
        view = await api.registrar.act(registration(f"AM-{number}"))
        assert view.accepted
    return api.node.database.latest.tip.header.height


async def test_certificates_come_in_pages_by_height_and_hold(api: Served) -> None:
    height = await _blocks(api, 5)
    found: dict[int, bytes] = {}
    after: int | None = 0
    while after is not None:
        page = (await api.ask(f"/v1/certificates?after={after}&limit=2")).json()
        assert len(page["certificates"]) <= 2
        assert page["height"] >= height
        found |= {
            each["height"]: bytes.fromhex(each["certificate"]) for each in page["certificates"]
        }
        after = page["next"]
    assert list(found) == sorted(found)
    assert max(found) >= height
    ledger = api.node.database.latest
    committee = committee_of(api.node.seat.roster, api.union.id)
    for at, certificate in found.items():
        block = ledger.block(at)
        assert block is not None
        proof = check_final(block.block, certificate, committee, checker(committee))
        assert proof.finalization.block == block.block_id


async def test_the_client_gives_the_same(api: Served) -> None:
    height = await _blocks(api, 2)
    page = await api.client.certificates()
    assert page.next is None
    assert page.height >= height
    last = decode_message(bytes.fromhex(page.certificates[-1].certificate))
    assert isinstance(last, Finalization)
    above = await api.client.certificates(page.certificates[-1].height)
    assert all(each.height > page.certificates[-1].height for each in above.certificates)


async def test_contract_sets_are_given_by_digest(api: Served) -> None:
    new = changed_rules()
    missing = await api.ask(f"/v1/contract-sets/{new.digest.hex()}")
    assert (missing.status, missing.problem().type.rpartition(":")[2]) == (
        404,
        "contract-set-unknown",
    )
    ContractSets(api.node.directory.contract_sets).keep(new)
    for digest in (new.digest, installed_contracts().digest):
        answer = await api.ask(f"/v1/contract-sets/{digest.hex()}")
        assert answer.headers["Content-Type"] == "application/zip"
        assert contract_set_digest(unpack(answer.body)) == digest
        assert await api.client.contract_set(digest) == answer.body


@pytest.mark.parametrize(
    "path",
    [
        "/v1/certificates?after=-1",
        "/v1/certificates?limit=0",
        "/v1/certificates?limit=201",
        "/v1/certificates?height=3",
        "/v1/contract-sets/00",
        "/v1/contract-sets/" + "G" * 64,
        "/v1/contract-sets/" + "AB" * 32,
    ],
)
async def test_what_is_not_asked_right_is_refused(api: Served, path: str) -> None:
    assert (await api.ask(path)).status == 400


async def test_both_ask_for_the_token(api: Served) -> None:
    for path in ("/v1/certificates", "/v1/contract-sets/" + "00" * 32):
        assert (await api.ask(path, token="")).status == 401
