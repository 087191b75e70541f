"""The multiclass SVM loss of a linear classifier."""
