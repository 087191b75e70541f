"""What runs inside the sandbox: the standard library, NumPy and this folder, nothing else."""
