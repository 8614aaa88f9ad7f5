"""What a card and a genesis may hold, and how they read as JSON."""

import json
import time
from typing import Any

import msgspec
import pytest

from ledger_node.codec import decode, encode
from ledger_node.crypto.signatures import SoftwareSigner, Suite
from ledger_node.genesis import (
    Genesis,
    GenesisError,
    MemberCard,
    SignedCard,
    SignedGenesis,
    check_card,
    check_genesis,
    read_json,
    sign_card,
    union_id,
    write_json,
)
from tests.ledger_node.genesis.founders import drafted, founder, signed

replace = msgspec.structs.replace
OTHER = SoftwareSigner(Suite.ED25519, bytes(32)).public


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"format": 2}, "format"),
        ({"member": "ARM"}, "member"),
        ({"member": "am"}, "member"),
        ({"authority": b""}, "authority"),
        ({"registrar": bytes([3]) + bytes(32)}, "registrar"),
        ({"consensus": bytes(33)}, "consensus"),
        ({"cosigner": SoftwareSigner.generate(Suite.ECDSA_P256).public}, "cosigner"),
        ({"log": SoftwareSigner.generate(Suite.ECDSA_P256).public}, "log"),
        ({"log": founder("AM").card.consensus}, "log"),
        ({"tls_certificate": b"not a certificate"}, "tls_certificate"),
        ({"tls_certificate": founder("BY").card.tls_certificate}, "tls_certificate"),
        ({"peer_host": ""}, "peer_host"),
        ({"peer_host": "two hosts"}, "peer_host"),
        ({"peer_port": 0}, "peer_port"),
        ({"peer_port": 65536}, "peer_port"),
        ({"api_url": "ftp://am.example.org"}, "api_url"),
        ({"api_url": "https://am.example.org/\n"}, "api_url"),
    ],
)
def test_a_card_is_refused_by_the_field_that_is_wrong(change: dict[str, Any], field: str) -> None:
    card = replace(founder("AM").card, **change)
    with pytest.raises(GenesisError) as caught:
        sign_card(card, founder("AM").authority)
    assert caught.value.field == field


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "am.example.org", "node-1"])
def test_a_node_may_listen_at_any_kind_of_address(host: str) -> None:
    sign_card(replace(founder("AM").card, peer_host=host), founder("AM").authority)


def test_a_card_signed_by_another_authority_is_refused() -> None:
    card = founder("AM").card
    with pytest.raises(GenesisError, match="authority"):
        sign_card(card, founder("BY").authority)
    good = sign_card(card, founder("AM").authority)
    with pytest.raises(GenesisError, match="signature"):
        check_card(SignedCard(replace(card, peer_port=7001), good.signature))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"format": 0}, "format"),
        ({"name": ""}, "name"),
        ({"name": "a\nlog forged"}, "name"),
        ({"name": "e\u0301"}, "name"),
        ({"origin": "https://ledger.example.org"}, "origin"),
        ({"origin": "ledger example"}, "origin"),
        ({"origin": "ledger+example"}, "origin"),
        ({"origin": ""}, "origin"),
        ({"created_ms": -1}, "created_ms"),
        ({"created_ms": 2**60}, "created_ms"),
        ({"contract_set": bytes(31)}, "contract_set"),
        ({"members": ()}, "members"),
        ({"members": (founder("BY").card, founder("AM").card)}, "members"),
        ({"members": (founder("AM").card, founder("AM").card)}, "members"),
        (
            {"members": (replace(founder("AM").card, consensus=b"\x01"), founder("BY").card)},
            "members[0].consensus",
        ),
        (
            {
                "members": (
                    founder("AM").card,
                    replace(founder("BY").card, registrar=founder("AM").card.log),
                )
            },
            "members[1].registrar",
        ),
        (
            {
                "members": (
                    founder("AM").card,
                    replace(founder("BY").card, peer_host="AM.example.org"),
                )
            },
            "members[1].peer_port",
        ),
    ],
)
def test_a_genesis_is_refused_by_the_field_that_is_wrong(
    change: dict[str, Any], field: str
) -> None:
    genesis = replace(drafted().genesis, **change)
    with pytest.raises(GenesisError) as caught:
        check_genesis(genesis)
    assert caught.value.field == field


