"""What runs outside the web process: worker, clock, and the ways in."""
