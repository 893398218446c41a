"""What an operator asks and does by hand."""
