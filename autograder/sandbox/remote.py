"""What checks hold in their hands: the student's modules, and objects that stay in the child."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from autograder.sandbox.inside.wire import UnsendableError, View


class Handle:
    """An object that stays in the child: a container, a cache, a model.

    Attributes, items and calls are those of the object; `fetch` brings a container over. It is
    freed in the child when the last reference to the handle is gone here.
    """

    __slots__ = ("_id", "_kind", "_session")

    def __init__(self, session: Any, number: int, kind: str) -> None:
        put = object.__setattr__  # ours sets attributes in the child
        put(self, "_session", session)
        put(self, "_id", number)
        put(self, "_kind", kind)

    def fetch(self) -> Any:
        """Return the contents: dicts, lists and tuples of arrays and scalars."""
        return self._session.request("fetch", self)

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """Call it in the child."""
        return self._session.request("call", self, *args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        # Python, NumPy and pytest ask objects for names like __array_interface__; none of their
        # questions shall be answered by a student's code.
        if name.startswith("__"):
            raise AttributeError(name)
        return self._session.request("get", self, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._session.request("set", self, name, value)

    def __getitem__(self, key: Any) -> Any:
        return self._session.request("get_item", self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        self._session.request("set_item", self, key, value)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._session.request("unpack", self))

    def __reduce__(self) -> Any:
        raise TypeError("a handle cannot be copied or pickled")

    def __repr__(self) -> str:
        return f"<{self._kind} in the sandbox>"

    def __del__(self) -> None:
        self._session.freed.append(self._id)


class Name:
    """A module of the student's package, or something in it, not looked up before it is used."""

    def __init__(self, session: Any, path: str) -> None:
        self._session = session
        self._path = path

    def __getattr__(self, name: str) -> "Name":
        if name.startswith("__"):
            raise AttributeError(name)
        return Name(self._session, f"{self._path}.{name}")

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """Call it in the child."""
        return self._session.request("call", self, *args, **kwargs)

    def __repr__(self) -> str:
        return f"<{self._path} in the sandbox>"


class Student:
    """The student's package: ``student.layers.relu_forward(x)``."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def __getattr__(self, name: str) -> Name:
        if name.startswith("__"):
            raise AttributeError(name)
        return Name(self._session, name)

    def call(
        self,
        function: str | Name | Handle,
        *args: Any,
        after: Sequence[int | str] = (),
        **kwargs: Any,
    ) -> tuple[Any, list[Any]]:
        """Call a function and ask for arguments as they are afterwards.

        Parameters
        ----------
        function : str or Name or Handle
            ``"layers.relu_forward"``, for example.
        after : sequence of int or str
            Positions or names of arguments.

        Returns
        -------
        result : object
        values : list
            Those arguments, by value.
        """
        if isinstance(function, str):
            function = Name(self._session, function)
        return self._session.exchange("call", (function, *args), kwargs, after)

    def fetch(self, value: Any) -> Any:
        """Return the contents of a handle or of a named object, and any other value as it is."""
        if isinstance(value, Handle | Name):
            return self._session.request("fetch", value)
        return value

    def view(self, array: Any) -> View:
        """Mark an array to arrive as a view whose entries do not lie side by side."""
        return View(array)


def reference(session: Any) -> Callable[[Any], dict[str, Any]]:
    """Return the function that gives the node of a handle or a name of this session."""

    def share(value: Any) -> dict[str, Any]:
        if not isinstance(value, Handle | Name):
            raise UnsendableError(f"cannot send a {type(value).__name__}")
        if value._session is not session:
            raise UnsendableError("cannot send what belongs to another session")
        return {"h": value._id if isinstance(value, Handle) else value._path}

    return share
