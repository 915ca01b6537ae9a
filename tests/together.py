"""Several people at the same moment, in a database where each commits (the fixture `committed`)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection

from tests.world import World


def at_once(world: World, *calls: Callable[[], Any]) -> list[Any]:
    """Makes all calls at the same moment, each on a connection of its own in the vendor's schema: what each of them gave, or the
    exception it raised."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            connection.set_tenant(world.vendor)
            barrier.wait()
            return call()
        except Exception as error:  # the caller asserts which
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
