"""Who signs people in: one client of GoTrue's REST, which Supabase speaks, and for development a
GoTrue of our own that it asks instead.
"""
