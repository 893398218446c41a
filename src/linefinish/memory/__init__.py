"""Memory for pixels and scratch (`buffers`), and threads that share it (`threads`)."""
