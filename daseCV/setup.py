"""Build the Cython extension."""
