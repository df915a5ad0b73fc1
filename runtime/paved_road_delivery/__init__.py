"""Creates, compares and adopts releases: the tool behind `paved-road release`."""
