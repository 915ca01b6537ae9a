"""The roll-up of commitment: plans signed, and what they come to against targets and actuals."""
