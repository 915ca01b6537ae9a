"""A committed plan against actual, and its re-forecast, as both sides' pages and files show them."""
