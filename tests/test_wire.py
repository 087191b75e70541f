"""The wire carries values unchanged, and takes nothing that is not a valid frame."""

import json

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.sandbox.inside import wire
from autograder.sandbox.inside.wire import Decoder, Encoder, MalformedError, UnsendableError


def refuse(value):
    raise UnsendableError(type(value).__name__)


def receiver(data):
    """A `receive` that takes from `data`, and ends as a socket does."""
    rest = memoryview(bytes(data))

    def receive(size):
        nonlocal rest
        if size > len(rest):
            raise EOFError
        taken, rest = rest[:size], rest[size:]
        return bytearray(taken)

    return receive


def there_and_back(value, writeable=True):
    encoder = Encoder(refuse)
    frame = b"".join(wire.pack({"value": encoder.encode(value)}, encoder.buffers))
    header, body = wire.read(receiver(frame))
    decoder = Decoder(body, refuse, writeable)
    result = decoder.decode(header["value"])
    decoder.finish()
    return result


def same(a, b):
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray | np.generic):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[k], b[k]) for k in a)
    return a == b or (a != a and b != b)


arrays = st.sampled_from(list(wire.DTYPES)).flatmap(
    lambda name: hnp.arrays(name, hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
)
leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(max_size=9), arrays,
    arrays.filter(lambda a: a.size > 0).map(lambda a: a.reshape(-1)[0]),
    st.sampled_from(list(wire.DTYPES.values())), st.sampled_from([np.float32, np.int64, np.bool_]),
)  # fmt: skip
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.one_of(st.text(), st.integers(-(2**59), 2**59)), inner, max_size=3),
    ),
    max_leaves=8,
)


def depth(value):
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list | tuple):
        return 0
    return 1 + max(map(depth, value), default=0)


@settings(max_examples=150, deadline=None)
@given(values)
def test_values_travel_unchanged(value):
    assume(depth(value) <= wire.MAX_DEPTH)
    assert same(there_and_back(value), value)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(12.0).reshape(3, 4).T,
        np.arange(12.0)[::3],
        np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)),
        np.arange(3, dtype=">i4"),
        np.ones(3).view(np.recarray),
        np.broadcast_to(np.float16(2), (2, 3)),
    ],
)
def test_arrays_of_any_layout_arrive_as_plain_ones(array):
    back = there_and_back(array)
    assert type(back) is np.ndarray
    assert back.dtype == array.dtype.newbyteorder("=")
    assert back.flags.c_contiguous
    np.testing.assert_array_equal(back, np.asarray(array))


def test_arrays_are_read_only_only_where_asked():
    assert there_and_back(np.ones(2)).flags.writeable
    assert not there_and_back(np.ones(2), writeable=False).flags.writeable


@pytest.mark.parametrize("shape", [(3, 4), (5, 1), (2, 3, 4)])
def test_a_view_arrives_with_gaps(shape):
    x = np.random.default_rng(0).normal(size=shape)
    back = there_and_back(wire.View(x))
    assert not back.flags.c_contiguous
    assert back.flags.writeable
    np.testing.assert_array_equal(back, x)
    assert there_and_back(wire.View(np.float64(3))) == 3


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (np.ma.masked_array([1.0, 2.0], [True, False]), "a masked array"),
        (np.array([None]), "an array of dtype object"),
        (np.array(["text"]), "an array of dtype str"),
        (np.zeros(2, dtype=[("a", "f4")]), "an array of dtype void"),
        (np.zeros(2, dtype="M8[s]"), "an array of dtype datetime64"),
        ({(1, 2): 3}, "keys are neither strings nor numbers"),
        ([0] * wire.MAX_NODES, "more than 20000 values"),
        (10**5000, "digits"),
        ("x" * wire.MAX_HEADER, "too much at once"),
        (object(), "object"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 50 else "value",
)
def test_what_cannot_travel_is_named(value, reason):
    with pytest.raises(UnsendableError, match=reason):
        there_and_back(value)


def test_a_container_within_itself_cannot_travel():
    endless = []
    endless.append(endless)
    with pytest.raises(UnsendableError, match="nested more than 8 deep"):
        there_and_back(endless)


def test_a_body_beyond_the_limit_is_not_sent():
    with pytest.raises(UnsendableError, match="too much at once"):
        wire.pack({}, [b"12345"], max_body=4)


