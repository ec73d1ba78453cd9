"""What a notice means for an issue: open an incident, record one that is over, count, close. Pure.

The state is a record of facts in the order of Sentry's clock, and what stands is worked out from the record,
so that notices leave the same state in whatever order they come (docs/decisions/0002-order.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from investigator.models.base import Value
from investigator.models.issue_state import Episode, IssueState, Moment, Settlement
from investigator.models.sentry import Notice, SentryIssue
from investigator.signs import Sign, read_sign

Step = Literal["open", "record", "known", "count", "settle", "ignore"]

# Sentry tells of one regression several times over: as an issue, as an activity alert, once a rule.
ECHO = timedelta(minutes=10)
EPISODES, SETTLEMENTS, RECENT = 20, 20, 50


class Decision(Value):
    """`reason` is for people and for the counters: why this notice had this effect.

    `state` is what the issue is afterwards; after `open` and `record` its new episode has no incident yet.
    `record` makes an incident that is over before it began: nothing is investigated and nobody is told.
    `known` is news of an episode that has its incident; it may tell better when the episode began.
    `told` is the episode, by its place, that the notice is about.
    """

    step: Step
    reason: str
    state: IssueState
    told: int | None = None


def decide(state: IssueState, notice: Notice, received_at: datetime) -> Decision:
    """Decide what `notice` does to its issue.

    The caller has made sure that `notice.issue_id == state.issue_id` and that it was not seen before.
    """
    sign = read_sign(notice, received_at)
    settled = _settle(state, sign, received_at)
    decision = settled
    if sign.kind is not None:
        told = _TELL[sign.kind](settled.state, sign)
        ended = settled.step == "settle" and told.step not in {"open", "record"}
        decision = settled.model_copy(update={"state": told.state}) if ended else told
    if decision.step in {"count", "ignore"}:
        return decision
    return decision.model_copy(update={"state": decision.state.model_copy(update={"status_at": received_at})})


def asked(state: IssueState, issue: SentryIssue, at: datetime) -> IssueState:
    """The state after a person asked about an issue that is not open: an episode whatever was settled."""
    moment = Moment(at=min(issue.last_seen or at, at), count=issue.count)
    unknown = not state.episodes and not state.settlements
    for known in (*(e.began for e in state.episodes), *(s.moment for s in state.settlements)):
        moment = moment if moment.after(known) else known
    episode = Episode(kind="alerted" if unknown else "reopened", began=moment)
    asked_for = _inserted(state, len(state.episodes), episode)
    return asked_for.model_copy(update={"status_at": at})


def _settle(state: IssueState, sign: Sign, received_at: datetime) -> Decision:
    if sign.settled is None:
        return Decision(step="ignore", reason=f"{sign.what} starts nothing", state=state)
    settlement = Settlement(moment=sign.moment, status=sign.settled, told_at=received_at)
    found = sorted((*state.settlements, settlement), key=lambda s: (s.moment.at, s.moment.count or 0))
    after = state.model_copy(update={"settlements": tuple(found[-SETTLEMENTS:])})
    if state.status == "open" != after.status:
        told = len(after.episodes) - 1
        return Decision(step="settle", reason=f"Sentry says {sign.settled}", state=after, told=told)
    return Decision(step="ignore", reason=f"{sign.settled}, and nothing was open", state=after)


def _created(state: IssueState, sign: Sign) -> Decision:
    if state.forgotten or (state.episodes and state.episodes[0].kind == "created"):
        return Decision(step="ignore", reason="the issue is known already", state=state)
    if state.episodes and state.episodes[0].first:
        first = state.episodes[0].model_copy(update={"kind": "created", "began": sign.moment})
        known = state.model_copy(update={"episodes": (first, *state.episodes[1:])})
        return Decision(step="known", reason="an alert was here before it", state=known, told=0)
    return _begun(state, 0, Episode(kind="created", began=sign.moment), over=_over_at_once(state, sign))


def _alert(state: IssueState, sign: Sign) -> Decision:
    happened = sign.moment.at
    owner = _owner(state, happened)
    if owner is not None:
        counted = _with_event(state.episodes[owner], happened)
        reason = "the issue is already being looked at"
        return Decision(step="count", reason=reason, state=_replaced(state, owner, counted), told=owner)
    if state.forgotten or any(settlement.moment.at < happened for settlement in state.settlements):
        loose = _newest((*state.loose, happened.timestamp()))
        reason = "the issue was settled; Sentry has not reopened it"
        return Decision(step="ignore", reason=reason, state=state.model_copy(update={"loose": loose}))
    first = _with_event(Episode(kind="alerted", began=sign.moment), happened)
    return _begun(state, 0, first, over=_over_at_once(state, sign))


def _owner(state: IssueState, happened: datetime) -> int | None:
    """The episode an event belongs to: the last that had begun, or the first if that began right after."""
    for index in reversed(range(len(state.episodes))):
        episode = state.episodes[index]
        if episode.first or episode.began.at <= happened:
            return index
    moment = Moment(at=happened)
    if state.episodes and not state.forgotten and _is_echo(state, state.episodes[0], moment):
        return 0
    return None


def _reopened(state: IssueState, sign: Sign) -> Decision:
    state = _not_the_first(state, sign.moment)
    for index in reversed(range(len(state.episodes))):
        episode = state.episodes[index]
        if _is_same(state, episode, sign):
            update: dict[str, object] = {"kind": "reopened"}
            if episode.first or episode.began.after(sign.moment):
                update["began"] = sign.moment
            again = _replaced(state, index, episode.model_copy(update=update))
            return Decision(step="known", reason="it is known to be back", state=again, told=index)
    earlier = [e for e in state.episodes if e.first or not e.began.after(sign.moment)]
    if state.forgotten and not earlier:
        return Decision(step="ignore", reason="older than what is remembered", state=state)
    settled_later = any(s.moment.after(sign.moment) for s in state.settlements)
    over = settled_later or sign.settled is not None or len(earlier) < len(state.episodes)
    return _begun(state, len(earlier), Episode(kind="reopened", began=sign.moment), over=over)


def _not_the_first(state: IssueState, moment: Moment) -> IssueState:
    """What an alert began cannot be the issue's first episode when the issue came back before it."""
    first = state.episodes[0] if state.episodes else None
    if first is None or first.kind != "alerted" or not first.began.after(moment):
        return state
    began = first.began if _settled_between(state, moment, first.began) else moment
    return _replaced(state, 0, first.model_copy(update={"kind": "reopened", "began": began}))


