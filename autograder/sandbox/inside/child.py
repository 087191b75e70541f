"""The child: answers messages about one student's code until the other side hangs up."""

import importlib
import io
import operator
import os
import random
import sys
import traceback
import warnings

import numpy as np

from . import wire, world


class Child:
    """One student's world, and the objects in it that the trusted side holds on to.

    Parameters
    ----------
    connection : socket.socket
    max_body : int
        Bytes a message may have beside its header.
    """

    def __init__(self, connection, max_body):
        self.connection = connection
        self.max_body = max_body
        self.world = None
        self.saved = {}
        self.objects = {}
        self.next_id = 0
        self.operations = {
            "load": self.load, "load_npz": self.load_npz, "call": call, "fetch": fetch,
            "get": getattr, "set": setattr, "get_item": operator.getitem,
            "set_item": operator.setitem, "unpack": tuple,
        }  # fmt: skip

    def serve(self):
        """Answer one message after the other."""
        while True:
            header, body = wire.read(self.receive, self.max_body)
            for piece in self.answer(header, body):
                self.connection.sendall(piece)

    def receive(self, size):
        """Return exactly `size` bytes; end the process when there is nobody left to serve."""
        buffer = bytearray(size)
        view = memoryview(buffer)
        while view:
            count = self.connection.recv_into(view)
            if count == 0:
                os._exit(0)
            view = view[count:]
        return buffer

    def answer(self, header, body):
        """Carry out a request; return the frame that holds its result or its error."""
        try:
            reply, buffers = self.carry_out(header, body)
            return wire.pack({"id": header["id"], **reply}, buffers, self.max_body)
        except BaseException as error:  # SystemExit and KeyboardInterrupt are answers too
            return wire.pack({"id": header["id"], "error": self.describe(error)})

    def carry_out(self, header, body):
        """Return the result, and arguments as they are afterwards, as nodes and buffers."""
        for number in header["free"]:
            self.objects.pop(number, None)
        seed(*header["seed"])
        decoder = wire.Decoder(body, self.resolve)
        args, kwargs = decoder.decode(header["args"]), decoder.decode(header["kwargs"])
        result = self.operations[header["op"]](*args, **kwargs)
        encoder = wire.Encoder(self.share, deep=isinstance(result, Whole))
        if isinstance(result, Whole):
            node = encoder.encode(result.value)
        elif isinstance(result, tuple):  # one level: what `out, cache = f(x)` takes apart
            node = {"t": [encoder.encode(value) for value in result]}
        else:
            node = encoder.encode(result)
        encoder.deep = True
        given = {**dict(enumerate(args[1:])), **kwargs}  # args[0] is what is called
        after = [encoder.encode(given[key]) for key in header["after"]]
        return {"result": node, "after": after}, encoder.buffers

    # --- references --------------------------------------------------------------------------

    def share(self, value):
        """Keep an object here, and give a node that refers to it."""
        self.next_id += 1
        self.objects[self.next_id] = value
        return {"h": [self.next_id, wire.clean(str(type(value).__name__), 60)]}

    def resolve(self, content):
        """Find the object of a number, or import what a name such as ``layers.relu`` stands for."""
        if isinstance(content, int):
            return self.objects[content]
        head, *attributes = content.split(".")
        name = self.world.locate(head)
        value = importlib.import_module(name)
        for attribute in attributes:
            if name in self.world.failures and getattr(value, attribute, None) is None:
                raise self.world.failures[name]
            value = getattr(value, attribute)
        return value

    # --- operations --------------------------------------------------------------------------

    def load(self, files, overlays, saved):
        """Take over a submission; nothing of it is executed yet."""
        self.world = world.install(files, overlays)
        self.saved = saved

    def load_npz(self, name):
        """Return the arrays of a saved file; its 0-d texts as strings."""
        with np.load(io.BytesIO(self.saved[name]), allow_pickle=False) as archive:
            arrays = {key: archive[key] for key in archive.files}
        texts = {k: str(v) for k, v in arrays.items() if v.dtype.kind == "U" and v.ndim == 0}
        return Whole({**arrays, **texts})

    # --- errors ------------------------------------------------------------------------------

    def describe(self, error):
        """Return what the trusted side may know of an exception, be it ever so hostile."""
        try:
            module, line = self.place(error)
            if isinstance(error, NameError) and module and error.name in self.world.missing[module]:
                error = self.world.missing[module][error.name]
                module, line = self.place(error)
            missing = error.name if isinstance(error, ImportError) else None
            return {
                "type": wire.clean(type(error).__name__, 100),
                "mro": [wire.clean(kind.__name__, 100) for kind in kinds_of(error)[:20]],
                "text": text_of(error),
                "module": module,
                "line": line,
                "missing": wire.clean(missing, 100) if isinstance(missing, str) else None,
            }
        except BaseException:
            return {
                "type": "Exception", "mro": ["Exception"], "text": "",
                "module": None, "line": None, "missing": None,
            }  # fmt: skip

    def place(self, error):
        """Return file and line in the student's code nearest to where `error` was raised."""
        files = self.world.sources if self.world else {}
        if isinstance(error, SyntaxError) and error.filename in files:
            return error.filename, error.lineno
        found = (None, None)
        for frame, line in traceback.walk_tb(error.__traceback__):
            if frame.f_code.co_filename in files and frame.f_code.co_filename[:6] != "<kit>/":
                found = frame.f_code.co_filename, line
        return found


class Whole:
    """A result of which everything travels."""

    def __init__(self, value):
        self.value = value


def call(function, /, *args, **kwargs):
    """Call what a reference refers to."""
    return function(*args, **kwargs)


def fetch(value):
    """Return all of a container."""
    return Whole(value)


def seed(number, count):
    """Seed every generator for one call."""
    random.seed(f"{number}/{count}")
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed((number % 2**32 << 16) + count)
    np.random.seed([number % 2**32, number // 2**32 % 2**32, count])


def kinds_of(error):
    """Return the classes of an exception; torch says only in words that memory is used up."""
    kinds = type(error).__mro__
    if type(error) is RuntimeError and "can't allocate memory" in str(error):
        return (*kinds, MemoryError)
    return kinds


def text_of(error):
    """Return an exception's text, even of one that does not want to give it."""
    try:
        text = error.msg if isinstance(error, SyntaxError) else str(error)
        return wire.clean(text)
    except BaseException:
        return ""


def main(connection, max_body):
    """Serve until the other side hangs up."""
    warnings.simplefilter("ignore")
    Child(connection, max_body).serve()
