"""The queue: a lease table or pgmq behind one protocol, and who listens for new jobs."""