def test_bytes_of_bools_are_normalised():
    back = Decoder(b"\x00\x07", refuse).decode({"a": ["bool", [2]]})
    assert back.tobytes() == b"\x00\x01"


def decode(node, body=b""):
    decoder = Decoder(body, refuse)
    decoder.decode(node)
    decoder.finish()


def deep(levels):
    node = 1
    for _ in range(levels):
        node = [node]
    return node


@pytest.mark.parametrize(
    "node",
    [
        {}, {"a": 1, "b": 2}, {"z": 1}, {"__class__": []},
        {"a": ["float64"]}, {"a": ["float64", 2]}, {"a": ["object", [1]]}, {"a": [["f8"], []]},
        {"a": ["float64", [-1]]}, {"a": ["float64", [True]]}, {"a": ["float64", [1.0]]},
        {"a": ["float64", [2]]}, {"a": ["float64", [2**62, 4]]}, {"a": ["float64", [0, 10**30]]},
        {"a": ["float64", [1] * 33]}, {"s": ["int8", [8]]}, {"b": -1}, {"b": 9}, {"b": True},
        {"b": 10**30}, {"t": {}}, {"d": [[1]]}, {"d": [[[], 1]]}, {"d": 3}, {"dtype": "object"},
        {"type": "O"}, {"type": []}, deep(9), [0] * wire.MAX_NODES,
        1,  # takes nothing of the body
    ],
    ids=lambda node: str(node)[:40],
)  # fmt: skip
def test_nodes_that_lie_are_refused(node):
    with pytest.raises(MalformedError):
        decode(node, b"8 bytes.")


@pytest.mark.parametrize(
    "data",
    [
        wire.PREFIX.pack(b"nope", 2, 0) + b"{}",
        wire.PREFIX.pack(wire.MAGIC, wire.MAX_HEADER + 1, 0),
        wire.PREFIX.pack(wire.MAGIC, 2, 101) + b"{}",
        wire.PREFIX.pack(wire.MAGIC, 2, 2**63) + b"{}",
        wire.PREFIX.pack(wire.MAGIC, 2, 0) + b"[]",
        wire.PREFIX.pack(wire.MAGIC, 2, 0) + b"\xff\xff",
        wire.PREFIX.pack(wire.MAGIC, 100_000, 0) + b"[" * 100_000,
        wire.PREFIX.pack(wire.MAGIC, 6000, 0) + b"9" * 6000,
    ],
    ids=range(8),
)
def test_frames_that_lie_are_refused_before_memory_is_taken(data):
    with pytest.raises(MalformedError):
        wire.read(receiver(data), max_body=100)


NODES = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-3, 2**70), st.floats(), st.text(max_size=3),
        st.sampled_from(list(wire.DTYPES)),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(["a", "v", "s", "b", "t", "d", "h", "dtype", "type", "x"]),
            inner, max_size=2,
        ),
    ),
)  # fmt: skip


def dig(content):
    raise MalformedError("a reference")


@settings(max_examples=400, deadline=None)
@given(NODES, st.binary(max_size=64))
def test_any_nodes_give_values_or_a_malformed_error(node, body):
    decoder = Decoder(body, dig)
    try:
        decoder.decode(json.loads(json.dumps(node)))
        decoder.finish()
    except MalformedError:
        pass


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_mutated_frame_gives_values_or_a_malformed_error(data):
    encoder = Encoder(refuse)
    value = ({"W": np.ones((2, 3)), 1: [True, None]}, np.float32(1), b"ab", np.arange(3))
    node = encoder.encode(value)
    frame = bytearray(b"".join(wire.pack({"value": node}, encoder.buffers)))
    for _ in range(data.draw(st.integers(1, 4))):
        frame[data.draw(st.integers(0, len(frame) - 1))] = data.draw(st.integers(0, 255))
    try:
        header, body = wire.read(receiver(frame), max_body=1000)
        decoder = Decoder(body, dig)
        decoder.decode(header.get("value"))
        decoder.finish()
    except (MalformedError, EOFError):  # EOF: it promises more than there is
        pass


def test_text_is_cleaned():
    assert wire.clean("a\x1b[31m\n\tb\u202ec\ud800 维度") == "a [31m b c 维度"
    assert wire.clean("x" * 1000) == "x" * 499 + "…"
