"""What calls cost: the dated price list, the book of costs, and a meter for each call."""
