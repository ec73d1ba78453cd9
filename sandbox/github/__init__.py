"""A small GitHub (REST, GraphQL and a few pages) answered by git itself over real repositories."""

from sandbox.github.app import GitHubSandbox
from sandbox.github.clone import serve_clones
from sandbox.github.git import Git, GitFailed
from sandbox.github.history import HostHistory
from sandbox.github.hosted import Deployment, PullRequest, Release
from sandbox.github.repository import Repository

__all__ = [
    "Deployment",
    "Git",
    "GitFailed",
    "GitHubSandbox",
    "HostHistory",
    "PullRequest",
    "Release",
    "Repository",
    "serve_clones",
]
