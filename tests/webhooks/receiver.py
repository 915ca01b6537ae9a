"""Another system that listens: a real server on this machine, which keeps what it is sent and answers as it is told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Heard:
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """`answers` are given in order, the last one for ever: a status, or (status, headers, body)."""

    answers: list[Any] = field(default_factory=lambda: [204])
    heard: list[Heard] = field(default_factory=list)
    hold: threading.Event | None = None  # until it is set nobody is answered
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hooks?team=1"

    def next_answer(self) -> tuple[int, dict[str, str], bytes]:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer if isinstance(answer, tuple) else (answer, {}, b"")


@contextmanager
def listening(*answers: Any) -> Iterator[Receiver]:
    receiver = Receiver(list(answers) or [204])

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.heard.append(Heard(self.path, dict(self.headers.items()), body))
            if receiver.hold:
                receiver.hold.wait(30)
            status, headers, content = receiver.next_answer()
            try:
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)
            except OSError:
                return  # whoever asked has gone

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        if receiver.hold:
            receiver.hold.set()
        server.shutdown()
        server.server_close()
        thread.join()
