"""A model's suggestion as a proposal at the head of today, or the reason why it may not be one."""

from __future__ import annotations

from fnmatch import fnmatchcase

from investigator.fixes.diff import git_diff
from investigator.fixes.reading import files_at
from investigator.fixes.rules import check_size
from investigator.github.repository import Repository
from investigator.models.fix import Change, File, NoProposal, Proposal
from investigator.models.service import PullRequestRules
from investigator.models.suggestion import SuggestedFix
from investigator.patching.edits import NotAllowed, Original, patched


async def propose_patch(
    repository: Repository, fix: SuggestedFix, *, head: str, rules: PullRequestRules
) -> Proposal:
    """The suggestion, applied to the files at `head` (a full SHA).

    Raises:
        NoProposal: it was not valid, or is not at this head.
        OutsideCallFailed: as the repository.
    """
    if fix.status != "valid":
        raise NoProposal(f"the suggested patch is not offered: {fix.reason}")
    denied = [path for path in fix.paths if any(fnmatchcase(path, glob) for glob in rules.deny)]
    if denied:
        raise NoProposal(f"the suggested patch is not offered: {denied[0]} is denied by pilot.yml")
    found = await files_at(repository, [(head, path) for path in fix.paths])
    files = {path: found[head, path] for path in fix.paths if (head, path) in found}
    try:
        patch = patched(fix.edits, {path: _original(file) for path, file in files.items()}, set(fix.paths))
    except NotAllowed as error:
        raise NoProposal(f"the suggested patch does not apply any more: {error}") from error
    changes = tuple(
        Change(path=path, before=files[path], after=File(mode=files[path].mode, content=text.encode()))
        for path, text in patch.files.items()
    )
    diff = git_diff(changes)
    check_size(changes, diff)
    return Proposal(
        kind="patch",
        repository=repository.name,
        base_sha=head,
        changes=changes,
        diff=diff,
        slug=f"patch-{fix.run}",
        why=fix.why,
        cannot_know=fix.cannot_know,
        checked=patch.checked,
        model=fix.model,
    )


def _original(file: File) -> Original:
    """A file that is no UTF-8 is not a model's to change."""
    try:
        return Original(text=None if file.content is None else file.content.decode(), mode=file.mode)
    except UnicodeDecodeError:
        return Original(text=None, mode=file.mode)
