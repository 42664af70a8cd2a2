"""How plans, results, checks and changes look on a terminal. Pure: records in, something to print out."""
