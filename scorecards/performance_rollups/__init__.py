"""Roll-ups of performance: actuals, plan, growth and coverage of many partners, added up from facts in the database.

`spans` says which days a period takes, `reading` which facts those are and whose; `figures` makes attainment, growth and
coverage of the sums. `page` holds what the pages share; each of the others is one page, whose file and API are the same figures.
"""
