"""The wire: frames of a JSON header and raw bytes, and the values they carry; used by both sides.

A frame is a 16-byte prefix (magic, header length, body length), a JSON header and a body. In the
header a value is a *node*: null, booleans, numbers, strings and lists stand for themselves,
everything else is an object of one key:

====================  ==============================================================
``{"a": [d, shape]}``  array of dtype d; its C-ordered bytes are next in the body
``{"v": [d, shape]}``  the same, to be rebuilt as a view with gaps between its entries
``{"s": [d, []]}``     NumPy scalar
``{"b": n}``           the next n bytes of the body
``{"t": [...]}``       tuple
``{"d": [[k, v]..]}``  dict
``{"dtype": d}``       ``np.dtype(d)``
``{"type": d}``        the scalar type, such as ``np.float32``
``{"h": ...}``         a reference, which only the two sides can read
====================  ==============================================================

Bytes are taken from the body in the order of the nodes, and all of it must be taken, so no range
can overlap another or lie outside. Whatever arrives is validated before memory of its size is
allocated; nothing is ever unpickled.
"""

import json
import math
import struct

import numpy as np

MAGIC = b"dCV1"
PREFIX = struct.Struct("<4sIQ")
MAX_HEADER = 1 << 20
MAX_BODY = 256 << 20
SMALL = 1 << 16
MAX_DEPTH = 8
MAX_NODES = 20_000
MAX_AXES = 32
MAX_EMPTY = 1 << 20  # entries, were no axis of it empty
LARGE_KEY = 1 << 60  # from 2**61 - 1 on many integers have one hash, and a dict of them takes long
PLAIN = (bool, int, float, str)
DTYPES = {
    name: np.dtype(name)
    for name in (
        "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
        "float16", "float32", "float64", "complex64", "complex128",
    )
}  # fmt: skip


class MalformedError(ValueError):
    """Bytes that are no valid frame, or nodes that are no valid value."""


class UnsendableError(TypeError):
    """A value that cannot travel."""


class View:
    """Mark an array that shall arrive as a view with gaps, as slicing makes them."""

    def __init__(self, array):
        self.array = np.asarray(array)


class Encoder:
    """Turn values into nodes, and collect the bytes that go into the body.

    Parameters
    ----------
    share : callable
        Gives the node of an object that does not travel by value, or raises `UnsendableError`.
    deep : bool
        Whether containers travel by value; otherwise they are shared too.
    """

    def __init__(self, share, deep=True):
        self.share = share
        self.deep = deep
        self.buffers = []
        self.nodes = 0

    def encode(self, value, depth=0):
        """Return the node of `value`; raise `UnsendableError`."""
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise UnsendableError(f"more than {MAX_NODES} values at once")
        if value is None or type(value) in PLAIN:
            return value
        if isinstance(value, np.ndarray):
            return {"a": self._array(value)}
        if isinstance(value, np.generic) and value.dtype.name in DTYPES:
            return {"s": self._array(value)}
        if isinstance(value, View):
            return {"v": self._array(value.array)}
        if isinstance(value, bytes):
            self.buffers.append(value)
            return {"b": len(value)}
        if isinstance(value, np.dtype) and value.name in DTYPES:
            return {"dtype": value.name}
        if isinstance(value, type) and issubclass(value, np.generic):
            return self._scalar_type(value)
        if self.deep and isinstance(value, (tuple, list, dict)):
            return self._container(value, depth + 1)
        for base in PLAIN:
            if isinstance(value, base):
                return base(value)
        return self.share(value)

    def _array(self, value):
        if isinstance(value, np.ma.MaskedArray):
            raise UnsendableError("a masked array")
        base = np.asarray(value)  # without the methods of a subclass
        dtype = DTYPES.get(base.dtype.name)
        if dtype is None:
            raise UnsendableError(f"an array of dtype {base.dtype.name[:40]}")
        flat = np.ascontiguousarray(base, dtype=dtype).reshape(-1)
        self.buffers.append(flat.view(np.uint8).data)
        return [dtype.name, list(base.shape)]

    def _scalar_type(self, value):
        for name, dtype in DTYPES.items():
            if dtype.type is value:
                return {"type": name}
        return self.share(value)

    def _container(self, value, depth):
        if depth > MAX_DEPTH:
            raise UnsendableError(f"containers nested more than {MAX_DEPTH} deep")
        if isinstance(value, dict):
            return {"d": [[self._key(k), self.encode(v, depth)] for k, v in value.items()]}
        nodes = [self.encode(v, depth) for v in value]
        return {"t": nodes} if isinstance(value, tuple) else nodes

    def _key(self, key):
        for base in PLAIN:
            if isinstance(key, base):
                return base(key)
        if key is None:
            return None
        raise UnsendableError("a dict whose keys are neither strings nor numbers")


READERS = {
    "a": "_array", "v": "_view", "s": "_scalar", "b": "_bytes", "dtype": "_dtype", "type": "_type",
}  # fmt: skip


