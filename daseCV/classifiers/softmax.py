"""The softmax loss of a linear classifier."""
