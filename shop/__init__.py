"""The shop itself: its identity, opening hours and staffing. It knows no items and no orders.

Empty until its first feature lands. `menu` and `orders` may import it; it may import only the lowest layers
(`cafe.web`, `cafe.caching`, `cafe.db`) and `cafe.conf`.
"""
