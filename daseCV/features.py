"""Features of images: histograms of gradients and of colours."""
