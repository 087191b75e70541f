"""A two-layer network with its own training loop."""
