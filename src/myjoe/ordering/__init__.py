"""From a description to a run: the page orders, the planner, and placing an order."""
