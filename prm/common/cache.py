"""The cache: Redis, and while Redis is away this process's own memory, so that pages and sign-in limits go on working."""

import logging
import time
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


# So long nobody waits for Redis again after it didn't answer.
PAUSE = 5.0


def _with_fallback(name: str) -> Any:
    def method(self: "RedisOrLocal", *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= self.away_until:
            try:
                return getattr(super(RedisOrLocal, self), name)(*args, **kwargs)
            except (RedisError, OSError) as error:
                log.warning("cache: Redis is away (%s); using local memory", error)
                self.away_until = time.monotonic() + PAUSE
        return getattr(self.local, name)(*args, **kwargs)

    return method


class RedisOrLocal(RedisCache):
    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self.away_until = 0.0
        self.local = LocMemCache("redis-away", {k: v for k, v in params.items() if k != "OPTIONS"})

    get = _with_fallback("get")
    set = _with_fallback("set")
    add = _with_fallback("add")
    touch = _with_fallback("touch")
    delete = _with_fallback("delete")
    incr = _with_fallback("incr")
    has_key = _with_fallback("has_key")
    get_many = _with_fallback("get_many")
    set_many = _with_fallback("set_many")
    delete_many = _with_fallback("delete_many")
    clear = _with_fallback("clear")