@pytest.mark.parametrize("name", drafted("AM").genesis.parameters.__struct_fields__)
@pytest.mark.parametrize("value", [0, -1, 2**62])
def test_every_parameter_is_bounded(name: str, value: int) -> None:
    genesis = drafted().genesis
    genesis = replace(genesis, parameters=replace(genesis.parameters, **{name: value}))
    with pytest.raises(GenesisError, match=name):
        check_genesis(genesis)


def test_no_more_than_ten_blocks_may_wait_for_execution() -> None:
    genesis = drafted().genesis

    def waiting(blocks: int) -> Genesis:
        parameters = replace(genesis.parameters, max_unexecuted_blocks=blocks)
        return replace(genesis, parameters=parameters)

    check_genesis(waiting(10))
    with pytest.raises(GenesisError, match="must be 1 to 10, is 11"):
        check_genesis(waiting(11))


def test_the_union_id_depends_on_every_field() -> None:
    genesis = drafted().genesis
    others = [
        replace(genesis, name="Another"),
        replace(genesis, origin="ledger.example.org/other"),
        replace(genesis, created_ms=1),
        replace(genesis, contract_set=bytes(32)),
        replace(genesis, parameters=replace(genesis.parameters, delta_ms=501)),
        replace(genesis, members=genesis.members[:-1]),
        replace(
            genesis, members=(*genesis.members[:-1], replace(genesis.members[-1], peer_port=9))
        ),
    ]
    assert len({union_id(g) for g in [genesis, *others]}) == len(others) + 1


def test_canonical_bytes_and_json_both_come_back_the_same() -> None:
    document = signed()
    assert decode(Genesis, encode(document.genesis)) == document.genesis
    text = write_json(document)
    assert read_json(SignedGenesis, text.encode()) == document
    assert "Союз таможен" in text


def edit(document: SignedGenesis, path: list[Any], value: Any) -> bytes:
    plain = json.loads(write_json(document))
    at = plain
    for step in path[:-1]:
        at = at[step]
    if value is None:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return json.dumps(plain).encode()


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (["genesis", "created_ms"], None, "genesis.created_ms"),
        (["genesis", "created_ms"], "1", "genesis.created_ms"),
        (["genesis", "created_ms"], 1.0, "genesis.created_ms"),
        (["genesis", "created_ms"], True, "genesis.created_ms"),
        (["genesis", "parameters", "turbo"], 1, "genesis.parameters.turbo"),
        (["genesis", "parameters"], [], "genesis.parameters"),
        (["genesis", "members"], {}, "genesis.members"),
        (["genesis", "members", 1, "log"], "AB", "genesis.members[1].log"),
        (["genesis", "members", 1, "log"], "a b", "genesis.members[1].log"),
        (["genesis", "members", 1, "log"], 7, "genesis.members[1].log"),
        (["genesis", "members", 2, "member"], 7, "genesis.members[2].member"),
        (["signatures", 0, "signature"], None, "signatures[0].signature"),
    ],
)
def test_json_is_refused_by_the_path_of_the_field(path: list[Any], value: Any, field: str) -> None:
    with pytest.raises(GenesisError) as caught:
        read_json(SignedGenesis, edit(signed(), path, value))
    assert caught.value.field == field


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"genesis": NaN}', b'{"a":1,"a":2}'],
)
def test_what_is_not_the_json_of_a_genesis_is_refused(text: bytes) -> None:
    with pytest.raises(GenesisError):
        read_json(SignedGenesis, text)


def test_a_file_too_long_is_refused_unread() -> None:
    with pytest.raises(GenesisError, match="at most"):
        read_json(MemberCard, b" " * 100, limit=99)


def test_a_fingerprint_tells_cards_apart() -> None:
    card = founder("AM").card
    assert card.fingerprint() != replace(card, peer_port=7001).fingerprint()


def test_a_document_of_very_many_names_is_refused_at_once() -> None:
    names = ",".join(f'"{number}":0' for number in range(50_000))
    before = time.process_time()
    with pytest.raises(GenesisError, match="given twice"):
        read_json(SignedGenesis, f'{{{names},"0":1}}'.encode())
    assert time.process_time() - before < 2
