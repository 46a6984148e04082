"""From bytes to sightings: the only code that touches the web, and the pure readers of what came back."""
