"""The performance scorecard's figures: computed from what is known, never typed, each with its explanation.

- `inputs`: what is known of one partner or one family, in the reporting currency
- `plan`, `coverage`, `sales`, `readiness`, `metrics`, `composite`, `potential`: the figures (pure: no database, no clock)
- `figures`: all of them by key, for a day; `quarters` and `trend`: the quarter table and the months
- `policies`: the vendor's dated rules; `reading`: from the database to the inputs; `card`: all of it for one user and partner
"""
