"""Bytes to and from a child, without ever waiting for it unwatched."""

import select
import socket
from collections.abc import Callable, Sequence
from typing import Any

POLL_SECONDS = 0.05


class Channel:
    """A socket that never blocks for long: `watch` is called while it waits, and may raise."""

    def __init__(self, connection: socket.socket, watch: Callable[[], None]) -> None:
        connection.setblocking(False)
        self.connection, self.watch = connection, watch
        self.poll = select.poll()

    def send(self, pieces: Sequence[Any]) -> None:
        """Send all pieces; raise EOFError when nobody is there to take them."""
        for piece in pieces:
            rest = memoryview(piece)
            while rest:
                try:
                    rest = rest[self.connection.send(rest) :]
                except BlockingIOError:
                    self._wait(select.POLLOUT)
                except OSError as error:
                    raise EOFError from error

    def receive(self, size: int) -> bytearray:
        """Return exactly `size` bytes; raise EOFError when no more will come."""
        buffer = bytearray(size)
        rest = memoryview(buffer)
        while rest:
            try:
                count = self.connection.recv_into(rest)
            except BlockingIOError:
                self._wait(select.POLLIN)
                continue
            except OSError as error:
                raise EOFError from error
            if count == 0:
                raise EOFError
            rest = rest[count:]
        return buffer

    def _wait(self, event: int) -> None:
        self.poll.register(self.connection, event)
        self.poll.poll(1000 * POLL_SECONDS)
        self.watch()
