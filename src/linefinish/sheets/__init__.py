"""A photographed or scanned sheet of paper: found, made flat, and set straight."""
