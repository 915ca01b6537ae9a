"""News of a vendor sent to other systems: signed, tried again, logged, and sent anew on demand."""
