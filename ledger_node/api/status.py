"""How the node is: for people, for whatever restarts or routes to it, and for Prometheus."""

import asyncio
from importlib.metadata import version
from typing import Final

from aiohttp import web

from consensus.block import block_id
from consensus.messages import Finalization, Finalize, Notarize, decode_message, encode_message
from ledger_node.api.answers import answer, plain_text
from ledger_node.api.forms import (
    EvidencePage,
    EvidenceView,
    FinalizationView,
    ForkView,
    HaltView,
    MempoolView,
    MissingView,
    SnapshotView,
    StatusView,
    UpgradeView,
)
from ledger_node.api.problems import come_back
from ledger_node.api.requests import Query
from ledger_node.api.services import services_of
from ledger_node.genesis.policy import policy_text
from ledger_node.genesis.policy_history import format_history
from ledger_node.genesis.readable import write_json
from ledger_node.node.evidence import Equivocation
from ledger_node.node.lineage import kept_steps
from ledger_node.node.node import Node
from ledger_node.node.snapshot.joining import Progress
from ledger_node.node.upgrades import Upgrade
from ledger_node.storage.schema import StoredGap

VERSION: Final = version("customs-trust-ledger")
_EXPOSITION: Final = "text/plain; version=0.0.4; charset=utf-8"


async def show(request: web.Request) -> web.Response:
    """GET /v1/status"""
    Query(request)
    return answer(_status(services_of(request).node))


async def policy(request: web.Request) -> web.Response:
    """GET /v1/policy: the union's c2sp.org/tlog-policy, to verify proofs and checkpoints with."""
    Query(request)
    node = services_of(request).node
    return plain_text(policy_text(node.founding.genesis, node.seat.roster))


async def policy_history(request: web.Request) -> web.Response:
    """GET /v1/policy-history: how each epoch led to the next, for use with the genesis."""
    Query(request)
    services = services_of(request)
    epoch = services.node.seat.roster.epoch
    steps = await services.read(lambda ledger: kept_steps(ledger, epoch))
    return plain_text(format_history(steps))


async def roster(request: web.Request) -> web.Response:
    """GET /v1/roster: whose nodes form the union in the present epoch, with which keys.

    `epoch` with `wait`: answer when that epoch has begun here, or the time is over.
    """
    query = Query(request, "epoch", "wait")
    services = services_of(request)
    wait_s, epoch = query.wait_s(), query.epoch()
    if wait_s and services.node.seat.roster.epoch < epoch:
        await services.waits.wait(wait_s, services.node.until_epoch(epoch))
    text = write_json(services.node.seat.roster)
    return web.Response(text=text, content_type="application/json")


async def evidence(request: web.Request) -> web.Response:
    """GET /v1/evidence: members that contradicted themselves, each with its two signed votes."""
    Query(request)
    node = services_of(request).node
    found = await asyncio.to_thread(node.evidence.all)
    return answer(EvidencePage(tuple(_evidence(each) for each in found), _fork(node)))


def _fork(node: Node) -> ForkView | None:
    fork = node.forked
    if fork is None:
        return None
    ours = None if fork.ours is None else _finalization(node, fork.ours)
    return ForkView(ours, _finalization(node, fork.theirs))


def _finalization(node: Node, found: Finalization) -> FinalizationView:
    names = node.committee.names if found.epoch == node.committee.epoch else ()
    signers = [names[m] if m < len(names) else "" for m, _ in found.signatures]
    return FinalizationView(
        found.epoch,
        found.view,
        found.block.hex(),
        found.outcome.hex(),
        tuple(signers),
        encode_message(found).hex(),
    )


def _evidence(each: Equivocation) -> EvidenceView:
    said = (_said(each.first), _said(each.second))
    return EvidenceView(
        each.member, each.epoch, each.view, each.first.hex(), each.second.hex(), said
    )


def _said(data: bytes) -> str:
    match decode_message(data):
        case Notarize() as vote:
            return f"notarize block {vote.block.hex()}"
        case Finalize() as vote:
            return f"finalize block {vote.block.hex()} with outcome {vote.outcome.hex()}"
        case _:
            return "nullify"


