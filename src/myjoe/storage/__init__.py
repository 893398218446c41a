"""Where pages lie: a folder, Supabase Storage or S3, behind one protocol."""
