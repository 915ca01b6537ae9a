"""One message over the line: signed, to the address that was looked at, with an end to its time and to what is read."""

import http.client
import socket
import ssl
import threading
import time
from dataclasses import dataclass
from functools import cache

from django.utils import timezone
from django.utils.translation import gettext as _
from standardwebhooks import Webhook

from prm.webhooks import addresses
from prm.webhooks.addresses import Refused, Target
from prm.webhooks.models import Delivery, Endpoint

TIMEOUT = 15  # seconds for all of it, the name lookup aside
CONNECT = 5  # of them for each address a name has, of which so many are tried
ADDRESSES = 3
READ = 500  # characters kept of an answer
GONE = 410


@dataclass(frozen=True)
class Answer:
    """What came of an attempt: the status and the beginning of the answer, or the error that kept us from one."""

    status: int | None = None
    head: str = ""
    error: str = ""
    took_ms: int = 0

    @property
    def is_ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def post(endpoint: Endpoint, delivery: Delivery) -> Answer:
    """Sends a message once. Never raises: what went wrong is in the answer."""
    began = time.monotonic()
    status, head, error = None, "", ""
    try:
        target = addresses.parse(endpoint.url)
        status, head = _exchange(target, addresses.resolve(target), delivery.body.encode(), headers(endpoint, delivery))
        error = _wrong(status)
    except Refused as refused:
        error = str(refused)
    except socket.gaierror:
        error = _("There is no such host.")
    except TimeoutError:
        error = _("No answer within %(n)s seconds.") % {"n": TIMEOUT}
    except ssl.SSLCertVerificationError as wrong:
        error = _("Its certificate is not valid: %(why)s.") % {"why": wrong.verify_message}
    except (OSError, http.client.HTTPException, ValueError) as wrong:
        error = _("No connection: %(why)s.") % {"why": str(wrong) or type(wrong).__name__}
    return Answer(status, head, error[:300], round((time.monotonic() - began) * 1000))


def headers(endpoint: Endpoint, delivery: Delivery) -> dict[str, str]:
    """The headers of Standard Webhooks, signed now; with both secrets while the one before still counts."""
    now = timezone.now()
    secrets = [endpoint.secret]
    if endpoint.old_secret and endpoint.old_secret_until and endpoint.old_secret_until > now:
        secrets.append(endpoint.old_secret)
    signed = [Webhook(secret).sign(delivery.message_id, now, delivery.body) for secret in secrets]
    return {
        "Content-Type": "application/json",
        "User-Agent": "Cadence-Webhooks/1.0",
        "webhook-id": delivery.message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signed),
    }


def _wrong(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return _("It answered %(status)s, a redirect. Redirects are not followed: enter the address it leads to.") % {
            "status": status
        }
    return _("It answered %(status)s.") % {"status": status}


def _exchange(target: Target, ips: list[str], body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    """Status and beginning of the answer to a POST. After TIMEOUT the connection is cut, however slowly bytes still drip."""
    connection = _Pinned(target, ips)
    expired = threading.Event()

    def cut() -> None:
        expired.set()
        connection.cut()

    clock = threading.Timer(TIMEOUT, cut)
    clock.daemon = True
    clock.start()
    try:
        connection.request("POST", target.path, body, {**headers, "Host": target.authority, "Connection": "close"})
        response = connection.getresponse()
        head = response.read(4 * READ).decode("utf-8", "replace").replace("\x00", "")[:READ]
    except (OSError, http.client.HTTPException, ValueError) as error:
        if expired.is_set():
            raise TimeoutError from error
        raise
    finally:
        clock.cancel()
        connection.close()
    if expired.is_set():
        raise TimeoutError
    return response.status, head


class _Pinned(http.client.HTTPConnection):
    """A connection to one of the given addresses, whatever the host's name may resolve to by now; with TLS for the name."""

    def __init__(self, target: Target, ips: list[str]) -> None:
        super().__init__(target.host, target.port, timeout=TIMEOUT)
        self._target, self._ips = target, ips
        self._raw: socket.socket | None = None

    def connect(self) -> None:
        failed: OSError = ConnectionRefusedError()
        for ip in self._ips[:ADDRESSES]:
            try:
                self.sock = self._raw = socket.create_connection((ip, self.port), CONNECT)
                break
            except OSError as error:
                failed = error
        else:
            raise failed
        self.sock.settimeout(self.timeout)
        if self._target.scheme == "https":
            wrapped = _tls().wrap_socket(self.sock, server_hostname=self._target.host, do_handshake_on_connect=False)
            self.sock = self._raw = wrapped
            wrapped.do_handshake()

    def cut(self) -> None:
        """Ends it from another thread: whoever reads or writes gets an error or the end of the data."""
        if self._raw is not None:
            try:
                socket.socket.shutdown(self._raw, socket.SHUT_RDWR)
            except OSError:
                return  # closed already


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
