"""A vendor one could give a demonstration on, made by `manage.py demo`. No feature depends on it."""
