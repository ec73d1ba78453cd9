"""Questions about pull requests that need git as well as the host's memory."""

from __future__ import annotations

from sandbox.github import merges
from sandbox.github.hosted import PullRequest
from sandbox.github.repository import Repository
from sandbox.github.values import Commit, FileDiff, Selection

_RECENT = 300


async def find(repo: Repository, number: int) -> PullRequest | None:
    """A pull request by number; in a derived history the newest commit that says so names it."""
    known = repo.history.pull_requests.get(number)
    if known is not None or not repo.history.derived:
        return known
    tip = await repo.lookup.commit_id("HEAD")
    if tip is None:
        return None
    patterns = (f"--grep=^Merge pull request #{number} from ", f"--grep=(#{number})$")
    arguments = ("--max-count=5", "--basic-regexp", "--format=%H", *patterns, tip, "--")
    shas = (await repo.git.text("log", *arguments)).split()
    for commit in await repo.reader.commits(shas):
        pull = merges.from_message(commit)
        if pull is not None and pull.number == number:
            repo.history.put(pull)
            return pull
    return None


async def newest_first(repo: Repository) -> list[PullRequest]:
    """All known pull requests; a derived history reads those of the newest mainline commits first."""
    if repo.history.derived:
        tip = await repo.lookup.commit_id("HEAD")
        repo.history.learn(await repo.reader.log(Selection(tip), limit=_RECENT) if tip else [])
    return sorted(repo.history.pull_requests.values(), key=lambda pull: pull.number, reverse=True)


async def of_commit(repo: Repository, commit: Commit) -> list[PullRequest]:
    """Pull requests a commit came with."""
    if not repo.history.of_commit(commit.sha):
        repo.history.learn([commit])
    return repo.history.of_commit(commit.sha)


async def ends(repo: Repository, pull: PullRequest) -> tuple[str, str] | None:
    """Full ids of what a pull request starts from and ends with; None when its commits are gone."""
    if pull.merge_commit is None:
        base = await repo.lookup.commit_id(await base_branch(repo, pull))
        head = await repo.lookup.commit_id(pull.head_ref) if pull.head_ref else None
        head = head or (pull.commits[-1] if pull.commits else None)
        if base is None or head is None:
            return None
        merge_base = (await repo.reader.divergence(base, head)).merge_base
        return (merge_base, head) if merge_base else None
    if await repo.lookup.commit_id(pull.merge_commit) is None:
        return None
    merge = await repo.reader.commit(pull.merge_commit)
    if len(merge.parents) > 1:
        return merge.parents[0], merge.sha
    first = await repo.reader.commit(pull.commits[0]) if pull.merge_commit in pull.commits else merge
    return (first.parents[0], merge.sha) if first.parents else None


async def files(repo: Repository, pull: PullRequest) -> tuple[FileDiff, ...]:
    """What a pull request changes, as one difference, without patches."""
    found = await ends(repo, pull)
    return await repo.differences.files(*found) if found else ()


async def patches(repo: Repository, pull: PullRequest) -> tuple[FileDiff, ...]:
    """Like `files`, with patches."""
    found = await ends(repo, pull)
    return await repo.differences.patches(*found) if found else ()


async def commits(repo: Repository, pull: PullRequest, *, limit: int = 250) -> list[Commit]:
    """A pull request's own commits, oldest first; those that never reached this clone are left out."""
    known = () if pull.state == "open" else pull.commits[:limit]  # an open one grows with its branch
    infos = [await repo.lookup.info(sha) for sha in known]
    present = [info.sha for info in infos if info is not None]
    if present:
        return await repo.reader.commits(present)
    found = await ends(repo, pull)
    if found is None:
        return []
    base, head = found
    if pull.merge_commit is not None:
        parents = (await repo.reader.commit(head)).parents
        head = parents[1] if len(parents) > 1 else head
    return list(reversed(await repo.reader.log(Selection(head, exclude=base), limit=limit)))


async def base_branch(repo: Repository, pull: PullRequest) -> str:
    return pull.base_ref or await repo.lookup.default_branch()


def head_branch(pull: PullRequest) -> str:
    """The branch's name; a squash does not tell it, then the host's own reference."""
    return pull.head_ref or f"pull/{pull.number}/head"
