"""What configurations will do, worked out before any router has them: paths, separation, doubles, points of failure."""
