"""Between NumPy and PyTorch."""