class Decoder:
    """Turn nodes and the body back into values; anything odd is a `MalformedError`.

    Parameters
    ----------
    body : bytes-like
    resolve : callable
        Gives the object behind the content of a reference node, or raises.
    writeable : bool
        Whether the arrays may be written to. They are copies in any case.
    views : bool
        Whether there may be views among them.
    """

    def __init__(self, body, resolve, writeable=True, views=True):
        self.body = np.frombuffer(body, np.uint8) if len(body) else np.empty(0, np.uint8)
        self.resolve, self.writeable, self.views = resolve, writeable, views
        self.offset = 0
        self.nodes = 0

    def decode(self, node, depth=0):
        """Return the value of `node`."""
        self.nodes += 1
        if self.nodes > MAX_NODES or depth > MAX_DEPTH:
            raise MalformedError("too many values, or nested too deep")
        if node is None or type(node) in PLAIN:
            return node
        if type(node) is list:
            return [self.decode(item, depth + 1) for item in node]
        if type(node) is not dict or len(node) != 1:
            raise MalformedError("not a node")
        ((tag, content),) = node.items()
        if tag in ("t", "d"):
            return self._container(tag, content, depth + 1)
        if tag == "h":
            return self.resolve(content)
        if tag not in READERS or (tag == "v" and not self.views):
            raise MalformedError("a node of an unknown kind")
        return getattr(self, READERS[tag])(content)

    def finish(self):
        """Raise `MalformedError` unless the whole body was used."""
        if self.offset != len(self.body):
            raise MalformedError("bytes that belong to no value")

    def _container(self, tag, content, depth):
        if type(content) is not list:
            raise MalformedError("a container without a list")
        if tag == "t":
            return tuple([self.decode(item, depth) for item in content])
        result = {}
        for pair in content:
            if type(pair) is not list or len(pair) != 2 or isinstance(pair[0], (list, dict)):
                raise MalformedError("not an entry of a dict")
            if type(pair[0]) is int and abs(pair[0]) >= LARGE_KEY:
                raise MalformedError("a key beyond all limits")
            result[pair[0]] = self.decode(pair[1], depth)
        return result

    def _take(self, count):
        if type(count) is not int or not 0 <= count <= len(self.body) - self.offset:
            raise MalformedError("more bytes promised than sent")
        self.offset += count
        return self.body[self.offset - count : self.offset]

    def _array(self, content):
        if type(content) is not list or len(content) != 2 or type(content[1]) is not list:
            raise MalformedError("not an array")
        dtype, shape = self._dtype(content[0]), content[1]
        if len(shape) > MAX_AXES or any(type(n) is not int or n < 0 for n in shape):
            raise MalformedError("not a shape")
        # (0, 10**30) breaks NumPy, and (10**8, 0) whoever counts its rows, without a byte.
        if math.prod(n or 1 for n in shape) > (MAX_EMPTY if 0 in shape else MAX_BODY):
            raise MalformedError("a shape beyond all limits")
        raw = self._take(math.prod(shape) * dtype.itemsize)
        array = np.empty(shape, dtype)
        # A byte of 7 as a bool would be True and not equal to True.
        array.reshape(-1).view(np.uint8)[:] = raw != 0 if dtype == np.bool_ else raw
        array.flags.writeable = self.writeable
        return array

    def _view(self, content):
        array = self._array(content)
        if array.ndim == 0:
            return array
        wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
        wide[..., ::2] = array
        return wide[..., ::2]

    def _scalar(self, content):
        array = self._array(content)
        if array.ndim:
            raise MalformedError("a scalar with a shape")
        return array[()]

    def _bytes(self, content):
        return self._take(content).tobytes()

    def _dtype(self, name):
        if type(name) is not str or name not in DTYPES:
            raise MalformedError("not an allowed dtype")
        return DTYPES[name]

    def _type(self, name):
        return self._dtype(name).type


def pack(header, buffers=(), max_body=MAX_BODY):
    """Return the pieces of a frame, to be sent one after the other; raise `UnsendableError`."""
    try:
        text = json.dumps(header, separators=(",", ":")).encode("ascii")
    except ValueError as error:  # an integer of thousands of digits
        raise UnsendableError(str(error)) from error
    size = sum(len(buffer) for buffer in buffers)
    if len(text) > MAX_HEADER or size > max_body:
        raise UnsendableError(f"too much at once: {len(text)} + {size} bytes")
    pieces = [PREFIX.pack(MAGIC, len(text), size) + text, *buffers]
    return [b"".join(pieces)] if size < SMALL else pieces  # each piece wakes the other side up


def read(receive, max_body=MAX_BODY):
    """Read one frame.

    Parameters
    ----------
    receive : callable
        ``receive(n)`` returns exactly n bytes.
    max_body : int
        Bytes a body may have.

    Returns
    -------
    header : dict
    body : bytes-like

    Raises
    ------
    MalformedError
    """
    magic, header_size, body_size = PREFIX.unpack(receive(PREFIX.size))
    if magic != MAGIC or header_size > MAX_HEADER or body_size > max_body:
        raise MalformedError("not the start of a frame")
    try:
        header = json.loads(receive(header_size).decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise MalformedError("a header that is not JSON") from error
    if type(header) is not dict:
        raise MalformedError("a header that is not an object")
    return header, receive(body_size)


def clean(text, limit=500):
    """Return `text` in one line, without control characters, at most `limit` characters long."""
    text = "".join(c if c.isprintable() else " " for c in text[: 4 * limit])
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
