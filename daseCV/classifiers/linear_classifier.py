"""Linear classifiers trained by stochastic gradient descent."""
