"""Hidden checks of notebook tasks: trained models and found hyper-parameters."""
