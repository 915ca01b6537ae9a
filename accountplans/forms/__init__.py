"""Forms over account plans. What they hold is written by `accountplans.actions`."""
