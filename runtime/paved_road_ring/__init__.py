"""A ring as its operators see it, from outside its nodes."""
