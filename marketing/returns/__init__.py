"""What came of approved activities against what was expected, and what each MDF dollar brought."""
