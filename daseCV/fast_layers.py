"""Fast convolution and pooling."""
