"""The Solver: trains a model with mini-batches, and keeps the best parameters it has seen."""

import copy
import pickle

import numpy as np

from daseCV import optim


class Solver:
    """Training by stochastic gradient descent, or any other rule in `optim`.

    The solver draws batches from the training data, updates the parameters, and measures the
    accuracy on training and validation data before the second step and after every epoch. When
    `train` ends, or is interrupted, ``model.params`` are those with the best validation accuracy.

    Parameters
    ----------
    model : object
        Has a dictionary ``params`` of arrays by name, and a method ``loss(X, y)``, which returns
        the loss and the gradients by name; ``loss(X)`` returns the scores, shape (N, C).
    data : dict of str to ndarray
        ``X_train`` (N, d_1, ..., d_k), ``y_train`` (N,), ``X_val``, ``y_val``.
    update_rule : str
        Name of a rule in `optim`.
    optim_config : dict
        Hyper-parameters of the rule; every parameter of the model gets a copy of its own.
    lr_decay : float
        The learning rate is multiplied by it after every epoch.
    batch_size : int
        Images per step, drawn with replacement.
    num_epochs : int
        Epochs; one has ``max(N // batch_size, 1)`` steps.
    num_train_samples : int or None
        Training images to measure the accuracy on, drawn anew each time; None takes all.
    num_val_samples : int or None
        Validation images to measure the accuracy on; None takes all.
    checkpoint_name : str, optional
        Save the state after every epoch as ``<checkpoint_name>_epoch_<epoch>.pkl``. That is a
        pickle: **loading a stranger's checkpoint runs whatever code is in it**.
    print_every : int
        Print the loss each so many steps.
    verbose : bool
        Print at all.

    Attributes
    ----------
    loss_history : list of float
        Loss of every step.
    train_acc_history, val_acc_history : list of float
        Accuracies, one before the second step and one per epoch (when an epoch is a single step,
        the two coincide).
    best_val_acc : float
        Best validation accuracy.
    best_params : dict of str to ndarray
        A copy of the parameters it was reached with.

    Raises
    ------
    ValueError
        If a keyword argument or the update rule is unknown.

    Examples
    --------
    >>> solver = Solver(model, data, update_rule="sgd", optim_config={"learning_rate": 1e-2},
    ...                 lr_decay=0.95, num_epochs=10, batch_size=100)  # doctest: +SKIP
    >>> solver.train()  # doctest: +SKIP
    """

    def __init__(self, model, data, **kwargs):
        self.model = model
        self.X_train, self.y_train = data["X_train"], data["y_train"]
        self.X_val, self.y_val = data["X_val"], data["y_val"]

        self.update_rule = kwargs.pop("update_rule", "sgd")
        self.optim_config = kwargs.pop("optim_config", {})
        self.lr_decay = kwargs.pop("lr_decay", 1.0)
        self.batch_size = kwargs.pop("batch_size", 100)
        self.num_epochs = kwargs.pop("num_epochs", 10)
        self.num_train_samples = kwargs.pop("num_train_samples", 1000)
        self.num_val_samples = kwargs.pop("num_val_samples", None)
        self.checkpoint_name = kwargs.pop("checkpoint_name", None)
        self.print_every = kwargs.pop("print_every", 10)
        self.verbose = kwargs.pop("verbose", True)
        if kwargs:
            unknown = ", ".join(f'"{name}"' for name in kwargs)
            raise ValueError(f"Unrecognized arguments {unknown}")

        if not hasattr(optim, self.update_rule):
            raise ValueError(f'Invalid update_rule "{self.update_rule}"')
        self.update_rule = getattr(optim, self.update_rule)
        self._reset()

    def train(self):
        """Train for ``num_epochs`` epochs; interrupt it (Ctrl-C, or the stop button) to end early.

        An interrupt is not passed on: training stops, one printed line says so, and the notebook
        goes on with the best parameters so far.
        """
        steps_per_epoch = max(len(self.X_train) // self.batch_size, 1)
        num_steps = self.num_epochs * steps_per_epoch
        try:
            for t in range(num_steps):
                self._step()
                if self.verbose and t % self.print_every == 0:
                    print(f"(Iteration {t + 1} / {num_steps}) loss: {self.loss_history[-1]:f}")
                epoch_ends = (t + 1) % steps_per_epoch == 0
                if epoch_ends:
                    self._end_epoch()
                if epoch_ends or t == 0:
                    self._measure()
        except KeyboardInterrupt:
            print(
                f"Interrupted after {len(self.loss_history)} steps, the best parameters are kept / "
                f"训练被中断，保留最好的参数 (val_acc: {self.best_val_acc:f})"
            )
        self._restore_best()

    def check_accuracy(self, X, y, num_samples=None, batch_size=100):
        """Share of images that the model classifies correctly.

        Parameters
        ----------
        X : ndarray, shape (N, d_1, ..., d_k)
            Images.
        y : ndarray of int, shape (N,)
            Labels.
        num_samples : int, optional
            When there are more images than this, measure on so many, drawn with replacement.
        batch_size : int
            Images to classify at once, which bounds the memory.

        Returns
        -------
        accuracy : float
            Between 0 and 1.
        """
        if num_samples is not None and len(X) > num_samples:
            rows = np.random.choice(len(X), num_samples)
            X, y = X[rows], y[rows]
        starts = range(0, len(X), batch_size)
        scores = [self.model.loss(X[start : start + batch_size]) for start in starts]
        return np.mean(np.argmax(np.concatenate(scores), axis=1) == y)

    def _reset(self):
        """Start the books."""
        self.epoch = 0
        self.best_val_acc = 0
        self.best_params = {}
        self.loss_history = []
        self.train_acc_history = []
        self.val_acc_history = []
        self._best_bn_params = None
        self.optim_configs = {name: dict(self.optim_config) for name in self.model.params}

    def _step(self):
        """One update of every parameter, from one batch."""
        rows = np.random.choice(len(self.X_train), self.batch_size)
        loss, grads = self.model.loss(self.X_train[rows], self.y_train[rows])
        self.loss_history.append(loss)
        for name, w in self.model.params.items():
            config = self.optim_configs[name]
            self.model.params[name], self.optim_configs[name] = self.update_rule(
                w, grads[name], config
            )

    def _end_epoch(self):
        """Count the epoch and lower the learning rate."""
        self.epoch += 1
        for config in self.optim_configs.values():
            config["learning_rate"] *= self.lr_decay

    def _measure(self):
        """Accuracies into the histories; the best parameters, so far, into safety."""
        train_acc = self.check_accuracy(self.X_train, self.y_train, self.num_train_samples)
        val_acc = self.check_accuracy(self.X_val, self.y_val, self.num_val_samples)
        self.train_acc_history.append(train_acc)
        self.val_acc_history.append(val_acc)
        self._save_checkpoint()
        if self.verbose:
            print(
                f"(Epoch {self.epoch} / {self.num_epochs}) "
                f"train acc: {train_acc:f}; val_acc: {val_acc:f}"
            )
        # The first parameters count as best even at accuracy 0, so that there always are some.
        if val_acc > self.best_val_acc or not self.best_params:
            self.best_val_acc = val_acc
            self.best_params = {name: w.copy() for name, w in self.model.params.items()}
            self._best_bn_params = copy.deepcopy(getattr(self.model, "bn_params", None))

    def _restore_best(self):
        """Give the model its best parameters, and the running averages that belong to them."""
        if self.best_params:
            self.model.params = self.best_params
        if self._best_bn_params is not None:
            self.model.bn_params = self._best_bn_params

    def _save_checkpoint(self):
        """Pickle the state, when the solver was given a name for it."""
        if self.checkpoint_name is None:
            return
        checkpoint = {
            "model": self.model,
            "update_rule": self.update_rule,
            "lr_decay": self.lr_decay,
            "optim_config": self.optim_config,
            "batch_size": self.batch_size,
            "num_train_samples": self.num_train_samples,
            "num_val_samples": self.num_val_samples,
            "epoch": self.epoch,
            "loss_history": self.loss_history,
            "train_acc_history": self.train_acc_history,
            "val_acc_history": self.val_acc_history,
        }
        filename = f"{self.checkpoint_name}_epoch_{self.epoch}.pkl"
        if self.verbose:
            print(f'Saving checkpoint to "{filename}"')
        with open(filename, "wb") as file:
            pickle.dump(checkpoint, file)
