"""What a pen, a laser or a cutter does with strokes: order, trails, hatching, swept shapes."""
