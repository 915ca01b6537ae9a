"""Requests to the running server: how long each takes, and how much a page weighs on first load."""

import gzip
import http.client
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from django.db import connection

from prm.local.servers import free_port
from tests.bench.pages import Page, Target

AT_A_TIME = 4
# What a page, a style sheet or a script loads at once.
BEFORE = r"<(?:link|script|img|use)\b[^>]*?\b(?:href|src)=|@import\s+|\burl\(|\bimport\b[^\"';]*?"
LINKED = re.compile(rf"(?:{BEFORE})[\"']?((?:/static/|\.\.?/)[^\"')\s>#]+|/[^\"')\s>]+\?v=[^\"')\s>]+)")


@dataclass(frozen=True)
class Measured:
    """Milliseconds of each request, in order; of processor time a request; what went wrong; bytes with all it loads."""

    times: list[float]
    cpu: float
    errors: list[str]
    weight: int


class Server:
    def __init__(self, port: int, host: str, pid: int) -> None:
        self.port, self.host, self.pid = port, host, pid

    def run(self, targets: list[Target], count: int) -> tuple[list[float], list[str]]:
        """`count` requests, four at a time, each of the four on a connection of its own."""
        todo = iter(list(islice(cycle(targets), count)))
        lock, times, errors = threading.Lock(), [], []

        def work() -> None:
            client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            while True:
                with lock:
                    target = next(todo, None)
                if target is None:
                    return
                started = time.perf_counter()
                status, body = self._ask(client, target)
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

    def _ask(self, client: http.client.HTTPConnection, target: Target) -> tuple[int, bytes]:
        headers = {"Host": self.host, **target.headers}
        if target.form:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{self.host}"}
        try:
            client.request("POST" if target.form else "GET", target.path, target.form or None, headers)
            answer = client.getresponse()
            return answer.status, answer.read()
        except (http.client.HTTPException, OSError):
            # The server may close a connection that was idle; anything else fails the second time as well.
            client.close()
            client.request("POST" if target.form else "GET", target.path, target.form or None, headers)
            answer = client.getresponse()
            return answer.status, answer.read()

    def weight(self, target: Target) -> int:
        """Bytes of the page, gzipped, with everything it loads at once."""
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        total, seen, todo = 0, set(), [target.path]
        while todo:
            path = todo.pop()
            if path in seen:
                continue
            seen.add(path)
            status, body = self._ask(client, Target(path, target.headers, target.form if path == target.path else ""))
            assert status == 200, f"{path}: {status}"
            total += len(gzip.compress(body))
            if not path.endswith((".svg", ".png", ".woff2")):
                links = (urlsplit(urljoin(path, link)) for link in LINKED.findall(body.decode()))
                todo += [f"{link.path}?{link.query}" if link.query else link.path for link in links]
        return total

    def measure(self, page: Page, count: int) -> Measured:
        before = self._cpu()
        times, errors = self.run(page.targets, count)
        cpu = sum(used - before.get(pid, 0) for pid, used in self._cpu().items()) / count
        return Measured(times, cpu, errors, 0 if errors else self.weight(page.targets[0]))

    def _cpu(self) -> dict[int, float]:
        """Milliseconds that each process of the server and of the database has used; none where there is no /proc."""
        found = {}
        with connection.cursor() as cursor:
            cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
            backends = {row[0] for row in cursor.fetchall()}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                fields = stat.read_text().rpartition(")")[2].split()
                pid, parent, ticks = int(stat.parent.name), int(fields[1]), int(fields[11]) + int(fields[12])
                if parent == self.pid or pid in backends:
                    found[pid] = ticks * 1000 / os.sysconf("SC_CLK_TCK")
        return found


@contextmanager
def serving(host: str) -> Iterator[Server]:
    """A server as `make run` starts it, just started."""
    port = free_port()
    options = ["--worker-class=gthread", "--workers=2", "--threads=4", "--no-control-socket", "--log-level=warning"]
    argv = [sys.executable, "-m", "gunicorn", "prm.wsgi:application", f"--bind=127.0.0.1:{port}", *options]
    process = subprocess.Popen(argv)
    try:
        _wait(port)
        yield Server(port, host, process.pid)
    finally:
        process.terminate()
        process.wait()


def _wait(port: int) -> None:
    for _try in range(300):
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            client.request("GET", "/healthz")
            if client.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("gunicorn did not start")
