"""Reading one repository: what is known is not asked again, what is asked is remembered. Blocking."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import ValidationError

from investigator.github.access import Access
from investigator.github.cache_policy import FOR_GOOD, SOON, digest, lasting
from investigator.github.failures import Invisible, bad_answer
from investigator.github.graphql import GraphQLAnswer, failure_of
from investigator.github.memory import Memory
from investigator.github.parts import Part, document, put_together, taken_apart, variables_of
from investigator.github.requester import DeadlineRequester, Fetched
from investigator.github.tally import Tally
from investigator.models.base import Value
from investigator.models.evidence import Deploy

T = TypeVar("T")
V = TypeVar("V", bound=Value)


class Reading:
    """One per piece of work; several threads may use it at once. All raise OutsideCallFailed."""

    def __init__(self, repository: str, access: Access, memory: Memory, tally: Tally) -> None:
        self._owner, _, self._name = repository.partition("/")
        self._access = access
        self._memory = memory
        self._tally = tally

    def query(
        self, operation: str, about: str, parts: tuple[Part, ...], understand: Callable[[GraphQLAnswer], T]
    ) -> T:
        """What `understand` makes of all `parts`, of which only the unknown ones are asked for.

        Of workers that ask the same operation `about` the same one goes first, for their parts overlap.
        Nothing is remembered of an answer that `understand` refuses.
        """
        with self._memory.question(f"{operation} {about}", [part.name for part in parts]) as question:
            missing = tuple(part for part in parts if part.name not in question.known)
            if not missing:
                return understand(put_together(parts, question.known))
            credential, answer = self._access.ask("graphql", lambda it: self._asked(it, operation, missing))
            understood = understand(put_together(parts, question.known, answer))
            kinds = {part.name: part.kind for part in missing}
            fresh = taken_apart(missing, answer)
            kept = {name: (values, lasting(kinds[name], values[0])) for name, values in fresh.items()}
            self._memory.keep(credential.fingerprint, kept, question.turns)
            return understood

    def get(self, path: str, shape: type[V], understand: Callable[[object], V], *, pinned: bool) -> V:
        """A REST answer; `pinned` when all it is asked by are full SHAs, so that it holds for ever."""
        name = digest("GET", path)
        with self._memory.question(name, [name]) as question:
            known = _revived(shape, question.known.get(name))
            if known is not None:
                return known
            stale = question.stale.get(name)
            old = _revived(shape, stale.value) if stale else None

            def ask(requester: DeadlineRequester) -> Fetched:
                mine = stale and old is not None and stale.by == requester.fingerprint
                return requester.get(path, etag=stale.etag if stale and mine else None)

            credential, fetched = self._access.ask("core", ask)
            if fetched.unchanged and old is not None:
                self._tally.cached(confirmed=1)
            value = old if fetched.unchanged and old is not None else understand(fetched.data)
            kept = {name: (value.model_dump(mode="json"), FOR_GOOD if pinned else SOON)}
            etag = None if pinned else fetched.etag
            self._memory.keep(credential.fingerprint, kept, question.turns, etag=etag, by=fetched.by)
            return value

    def deploys_told(self) -> tuple[Deploy, ...]:
        return self._memory.deploys_told()

    def _asked(self, requester: DeadlineRequester, operation: str, parts: tuple[Part, ...]) -> GraphQLAnswer:
        variables = {"owner": self._owner, "name": self._name, **variables_of(parts)}
        answer = requester.query(document(operation, parts), variables)
        repository = answer.data.get("repository")
        if repository is None:
            failure = failure_of(answer.errors[0]) if answer.errors else None
            if failure is None or failure.kind == "not_found":
                raise Invisible(failure.detail if failure else "no such repository")
            raise failure
        if not isinstance(repository, dict):
            raise bad_answer("repository: not an object")
        return answer


def _revived(shape: type[V], known: Any) -> V | None:
    """A remembered value; None when there is none, or another version of this program remembered it."""
    try:
        return None if known is None else shape.model_validate(known)
    except ValidationError:
        return None