async def alive(_request: web.Request) -> web.Response:
    """GET /healthz: the process answers."""
    return plain_text("alive\n")


async def ready(request: web.Request) -> web.Response:
    """GET /readyz: 200 when what is submitted here can become final, else 503 with the reason."""
    reason = _not_ready(services_of(request).node)
    if reason is not None:
        raise come_back("not-ready", reason)
    return plain_text("ready\n")


async def metrics(request: web.Request) -> web.Response:
    """GET /metrics, in the Prometheus text format."""
    node = services_of(request).node
    _measure(node)
    return web.Response(body=node.metrics.expose(), headers={"Content-Type": _EXPOSITION})


def _measure(node: Node) -> None:
    metrics, tip = node.metrics, node.database.latest.tip
    metrics.ready.set(_not_ready(node) is None)
    metrics.height.set(tip.header.height)
    metrics.epoch.set(node.seat.roster.epoch)
    metrics.view.set(node.core.view)
    metrics.log_entries.set(tip.tree_size)
    metrics.checkpoint_entries.set(_checkpoint_size(node))
    metrics.pending.set(len(node.mempool))
    metrics.links_up.set(sum(node.network.connected.values()))


def _checkpoint_size(node: Node) -> int:
    latest = node.checkpoints.latest
    return 0 if latest is None else latest.checkpoint.size


def _not_ready(node: Node) -> str | None:
    if node.forked is not None:
        return f"halted: another history is final in view {node.forked.theirs.view}"
    if node.halted is not None:
        return f"halted at height {node.halted.block.header.height}: outcomes differ"
    if node.snapshots.progress is not None:
        return f"taking a snapshot of block {node.snapshots.progress.height}"
    if not node.running:
        return "starting or stopping"
    up, needed = sum(node.network.connected.values()), node.committee.quorum - 1
    if up < needed:
        return f"links to {up} members are up, {needed} are needed for a quorum"
    return None


def _upgrade(coming: Upgrade | None) -> UpgradeView | None:
    if coming is None:
        return None
    missing = "" if coming.missing is None else str(coming.missing)
    return UpgradeView(coming.digest.hex(), coming.from_height, not missing, missing)


def _status(node: Node) -> StatusView:
    tip, genesis = node.database.latest.tip, node.founding.genesis
    halted = node.halted
    return StatusView(
        version=VERSION,
        member=node.member,
        union=node.founding.union.hex(),
        name=genesis.name,
        origin=genesis.origin,
        members=node.committee.names,
        quorum=node.committee.quorum,
        running=node.running,
        started_at_ms=int(node.started_at * 1000),
        height=tip.header.height,
        view=node.core.view,
        time_ms=tip.header.time_ms,
        log_size=tip.tree_size,
        log_root=tip.log_root.hex(),
        state_root=tip.state_root.hex(),
        checkpoint_size=_checkpoint_size(node),
        contract_set=node.contract_set().hex(),
        peers=dict(node.network.connected),
        mempool=MempoolView(len(node.mempool), node.mempool.total_bytes),
        evidence=len(node.evidence),
        upgrade=_upgrade(node.upgrades.coming),
        halted=None
        if halted is None
        else HaltView(
            height=halted.block.header.height,
            block=block_id(halted.block.header).hex(),
            ours=halted.ours.hex(),
            certified=halted.certified.hex(),
        ),
        forked=_fork(node),
        joining=node.joining,
        snapshot=_snapshot(node.snapshots.progress),
        missing=_missing(node.database.latest.gap),
    )


def _snapshot(progress: Progress | None) -> SnapshotView | None:
    if progress is None:
        return None
    taken = progress.taken
    return SnapshotView(
        height=progress.height,
        peers=progress.peers,
        pages=taken.pages,
        objects=taken.objects,
        ids=taken.ids,
        bytes=taken.received,
    )


def _missing(gap: StoredGap | None) -> MissingView | None:
    if gap is None:
        return None
    return MissingView(gap.next_index, gap.end_index, gap.next_height, gap.end_height)