_TELL = {"created": _created, "alert": _alert, "reopened": _reopened}


def _is_same(state: IssueState, episode: Episode, sign: Sign) -> bool:
    """Is this regression the trouble we know already?"""
    if not _is_echo(state, episode, sign.moment):
        return False
    if not episode.first:
        return True
    # An alert told of it first. The issue's very first event is no regression, though.
    not_the_first = sign.first_seen is None or episode.began.at > sign.first_seen
    settled = any(
        not sign.moment.after(s.moment) and s.moment.at >= episode.began.at for s in state.settlements
    )
    return episode.kind == "alerted" and not_the_first and not settled


def _is_echo(state: IssueState, episode: Episode, moment: Moment) -> bool:
    """Near enough to the episode's beginning, and nothing was settled in between."""
    if abs(moment.at - episode.began.at) >= ECHO:
        return False
    early, late = (moment, episode.began) if episode.began.after(moment) else (episode.began, moment)
    return not _settled_between(state, early, late)


def _settled_between(state: IssueState, early: Moment, late: Moment) -> bool:
    return any(not early.after(s.moment) and late.after(s.moment) for s in state.settlements)


def _over_at_once(state: IssueState, sign: Sign) -> bool:
    return bool(state.episodes or state.settlements or sign.settled)


def _begun(state: IssueState, index: int, episode: Episode, *, over: bool) -> Decision:
    words = {"created": "first seen", "alerted": "first alert", "reopened": "it came back"}[episode.kind]
    if over:
        after = _inserted(state, index, episode, keep_settlements=True)
        return Decision(step="record", reason=f"{words}, and over by now", state=after, told=index)
    return Decision(step="open", reason=words, state=_inserted(state, index, episode), told=index)


def _inserted(
    state: IssueState, index: int, episode: Episode, *, keep_settlements: bool = False
) -> IssueState:
    """Put an episode in its place; events its neighbours had in keeping move over.

    One that opens was told after settlements of the very same moment, so it is not settled by them.
    """
    settlements = state.settlements
    if not keep_settlements and not episode.first:
        settlements = tuple(_before_tied(s, episode.began) for s in settlements)
    before, behind = list(state.episodes[:index]), list(state.episodes[index:])
    starts = -1.0 if episode.first else episode.began.at.timestamp()
    ends = behind[0].began.at.timestamp() if behind else float("inf")
    loose, from_loose = _split(state.loose, starts, ends)
    moved = [*from_loose]
    for neighbours, place in ((before, -1), (behind, 0)):
        if neighbours:
            kept, taken = _split(neighbours[place].recent, starts, ends)
            events = neighbours[place].events - len(taken)
            neighbours[place] = neighbours[place].model_copy(update={"recent": kept, "events": events})
            moved += taken
    new = episode.model_copy(
        update={"events": episode.events + len(moved), "recent": _newest((*episode.recent, *moved))}
    )
    episodes = (*before, new, *behind)
    dropped = max(0, len(episodes) - EPISODES)
    forgotten = (state.forgotten or int(not episodes[0].first)) + dropped if dropped else state.forgotten
    return state.model_copy(
        update={
            "episodes": episodes[dropped:],
            "settlements": settlements,
            "loose": loose,
            "forgotten": forgotten,
        }
    )


def _before_tied(settlement: Settlement, began: Moment) -> Settlement:
    """The settlement, set before an episode of the very same moment."""
    if settlement.moment.after(began) or began.after(settlement.moment):
        return settlement
    return settlement.model_copy(update={"earlier": True})


def _split(times: Sequence[float], starts: float, ends: float) -> tuple[tuple[float, ...], list[float]]:
    """Those outside the span, and those inside."""
    inside = [time for time in times if starts <= time < ends]
    return tuple(time for time in times if not starts <= time < ends), inside


def _with_event(episode: Episode, happened: datetime) -> Episode:
    update: dict[str, object] = {
        "events": episode.events + 1,
        "recent": _newest((*episode.recent, happened.timestamp())),
    }
    if episode.kind == "alerted" and happened < episode.began.at:
        update["began"] = Moment(at=happened)
    return episode.model_copy(update=update)


def _newest(times: Sequence[float]) -> tuple[float, ...]:
    return tuple(sorted(times)[-RECENT:])


def _replaced(state: IssueState, index: int, episode: Episode) -> IssueState:
    episodes = (*state.episodes[:index], episode, *state.episodes[index + 1 :])
    return state.model_copy(update={"episodes": episodes})
