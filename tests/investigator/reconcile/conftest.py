from tests.fixtures.reconcile import blocking, stage

__all__ = ["blocking", "stage"]
