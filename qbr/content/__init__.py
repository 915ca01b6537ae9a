"""What stands on each slide, read from the tools; one module per slide or family of slides."""
