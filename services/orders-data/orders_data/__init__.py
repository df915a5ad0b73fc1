"""The data access layer of orders: REST in front of the ring, one table for each question."""
