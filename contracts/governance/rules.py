"""Rules of governance."""

from contracts.kernel.rule import Rule, Severity
from contracts.kernel.sources import LEDGER

_VOTES = f"{LEDGER} (governance: one vote a member)"
_SETS = f"{LEDGER} (governance: contract sets)"
_MEMBERSHIP = f"{LEDGER} (governance: membership and epochs)"
_COMMISSION = f"{LEDGER} (governance: the Commission)"

STATE_FITS = Rule(
    "GV-001",
    "A record fits the state the proposal is in. It passes when more than two thirds of the "
    "members entitled to vote say yes, and fails when that can no longer happen.",
    _VOTES,
    "Запись соответствует состоянию предложения. Оно принимается, когда «за» более двух третей "
    "имеющих право голоса, и отклоняется, когда это уже невозможно.",
    severity=Severity.FORMAL,
)
PROPOSAL_KNOWN = Rule(
    "GV-002", "The proposal was made.", _VOTES, "Предложение внесено.", severity=Severity.FORMAL
)
ENTITLED = Rule(
    "GV-003",
    "Members of the union that are not suspended propose and vote, but none on its own "
    "suspension or reinstatement.",
    _VOTES,
    "Вносят предложения и голосуют государства-члены, не приостановленные в правах, но не по "
    "собственному приостановлению или восстановлению.",
    severity=Severity.GRAVE,
)
ONE_VOTE = Rule(
    "GV-004",
    "A member votes once on a proposal; the one that proposes has voted for.",
    _VOTES,
    "По предложению государство-член голосует один раз; внёсшее его проголосовало «за».",
    severity=Severity.GRAVE,
)
VOTING_OPEN = Rule(
    "GV-005",
    "A vote is cast before the voting ends.",
    _VOTES,
    "Голос подаётся до окончания голосования.",
)
VOTING_TIME = Rule(
    "GV-006",
    "Voting lasts from one hour to 90 days.",
    _VOTES,
    "Голосование длится от одного часа до 90 дней.",
    severity=Severity.FORMAL,
)
OWN_PROPOSAL = Rule(
    "GV-007",
    "A proposal is withdrawn by the member that made it.",
    _VOTES,
    "Предложение отзывает внёсшее его государство-член.",
    severity=Severity.GRAVE,
)
HEIGHT_AHEAD = Rule(
    "GV-008",
    "When a contract set is proposed, and when it passes, its height is at least 10 blocks ahead.",
    _SETS,
    "При внесении и при принятии набора контрактов до его высоты остаётся не менее 10 блоков.",
)
ONE_PENDING = Rule(
    "GV-009",
    "While a voted contract set waits for its height, no other is proposed or passes.",
    _SETS,
    "Пока принятый набор контрактов ждёт своей высоты, другой не вносится и не принимается.",
)
ANOTHER_SET = Rule(
    "GV-010",
    "The proposed contract set is not the one in force.",
    _SETS,
    "Предложенный набор контрактов отличается от действующего.",
    severity=Severity.FORMAL,
)
NEWCOMERS = Rule(
    "GV-011",
    "Who joins is not a member, and joins once.",
    _MEMBERSHIP,
    "Вступающее государство ещё не является членом и вступает один раз.",
)
LEAVERS = Rule(
    "GV-012",
    "Who leaves is a member, and at least one member stays.",
    _MEMBERSHIP,
    "Выходящее государство является членом, и хотя бы один член остаётся.",
)
MEMBER_LIMIT = Rule(
    "GV-013",
    "A union has at most 100 members.",
    f"{LEDGER} (bounded objects)",
    "В союзе не более 100 членов.",
)
SUSPENDABLE = Rule(
    "GV-014",
    "A member that is not suspended can be suspended, if another keeps its vote.",
    _MEMBERSHIP,
    "Приостановить можно действующего члена, если право голоса остаётся хотя бы у одного другого.",
)
REINSTATABLE = Rule(
    "GV-015",
    "A suspended member can be reinstated.",
    _MEMBERSHIP,
    "Восстановить можно приостановленного члена.",
)
EPOCH_SETTLED = Rule(
    "GV-018",
    "While an epoch that was decided has not begun, no other is proposed or passes.",
    _MEMBERSHIP,
    "Пока принятая эпоха не началась, другая не вносится и не принимается.",
)
COMMISSION_ID = Rule(
    "GV-016",
    "The id of the Commission's participant is not another participant's, nor of two letters, "
    "as members' are.",
    _COMMISSION,
    "Идентификатор участника от Комиссии не занят другим участником и не состоит из двух букв, "
    "как у государств-членов.",
    severity=Severity.FORMAL,
)
COMMISSION_SEATED = Rule(
    "GV-017",
    "Only a participant seated as the Commission can be dismissed.",
    _COMMISSION,
    "Освободить можно только участника, действующего от Комиссии.",
)
EVIDENCE_OF_MEMBER = Rule(
    "GV-019",
    "Evidence of equivocation concerns a state that is or was a member.",
    _MEMBERSHIP,
    "Доказательство противоречия касается государства, которое является или было членом.",
    severity=Severity.GRAVE,
)
EVIDENCE_CONTRADICTS = Rule(
    "GV-020",
    "Evidence of equivocation holds two different votes, of an epoch that has begun.",
    _MEMBERSHIP,
    "Доказательство содержит два разных голоса одной начавшейся эпохи.",
    severity=Severity.GRAVE,
)
EVIDENCE_ONCE = Rule(
    "GV-021",
    "Of one member, epoch and view, evidence is reported once.",
    _MEMBERSHIP,
    "По одному государству, эпохе и раунду доказательство вносится один раз.",
)
