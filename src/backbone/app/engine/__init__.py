"""What happens by itself: looking, telling, creating, applying, catching up, the census."""
