"""A small shop service with a life: a real git repository, and a real crash in the code it deployed."""

from sandbox.demo_service.build import DemoService, build
from sandbox.demo_service.crash import crash
from sandbox.demo_service.git import DemoFailed
from sandbox.demo_service.incident import Incident

__all__ = ["DemoFailed", "DemoService", "Incident", "build", "crash"]
