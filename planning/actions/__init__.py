"""Writes of business plans: keyword-only, atomic, with `by`, in the audit log."""

from planning.actions.benchmarking import make_missing_benchmarks, remove_benchmark, set_benchmark
from planning.actions.drafting import discard, save, share, start
from planning.actions.signing import ask, sign
from planning.refusals import Changed, Closed, NotAllowed, NotReady

__all__ = [
    "Changed",
    "Closed",
    "NotAllowed",
    "NotReady",
    "ask",
    "discard",
    "make_missing_benchmarks",
    "remove_benchmark",
    "save",
    "set_benchmark",
    "share",
    "sign",
    "start",
]
