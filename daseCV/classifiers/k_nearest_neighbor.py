"""A k-nearest-neighbour classifier."""
