"""The shop itself: who we are, when we are open, with how many hands. It knows no items and no orders.

Empty until its first feature lands. `menu` and `orders` may import it; it may import only the floor (`cafe.web`,
`cafe.caching`, `cafe.db`) and `cafe.conf`.
"""
