"""What we do not draw: names of others, and steampunk."""
