"""The command `myjoe`: above all packages, it may import them all."""
