"""Who tells browsers that something changed: our own stream (`tail`), or Supabase (`ticket`)."""
