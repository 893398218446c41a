"""What a pen, a laser or a cutter does with strokes: their order, trails, hatching, swept shapes."""
