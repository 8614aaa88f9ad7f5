"""What stands against a guarantor, or against a holder: guarantees, what is open on each, claims.

Read from a node, so as good as its word; `ledger-node guarantees --proofs` has each of it proven.
"""

from dataclasses import dataclass

from contracts import decode_object
from contracts.guarantee.objects import Guarantee, Reservation
from contracts.transit.objects import Claim, Movement
from ledger_node.client.errors import ApiProblem
from ledger_node.client.ledger_client import LedgerClient


@dataclass(frozen=True, slots=True)
class OpenMovement:
    """A movement that holds a part of a guarantee. deadline_ms: of its goods at destination, None
    where it has none (yet)."""

    reservation: Reservation
    state: str
    deadline_ms: int | None


@dataclass(frozen=True, slots=True)
class Account:
    """A guarantee, the movements open on it, and the claims ever made on it."""

    guarantee: Guarantee
    movements: tuple[OpenMovement, ...]
    claims: tuple[Claim, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of everything that is shown, for proofs of it."""
        grn = self.guarantee.grn
        open_ = (f"reservation/{grn}/{each.reservation.mrn}" for each in self.movements)
        claimed = (f"claim/{grn}/{each.mrn}" for each in self.claims)
        return (f"guarantee/{grn}", *open_, *claimed)


async def accounts_of(client: LedgerClient, who: str) -> list[Account]:
    """The accounts of which a participant is guarantor or holder, by GRN."""
    found: list[Account] = []
    async for each in client.objects("guarantee/"):
        guarantee = decode_object(each.key, bytes.fromhex(each.raw))
        assert isinstance(guarantee, Guarantee), "its key says so"
        if who in (guarantee.guarantor, guarantee.holder):
            found.append(await account(client, guarantee))
    return found


async def account(client: LedgerClient, guarantee: Guarantee) -> Account:
    """One guarantee's account, read object by object: what changes meanwhile may be in it."""
    movements: list[OpenMovement] = []
    async for each in client.objects(f"reservation/{guarantee.grn}/"):
        reservation = decode_object(each.key, bytes.fromhex(each.raw))
        assert isinstance(reservation, Reservation), "its key says so"
        movements.append(await _open(client, reservation))
    claims: list[Claim] = []
    async for each in client.objects(f"claim/{guarantee.grn}/"):
        claim = decode_object(each.key, bytes.fromhex(each.raw))
        assert isinstance(claim, Claim), "its key says so"
        claims.append(claim)
    return Account(guarantee, tuple(movements), tuple(claims))


async def _open(client: LedgerClient, reservation: Reservation) -> OpenMovement:
    key = f"movement/{reservation.mrn}"
    try:
        movement = decode_object(key, bytes.fromhex((await client.object(key)).raw))
    except ApiProblem as problem:
        if problem.status != 404:
            raise
        return OpenMovement(reservation, "unknown", None)
    assert isinstance(movement, Movement), "its key says so"
    transport = movement.transport
    return OpenMovement(
        reservation, movement.state.value, None if transport is None else transport.deadline_ms
    )
