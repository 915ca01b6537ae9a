"""The deal desk: registrations, conflicts between them, and how long they are protected."""
