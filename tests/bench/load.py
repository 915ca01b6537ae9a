"""Requests to the running server: how long each takes, and how much a page weighs on first load."""

import gzip
import http.client
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from urllib.parse import urljoin, urlsplit

from prm.local.servers import free_port
from tests.bench.pages import Page, Target

AT_A_TIME = 4
# What a page, a style sheet or a script loads at once.
BEFORE = r"<(?:link|script|img|use)\b[^>]*?\b(?:href|src)=|@import\s+|\burl\(|\bimport\b[^\"';]*?"
LINKED = re.compile(rf"(?:{BEFORE})[\"']?((?:/static/|\.\.?/)[^\"')\s>#]+|/[^\"')\s>]+\?v=[^\"')\s>]+)")


@dataclass(frozen=True)
class Measured:
    """Milliseconds of each request, in order; what went wrong; bytes of the page with all it loads, compressed."""

    times: list[float]
    errors: list[str]
    weight: int


class Server:
    def __init__(self, port: int, host: str) -> None:
        self.port, self.host = port, host

    def run(self, targets: list[Target], count: int) -> tuple[list[float], list[str]]:
        """`count` requests, four at a time, each of the four on a connection of its own."""
        todo = iter(list(islice(cycle(targets), count)))
        lock, times, errors = threading.Lock(), [], []

        def work() -> None:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            while True:
                with lock:
                    target = next(todo, None)
                if target is None:
                    return
                started = time.perf_counter()
                status, body = self._ask(connection, target)
                took = (time.perf_counter() - started) * 1000
                with lock:
                    times.append(took)
                    if status != 200:
                        errors.append(f"{target.path}: {status} {body[:200]!r}")

        threads = [threading.Thread(target=work) for _number in range(AT_A_TIME)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return times, errors

    def _ask(self, connection: http.client.HTTPConnection, target: Target) -> tuple[int, bytes]:
        headers = {"Host": self.host, **target.headers}
        if target.form:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{self.host}"}
        try:
            connection.request("POST" if target.form else "GET", target.path, target.form or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (http.client.HTTPException, OSError):
            # The server may close a connection that was idle; anything else fails the second time as well.
            connection.close()
            connection.request("POST" if target.form else "GET", target.path, target.form or None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def weight(self, target: Target) -> int:
        """Bytes of the page, gzipped, with everything it loads at once."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        total, seen, todo = 0, set(), [target.path]
        while todo:
            path = todo.pop()
            if path in seen:
                continue
            seen.add(path)
            status, body = self._ask(
                connection, Target(path, target.headers, target.form if path == target.path else "")
            )
            assert status == 200, f"{path}: {status}"
            total += len(gzip.compress(body))
            if not path.endswith((".svg", ".png", ".woff2")):
                links = (urlsplit(urljoin(path, link)) for link in LINKED.findall(body.decode()))
                todo += [f"{link.path}?{link.query}" if link.query else link.path for link in links]
        return total

    def measure(self, page: Page, count: int) -> Measured:
        times, errors = self.run(page.targets, count)
        return Measured(times, errors, 0 if errors else self.weight(page.targets[0]))


@contextmanager
def serving(host: str) -> Iterator[Server]:
    """A server as `make run` starts it, just started."""
    port = free_port()
    options = ["--worker-class=gthread", "--workers=2", "--threads=4", "--no-control-socket", "--log-level=warning"]
    argv = [sys.executable, "-m", "gunicorn", "prm.wsgi:application", f"--bind=127.0.0.1:{port}", *options]
    process = subprocess.Popen(argv)
    try:
        _wait(port)
        yield Server(port, host)
    finally:
        process.terminate()
        process.wait()


def _wait(port: int) -> None:
    for _try in range(300):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("gunicorn did not start")
