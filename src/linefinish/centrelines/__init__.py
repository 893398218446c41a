"""Centre lines: from a finished drawing to strokes with their widths."""
