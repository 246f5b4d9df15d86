//! Baselines: which controls, which settings, which waivers.
