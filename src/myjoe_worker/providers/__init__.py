"""Those who draw and enlarge: one file a provider."""
