"""The forms of a business plan: what is typed in a step, and the parts of the plan's document it stands for."""
