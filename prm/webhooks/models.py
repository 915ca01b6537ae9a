"""Where news is sent, and each time it was."""
