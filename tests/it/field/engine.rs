//! What happens in the world: draws, alerts, cascades.
