"""My Joe: the product's own rules, below the processes that follow them."""
