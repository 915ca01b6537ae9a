"""The program's levels: requirements as dated data, who qualifies for what, and the cheapest way up. Rules, then reads."""
