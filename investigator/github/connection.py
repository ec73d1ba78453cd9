"""One HTTP exchange that ends with the deadline, however slowly the other side drips."""

from __future__ import annotations

import requests
from github.Requester import HTTPSRequestsConnectionClass, RequestsResponse

from investigator.deadline import Deadline
from investigator.github.failures import bad_answer, cut

MAX_BODY_BYTES = 48 * 1024 * 1024
CHUNK_BYTES = 256 * 1024


class BoundedResponse(RequestsResponse):
    """A response read whole, within time and size."""

    def __init__(self, response: requests.Response, deadline: Deadline) -> None:
        super().__init__(response)
        self._deadline = deadline

    def read(self) -> str:
        """The body as text.

        Raises:
            OutsideCallFailed: cut, or bad_answer when it is too large.
        """
        body = bytearray()
        with self.response:
            # read1 gives what one read of the socket brings; read(n) would wait for n bytes, drop by drop.
            while chunk := self.response.raw.read1(CHUNK_BYTES, decode_content=True):
                body += chunk
                if not self._deadline.left():
                    raise cut()
                if len(body) > MAX_BODY_BYTES:
                    raise bad_answer(f"the answer is larger than {MAX_BODY_BYTES // 2**20} MB")
        return body.decode("utf-8", errors="replace")


class BoundedConnection(HTTPSRequestsConnectionClass):
    """The connection object PyGithub's requester asks for, made for one request and then dropped.

    PyGithub's own keeps the request in attributes of an object shared by all threads, and takes one timeout
    for its whole life; this one shares only the session (with its kept-alive sockets).
    """

    def __init__(self, session: requests.Session, origin: str, deadline: Deadline, patience: float) -> None:
        """`patience` is how many seconds the other side may stay silent."""
        # Not calling super().__init__ is meant: it would open a session of its own.
        self.session = session
        self._origin = origin
        self._deadline = deadline
        self._patience = patience

    def getresponse(self) -> BoundedResponse:
        left = min(self._deadline.left(), self._patience)
        if not left:
            raise cut()
        response = self.session.request(
            self.verb,
            self._origin + self.url,
            headers=self.headers,
            data=self.input,
            timeout=left,
            allow_redirects=False,
            stream=True,
        )
        return BoundedResponse(response, self._deadline)


def open_session(pool_size: int) -> requests.Session:
    """Kept-alive connections shared by the threads that talk to GitHub; proxies come from the environment."""
    session = requests.Session()
    session.auth = _no_netrc
    adapter = requests.adapters.HTTPAdapter(pool_connections=2, pool_maxsize=pool_size, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Any `auth` keeps requests from replacing our header by what it finds in ~/.netrc."""
    return request
