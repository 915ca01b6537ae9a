"""What partners want to reach in a year and what the vendor wants of them, and how far they are."""
