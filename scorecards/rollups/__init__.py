"""Roll-ups of capabilities: figures of many partners, each from one statement, each a way to exactly the partners behind it.

`sql` holds what their statements share, `page` what their pages share; each of the others is one roll-up: what it reads, then
how its page shows that. `figures` is the way down: the list of the partners behind a figure, and how it was computed.
"""
