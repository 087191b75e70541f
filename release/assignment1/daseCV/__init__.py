"""daseCV: build computer vision by hand, one function at a time. The import loads nothing else."""
