"""Saving work beside the notebook, to go on with later and to hand in: ``saved/<name>.npz``.

A file holds the arrays ``params.<name>``; ``arguments``, a JSON object (the constructor's arguments
of a model, or hyper-parameters that were found); and ``data``, the digest of the training data at
hand. It never holds Python objects, so opening a stranger's file runs none of their code.
"""

import json
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from daseCV.data_utils import DataError, data_digest

RUNNING = ("running_mean", "running_var")  # what batch normalisation keeps for test time


@dataclass(frozen=True)
class Work:
    """What a file in ``saved/`` holds.

    Attributes
    ----------
    params : dict of str to ndarray
        Parameters of a model by name; empty when only hyper-parameters were saved.
    arguments : dict
        The constructor's arguments, or the hyper-parameters.
    data : str
        `data_utils.data_digest` of the training data, "" when there was none.
    """

    params: dict
    arguments: dict
    data: str


def save_work(name, *, params=None, arguments=None):
    """Write ``saved/<name>.npz`` in the current folder, all of it or nothing.

    Parameters
    ----------
    name : str
        Name of the work, without a folder; an ending ``.npy`` or ``.npz`` is dropped.
    params : dict of str to ndarray, optional
        Parameters of a model.
    arguments : dict, optional
        Numbers, strings, lists, NumPy scalars, arrays and dtypes: whatever JSON can hold.

    Returns
    -------
    path : Path
        The file.

    Raises
    ------
    ValueError
        If the name has a folder in it, or a parameter is not an array of numbers.
    TypeError
        If an argument cannot be written as JSON.
    """
    path = _path(name)
    arrays = {f"params.{key}": np.asarray(value) for key, value in (params or {}).items()}
    for key, value in arrays.items():
        if value.dtype.kind not in "biufc":
            raise ValueError(f"{key} is not an array of numbers (dtype {value.dtype})")
    arrays["arguments"] = np.array(json.dumps(arguments or {}, default=_plain))
    arrays["data"] = np.array(_digest_or_nothing())

    path.parent.mkdir(exist_ok=True)
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with open(unfinished, "wb") as file:
            np.savez(file, **arrays)
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)
    print(f"{path.as_posix()} saved.")
    return path


def load_work(name):
    """Read ``saved/<name>.npz`` of the current folder.

    Parameters
    ----------
    name : str
        As in `save_work`.

    Returns
    -------
    work : Work or None
        None, after a printed line, when there is no such file.

    Raises
    ------
    ValueError
        If the name has a folder in it, or the file is damaged or of another format.
    """
    path = _path(name)
    if not path.is_file():
        print(f"{path.as_posix()} not available.")
        return None
    try:
        with open(path, "rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = dict(file)
        arguments, data = json.loads(str(arrays.pop("arguments"))), str(arrays.pop("data"))
    except (ValueError, TypeError, KeyError, EOFError, OSError, zipfile.BadZipFile) as error:
        raise ValueError(f"{path.as_posix()} cannot be read: save it again ({error})") from error
    print(f"{path.as_posix()} loaded.")
    return Work({key.removeprefix("params."): arrays[key] for key in arrays}, arguments, data)


def matching_params(work, params):
    """Parameters of a saved model, when they fit those that a model has.

    Parameters
    ----------
    work : Work
        What was saved.
    params : dict of str to ndarray
        Parameters of the model that is to take them over.

    Returns
    -------
    params : dict of str to ndarray
        Those of the work whose names the model has.

    Raises
    ------
    ValueError
        If a parameter is missing or has another shape.
    """
    for key, value in params.items():
        saved = work.params.get(key)
        if saved is None or saved.shape != value.shape:
            found = "none" if saved is None else f"one of shape {saved.shape}"
            raise ValueError(
                f"this model needs {key} of shape {value.shape}, the file has {found}: "
                f"make the model with the arguments it was saved with, {work.arguments}"
            )
    return {key: work.params[key] for key in params}


def save_model(model, name):
    """Write a model as ``saved/<name>.npz``, see `save_work`.

    Running averages of batch normalisation are saved with the parameters, as ``running_mean1``,
    ``running_var1``, ... for ``model.bn_params[0]`` and so on.

    Parameters
    ----------
    model : object
        Has ``params``, a dictionary of arrays by name; ``arguments``, those of its constructor;
        and, if it has batch normalisation, ``bn_params``, a list of dictionaries.
    name : str
        As in `save_work`.

    Returns
    -------
    path : Path
        The file.
    """
    running = {
        f"{key}{i}": bn_param[key]
        for i, bn_param in enumerate(getattr(model, "bn_params", ()), start=1)
        for key in RUNNING
        if key in bn_param
    }
    return save_work(name, params={**model.params, **running}, arguments=model.arguments)


def load_model(model, name):
    """Give a model the parameters, and running averages, in ``saved/<name>.npz``.

    Parameters
    ----------
    model : object
        As in `save_model`, made with the arguments that the saved one was made with.
    name : str
        As in `save_work`.

    Returns
    -------
    found : bool
        Whether there was such a file.

    Raises
    ------
    ValueError
        If the file is damaged, or holds the parameters of a model of another shape.
    """
    work = load_work(name)
    if work is None:
        return False
    model.params = matching_params(work, model.params)
    for i, bn_param in enumerate(getattr(model, "bn_params", ()), start=1):
        saved = {key: work.params[f"{key}{i}"] for key in RUNNING if f"{key}{i}" in work.params}
        bn_param.update(saved)
    return True


def _path(name):
    """Path of the file for a name, relative to the current folder."""
    if not name or Path(name).name != name or "\\" in name:
        raise ValueError(f"name your work without a folder, not {name!r}: it goes into saved/")
    stem = name[:-4] if name.endswith((".npy", ".npz")) else name
    return Path("saved") / f"{stem}.npz"


def _plain(value):
    """NumPy scalars, arrays and dtypes in JSON's words."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, np.dtype) or (isinstance(value, type) and issubclass(value, np.generic)):
        return np.dtype(value).name
    raise TypeError(f"{value!r} cannot be saved as an argument: use numbers, strings and lists")


def _digest_or_nothing():
    """Digest of the training data, "" when there is none."""
    try:
        return data_digest()
    except DataError:
        return ""
