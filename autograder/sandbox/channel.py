"""Bytes to and from a child, without ever waiting for it unwatched."""

import select
import socket
from collections.abc import Callable, Sequence
from typing import Any

POLL_SECONDS = 0.05
FIRST = 1 << 20  # bytes; more is made room for when they have come


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
                self.watch()
                try:
                    rest = rest[self.connection.send(rest) :]
                except BlockingIOError:
                    self._wait(select.POLLOUT)
                except OSError as error:
                    raise EOFError from error

    def receive(self, size: int) -> bytearray:
        """Return exactly `size` bytes; raise EOFError when no more will come.

        A promise of many bytes costs nothing: the buffer grows with those that are there.
        """
        buffer = bytearray(min(size, FIRST))
        there = 0
        while there < size:
            if there == len(buffer):
                buffer += bytes(min(3 * there, size - there))
            with memoryview(buffer) as view, view[there:] as rest:
                there += self._receive_into(rest)
        return buffer

    def _receive_into(self, rest: memoryview) -> int:
        while True:
            self.watch()  # also where there is always a byte more: a drip has no end
            try:
                count = self.connection.recv_into(rest)
            except BlockingIOError:
                self._wait(select.POLLIN)
                continue
            except OSError as error:
                raise EOFError from error
            if count == 0:
                raise EOFError
            return count

    def _wait(self, event: int) -> None:
        self.poll.register(self.connection, event)
        self.poll.poll(1000 * POLL_SECONDS)
