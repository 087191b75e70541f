"""The models of the course; import them from their modules, as in ``daseCV.classifiers.fc_net``."""
