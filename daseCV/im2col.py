"""Windows of images as columns of a matrix."""
