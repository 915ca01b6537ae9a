"""The lead waterfall of an activity: stages, revenue, returns, timing. Pure."""
