"""The state and its history, object by object and page by page."""

import pytest

from contracts.registry.objects import Role
from contracts.registry.records import AddKey, SuspendParticipant
from ledger_node.crypto.signatures import SoftwareSigner
from tests.ledger_node.api.served import Served, registration


async def test_an_object_shows_its_fields_and_its_exact_bytes(api: Served) -> None:
    record = registration("AM-1", Role.DECLARANT, Role.CARRIER)
    await api.registrar.act(record)
    view = (await api.ask("/v1/objects/participant/AM-1")).json()
    assert view["key"] == "participant/AM-1"
    assert view["value"]["roles"] == ["carrier", "declarant"]
    assert view["value"]["keys"] == [record.keys[0].hex()]
    assert bytes.fromhex(view["raw"]) == api.node.database.latest.object("participant/AM-1")
    assert view["log_size"] == (await api.ask("/v1/status")).json()["log_size"]


async def test_an_escaped_slash_in_a_key_is_a_slash(api: Served) -> None:
    await api.registrar.act(registration("A/../B"))
    answer = await api.ask("/v1/objects/participant%2FA%2F..%2FB")
    assert answer.json()["value"]["id"] == "A/../B"


async def test_an_unknown_object_is_not_found(api: Served) -> None:
    answer = await api.ask("/v1/objects/participant/NOBODY")
    assert (answer.status, answer.problem().status) == (404, 404)


@pytest.mark.parametrize("key", ["x" * 129, "participant%2F%00", "participant/%D0%90", "a%20b"])
async def test_what_cannot_be_a_key_is_refused(api: Served, key: str) -> None:
    answer = await api.ask(f"/v1/objects/{key}")
    assert (answer.status, answer.problem().field) == (400, "key")


async def test_pages_follow_each_other_without_gap_or_repetition(api: Served) -> None:
    names = [f"AM-{number}" for number in range(1, 8)]
    await api.registrar.act(*(registration(name) for name in names))
    found: list[str] = []
    query = "prefix=participant/AM-&limit=3"
    cursor: str | None = ""
    sizes = []
    while cursor is not None:
        page = (await api.ask(f"/v1/objects?{query}" + (f"&after={cursor}" * bool(cursor)))).json()
        found += [each["value"]["id"] for each in page["objects"]]
        sizes.append(len(page["objects"]))
        cursor = page["next"]
    assert (found, sizes) == (names, [3, 3, 1])


async def test_without_a_prefix_everything_is_listed(api: Served) -> None:
    page = (await api.ask("/v1/objects")).json()
    assert [each["key"] for each in page["objects"]] == [
        "charter/union",
        "contract-set/union",
        "member/AM",
        "participant/AM",
    ]
    assert page["next"] is None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=-1", "limit"),
        ("limit=ten", "limit"),
        ("prefix=participant/&after=member/AM", "after"),
        ("after=%00", "after"),
        ("prefix=%FF", "prefix"),
        ("prefix=" + "x" * 129, "prefix"),
        ("limit=1&limit=2", "limit"),
        ("pefix=participant/", "pefix"),
    ],
)
async def test_a_bad_page_is_refused_by_field(api: Served, query: str, field: str) -> None:
    answer = await api.ask(f"/v1/objects?{query}")
    assert (answer.status, answer.problem().field) == (400, field)


async def test_a_history_tells_who_did_what_and_when(api: Served) -> None:
    registered = await api.registrar.act(registration("AM-1"))
    suspended = await api.registrar.act(SuspendParticipant("AM-1", "inquiry"))
    page = (await api.ask("/v1/objects/participant/AM-1/history")).json()
    kinds = [(each["kind"], each["author"], each["outcome"]) for each in page["entries"]]
    assert kinds == [
        ("registry.register", "AM", "accepted"),
        ("registry.suspend", "AM", "accepted"),
    ]
    assert [each["submission"] for each in page["entries"]] == [registered.id, suspended.id]
    assert [each["time_ms"] for each in page["entries"]] == [registered.time_ms, suspended.time_ms]
    assert page["next"] is None


async def test_a_later_record_of_a_batch_finds_its_submission(api: Served) -> None:
    view = await api.registrar.act(*(registration(f"AM-{number}") for number in range(5)))
    page = (await api.ask("/v1/objects/participant/AM-4/history")).json()
    (change,) = page["entries"]
    assert (change["submission"], change["log_index"]) == (view.id, view.records[4].log_index)


async def test_an_object_of_the_founding_comes_from_genesis(api: Served) -> None:
    page = (await api.ask("/v1/objects/participant/AM/history")).json()
    (change,) = page["entries"]
    assert (change["kind"], change["author"], change["height"]) == ("genesis", None, 0)


async def test_a_history_comes_in_pages(api: Served) -> None:
    await api.registrar.act(registration("AM-1"))
    keys = [SoftwareSigner.generate().public for _ in range(4)]
    await api.registrar.act(*(AddKey("AM-1", key) for key in keys))
    first = (await api.ask("/v1/objects/participant/AM-1/history?limit=3")).json()
    rest = await api.ask(f"/v1/objects/participant/AM-1/history?limit=3&after={first['next']}")
    indexes = [each["log_index"] for each in first["entries"] + rest.json()["entries"]]
    assert (len(indexes), sorted(set(indexes))) == (5, indexes)
    assert rest.json()["next"] is None


@pytest.mark.parametrize("after", ["-1", "x", "1.5", str(2**63)])
async def test_a_bad_history_cursor_is_refused(api: Served, after: str) -> None:
    answer = await api.ask(f"/v1/objects/participant/AM/history?after={after}")
    assert (answer.status, answer.problem().field) == (400, "after")


async def test_a_history_of_nothing_is_not_found(api: Served) -> None:
    assert (await api.ask("/v1/objects/participant/NOBODY/history")).status == 404


async def test_a_page_beyond_the_end_of_a_history_is_empty(api: Served) -> None:
    page = (await api.ask("/v1/objects/participant/AM/history?after=1000")).json()
    assert (page["entries"], page["next"]) == ([], None)
